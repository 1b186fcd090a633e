#include "http/slot.h"

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "http/errors.h"

namespace flawless::http {

Slot::Slot(std::shared_ptr<Connection> connection, Method method, std::string path)
    : connection_(std::move(connection)), method_(method), path_(std::move(path)) {}

Slot::~Slot() {
  if (streaming_.load(std::memory_order_acquire)) {
    connection_->post({connection_, Delivery::Kind::kStreamEnd, {}, nullptr});
  } else {
    fail("it was dropped unanswered");
  }
}

void Slot::send(Response response) {
  if (answered_.exchange(true)) return;
  connection_->post({connection_, Delivery::Kind::kAnswer, std::move(response), also_});
}

void Slot::start_stream(Response head) {
  if (answered_.exchange(true)) return;
  streaming_.store(true, std::memory_order_release);
  connection_->post({connection_, Delivery::Kind::kStreamHead, std::move(head), also_});
}

bool Slot::write(std::string chunk) {
  return streaming_.load(std::memory_order_acquire) && connection_->write_stream(std::move(chunk));
}

void Slot::add_headers(std::shared_ptr<const std::vector<Header>> headers) {
  also_ = std::move(headers);
}

void Slot::fail(std::string_view why) {
  if (answered_.load()) return;
  const std::string reference = random_hex(8);
  std::string path;
  append_json_string(path, path_);  // a path may hold control characters
  log_error("http", "{} {} answered 500, reference {}: {}", method_name(method_), path, reference,
            why);
  send(internal_error(reference));
}

}  // namespace flawless::http
