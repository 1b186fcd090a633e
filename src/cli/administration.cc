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
#include "intake/admission.h"
#include "os/lock_file.h"
#include "server/data_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::cli {
namespace {

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

// {"error":{"code","message"}}
Status error_of(const HttpReply& reply) {
  Arena arena;
  const auto parsed = api::read_json(reply.body, arena);
  const Value* error = parsed ? parsed->find("error") : nullptr;
  const Value* code = error != nullptr ? error->find("code") : nullptr;
  const Value* message = error != nullptr ? error->find("message") : nullptr;
  if (message == nullptr || code == nullptr) {
    return {Code::kInternal, fmt::format("the server answered {}", reply.status)};
  }
  return {code_of(code->text), std::string(message->text)};
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

// The caller holds the lock.
Result<std::string> run_here(const server::Config& config, const server::DataDir& data,
                             os::Disk& disk, std::string_view operation,
                             const std::string& arguments_json) {
  ASSIGN_OR_RETURN(const auto store, store::open_sqlite({.path = data.database(), .readers = 1}));
  intake::AdmissionBoard board(disk, data.admission());
  const SystemClock clock;
  api::Admin admin(*store, board, clock, config.http.public_url);
  auto reply = admin.call(operation, arguments_json);
  store->stop();
  return reply;
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

Result<std::string> administer(const server::Config& config, std::string_view operation,
                               const std::string& arguments_json) {
  const server::DataDir data{config.data_dir};
  RETURN_IF_ERROR(data.make());
  os::PosixDisk disk;
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const auto lock = os::LockFile::acquire(disk, data.lock());
    if (lock) return run_here(config, data, disk, operation, arguments_json);
    if (lock.code() != Code::kConflict) return lock.status();
    auto reply = ask_server(data, operation, arguments_json);
    if (reply && reply->status == 200) return std::move(reply->body);
    if (reply) return error_of(*reply);
    if (reply.code() != Code::kUnavailable) return reply.status();
    if (std::chrono::steady_clock::now() >= give_up) {
      return {Code::kUnavailable,
              fmt::format("{}; it does not serve {} ({}); try again when it does", lock.message(),
                          data.socket(), reply.message())};
    }
    std::this_thread::sleep_for(kRetryEvery);
  }
}

Result<std::string> administer(const Arguments& arguments, std::string_view operation,
                               const std::string& arguments_json) {
  ASSIGN_OR_RETURN(const server::Config config, find_config(arguments));
  ASSIGN_OR_RETURN(std::string reply, administer(config, operation, arguments_json));
  if (arguments.has("--json")) fmt::print("{}\n", reply);
  return reply;
}

}  // namespace flawless::cli
