#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/ids.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/http_client.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

struct Destination {
  std::string url, certificate, token;
  std::string project;  // as it was named; with find_token() its id
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string report(const std::string& id, const std::string& message) {
  JsonWriter json;
  json.object().field("id", id).field("level", "error").field("platform", "flawless");
  json.field_if("host", host_name());
  json.key("exceptions").array().object().field("type", "TestError").field("message", message);
  json.end().end().end();
  return json.take();
}

// A token of the project that may post, and the project's id: unlike its name it needs no escapes.
Status find_token(const server::Config& config, Destination& to) {
  const std::string project = to.project;
  JsonWriter json;
  json.object().field("project", project).end();
  ASSIGN_OR_RETURN(const auto outcome, administer(config, "token.list", json.text()));
  ASSIGN_OR_RETURN(const Reply reply, Reply::read(outcome.reply));
  for (const Member& member : list_of(reply.value(), "tokens")) {
    if (text_of(member.value, "scope") == "post_server_item" &&
        text_of(member.value, "enabled") == "yes") {
      to.token = text_of(member.value, "token");
      to.project = text_of(member.value, "project");
      return Status::ok();
    }
  }
  return {Code::kNotFound,
          fmt::format("project {} has no enabled post_server_item token; make one with `flawless "
                      "token create --scope post_server_item --project {}`",
                      project, project)};
}

Result<Destination> destination(const Arguments& arguments) {
  Destination to{arguments.get("--url"), {}, arguments.get("--token"), arguments.get("--project")};
  if (to.token.empty() == to.project.empty()) {
    return {Code::kInvalid, "give either --token TOKEN or --project PROJECT"};
  }
  if (!to.url.empty() && !to.token.empty()) return to;  // needs no configuration
  ASSIGN_OR_RETURN(const server::Config config, find_config(arguments));
  if (to.url.empty()) {
    to.url = config.local_url();
    to.certificate = config.http.tls_certificate;
  }
  if (to.token.empty()) RETURN_IF_ERROR(find_token(config, to));
  return to;
}

Status refusal(const HttpReply& reply, const Destination& to) {
  std::string why = fmt::format("the server at {} answered {}", to.url, reply.status);
  if (const auto body = Reply::read(reply.body); body && body->value().find("error") != nullptr) {
    why += ": " + text_of(*body->value().find("error"), "message");
  }
  const bool later = reply.status == 429 || reply.status == 503;
  return {later ? Code::kUnavailable : Code::kInternal, why};
}

Status no_answer(const Status& why, const Destination& to) {
  const std::string what = fmt::format("cannot report to {}: {}", to.url, why.message());
  switch (why.code()) {
    case Code::kNotFound:
      return {Code::kUnavailable, what + "; is the server running?"};
    case Code::kUnavailable:
      return {Code::kUnavailable,
              what + "; it may have arrived. If the server's log shows that it hangs, stop it and "
                     "start it again"};
    default:
      return {why.code(), what};
  }
}

Status run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(Destination to, destination(arguments));
  while (to.url.ends_with('/')) to.url.pop_back();
  const ReportId id = ReportId::generate(unix_ms(SystemClock().now()));
  const std::string message =
      arguments.has("--message") ? arguments.get("--message") : "A test by `flawless send`";
  HttpCall call;
  call.url = to.url + "/api/2/report";
  call.certificate = to.certificate;
  call.headers = {"Content-Type: application/json", "Authorization: Bearer " + to.token};
  call.body = report(id.hex(), message);
  const auto reply = http_call(call);
  if (!reply) return no_answer(reply.status(), to);
  if (reply->status != 200) return refusal(*reply, to);
  const std::string see = fmt::format("{}/api/2/projects/{}/reports/{}", to.url,
                                      to.project.empty() ? "PROJECT" : to.project, id.hex());
  if (arguments.has("--json")) {
    JsonWriter json;
    json.object().field("id", id.hex()).field("see", see).end();
    fmt::print("{}\n", json.text());
    return Status::ok();
  }
  fmt::print("Reported as {}\nSee it:  curl -H \"Authorization: Bearer READ_TOKEN\" {}\n", id.hex(),
             see);
  return Status::ok();
}

}  // namespace

Command send_command() {
  return {"send",
          "Report a test error",
          {{"--project", "PROJECT", "id or name; its token is looked up"},
           {"--token", "TOKEN", "a token that may post"},
           {"--message", "TEXT", "what the error says"},
           {"--url", "URL", "of the server (default: the one configured here)"},
           kConfOption,
           kJsonOption},
          run};
}

}  // namespace flawless::cli
