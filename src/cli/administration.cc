#include "cli/administration.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "api/admin.h"
#include "api/json_in.h"
#include "cli/http_client.h"
#include "cli/output.h"
#include "intake/admission.h"
#include "os/lock_file.h"
#include "server/data_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::cli {
namespace {

using api::Admin;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{5000};
constexpr milliseconds kRetryEvery{100};

Code code_of(std::string_view name) {
  for (const Code code : {Code::kInvalid, Code::kNotFound, Code::kConflict, Code::kDenied,
                          Code::kTooLarge, Code::kExhausted, Code::kUnavailable, Code::kCorrupt}) {
    if (code_name(code) == name) return code;
  }
  return Code::kInternal;
}

// {"error":{"code","message"},"reply"?}: with a reply, something was made all the same.
Result<Admin::Outcome> outcome_of(HttpReply answer) {
  if (answer.status == 200) return Admin::Outcome{std::move(answer.body), {}};
  Arena arena;
  const auto parsed = api::read_json(answer.body, arena);
  const Value* error = parsed ? parsed->find("error") : nullptr;
  const Value* code = error != nullptr ? error->find("code") : nullptr;
  const Value* message = error != nullptr ? error->find("message") : nullptr;
  if (message == nullptr || code == nullptr) {
    return {Code::kInternal, fmt::format("the server answered {}", answer.status)};
  }
  Status status(code_of(code->text), std::string(message->text));
  const Value* reply = parsed->find("reply");
  if (reply == nullptr) return status;
  JsonWriter json;
  write_value(json, *reply);
  return Admin::Outcome{json.take(), std::move(status)};
}

Result<HttpReply> ask_server(const server::DataDir& data, std::string_view operation,
                             const std::string& arguments_json) {
  HttpCall call;
  call.url = fmt::format("http://localhost/admin/{}", operation);
  call.unix_socket = data.socket();
  call.headers = {"Content-Type: application/json"};
  call.body = arguments_json;
  return http_call(call);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Status no_data(const server::Config& config) {
  return {Code::kNotFound,
          fmt::format("there is no data in {} yet, which {} names: has the server been started "
                      "with this configuration?",
                      config.data_dir, config.file)};
}

// Which can come before the first start of the server.
bool makes_something(std::string_view operation) { return operation.ends_with(".create"); }

// The port is any free one, and not known before the server runs.
void warn_about_port(const server::Config& config, std::string_view operation) {
  if (config.http.port != 0) return;
  if (operation != "project.create" && operation != "project.list") return;
  fmt::print(stderr,
             "flawless: note: 'http.port' is 0: addresses have no port as long as no server runs; "
             "`flawless project list` shows the DSN when one does\n");
}

// The caller holds the lock.
Result<Admin::Outcome> run_here(const server::Config& config, const server::DataDir& data,
                                os::Disk& disk, std::string_view operation,
                                const std::string& arguments_json) {
  if (!exists(data.database()) && !makes_something(operation)) return no_data(config);
  ASSIGN_OR_RETURN(const auto store, store::open_sqlite({.path = data.database(), .readers = 1}));
  intake::AdmissionBoard board(disk, data.admission());
  (void)board.load();  // one that is damaged is written anew
  const SystemClock clock;
  Admin admin(*store, board, clock, config.http.public_url);
  auto outcome = admin.call(operation, arguments_json);
  store->stop();
  if (outcome) warn_about_port(config, operation);
  return outcome;
}

// What the server was asked for is done, will be done, or is lost: nobody here can tell.
Status no_answer(const server::DataDir& data, std::string_view why, std::string_view holder) {
  return {Code::kUnavailable,
          fmt::format("the server does not answer at {}: {}; {}, if its log shows that it hangs, "
                      "and look whether it has done what was asked",
                      data.socket(), why, holder)};
}

std::string default_config_path() {
  const server::Environment environment = server::process_environment();
  if (const auto named = environment("FLAWLESS_CONF"); named && !named->empty()) return *named;
  if (::access("flawless.cfg", F_OK) == 0) return "flawless.cfg";
  return "/etc/flawless/flawless.cfg";
}

}  // namespace

Result<server::Config> find_config(const Arguments& arguments) {
  const std::string path =
      arguments.has("--conf") ? arguments.get("--conf") : default_config_path();
  return server::load_config(path, server::process_environment());
}

Result<Admin::Outcome> administer(const server::Config& config, std::string_view operation,
                                  const std::string& arguments_json) {
  const server::DataDir data{config.data_dir};
  if (!makes_something(operation) && !exists(data.database()) && !exists(data.lock())) {
    return no_data(config);
  }
  RETURN_IF_ERROR(data.make());
  os::PosixDisk disk;
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const auto lock = os::LockFile::acquire(disk, data.lock());
    if (lock) return run_here(config, data, disk, operation, arguments_json);
    if (lock.code() != Code::kConflict) return lock.status();
    auto answer = ask_server(data, operation, arguments_json);
    if (answer) return outcome_of(std::move(*answer));
    if (answer.code() != Code::kNotFound) return no_answer(data, answer.message(), lock.message());
    if (std::chrono::steady_clock::now() >= give_up) {
      return {Code::kUnavailable,
              fmt::format("{}; it does not serve {} ({}); try again when it does", lock.message(),
                          data.socket(), answer.message())};
    }
    std::this_thread::sleep_for(kRetryEvery);
  }
}

Status administer(const Arguments& arguments, std::string_view operation,
                  const std::string& arguments_json,
                  const std::function<void(const Value& reply)>& show) {
  ASSIGN_OR_RETURN(const server::Config config, find_config(arguments));
  ASSIGN_OR_RETURN(const Admin::Outcome outcome, administer(config, operation, arguments_json));
  if (arguments.has("--json")) {
    fmt::print("{}\n", outcome.reply);
  } else {
    ASSIGN_OR_RETURN(const Reply reply, Reply::read(outcome.reply));
    show(reply.value());
  }
  return outcome.status;
}

}  // namespace flawless::cli
