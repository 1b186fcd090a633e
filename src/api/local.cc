#include "api/local.h"

#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "api/reply.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace flawless::api {
namespace {

constexpr std::string_view kPrefix = "/admin/";

// A job as std::function wants it: copyable, though a Responder is not.
struct Call {
  http::Request request;
  http::Responder responder;
};

bool is_owner(uint32_t uid) { return uid == geteuid() || uid == 0; }

// `reply`: what was made all the same; empty if nothing was.
http::Response error_response(const Status& status, std::string_view reply = {}) {
  JsonWriter json;
  json.object().key("error").object();
  json.field("code", code_name(status.code())).field("message", status.message());
  json.end();
  if (!reply.empty()) json.key("reply").raw(reply);
  json.end();
  http::Response response;
  response.status = http_status(status.code());
  response.body = json.take();
  return response;
}

std::string_view operation_of(const http::Request& request) {
  return std::string_view(request.path).substr(kPrefix.size());
}

http::Response run(Admin& admin, const http::Request& request) {
  auto outcome = admin.call(operation_of(request), request.body.view());
  if (!outcome) return error_response(outcome.status());
  if (!outcome->status) return error_response(outcome->status, outcome->reply);
  http::Response response;
  response.body = std::move(outcome->reply);
  return response;
}

Status check(const http::Request& request) {
  if (!is_owner(request.peer_uid)) {
    return {Code::kDenied, "only the user that runs the server may administer it here"};
  }
  if (!request.path.starts_with(kPrefix)) {
    return {Code::kNotFound, "this socket knows POST /admin/OPERATION only"};
  }
  if (request.method != http::Method::kPost) {
    return {Code::kInvalid, "operations are sent by POST"};
  }
  return Status::ok();
}

}  // namespace

http::Handler local_handler(Admin& admin, Executor executor) {
  auto one_at_a_time = std::make_shared<std::mutex>();
  return [&admin, one_at_a_time, executor = std::move(executor)](http::Request&& request,
                                                                 http::Responder responder) {
    if (const Status refused = check(request); !refused.is_ok()) {
      responder.send(error_response(refused));
      return;
    }
    auto call = std::make_shared<Call>(Call{std::move(request), std::move(responder)});
    const bool queued = executor([&admin, one_at_a_time, call] {
      std::unique_lock alone(*one_at_a_time, std::defer_lock);
      if (!Admin::may_wait(operation_of(call->request))) alone.lock();
      call->responder.send(run(admin, call->request));
    });
    if (!queued) {
      call->responder.send(error_response({Code::kUnavailable, "the server is busy; try again"}));
    }
  };
}

}  // namespace flawless::api
