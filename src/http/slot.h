// The one answer that a request gets: what a Responder holds on the server's side.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "http/connection.h"

namespace flawless::http {

// From any thread. The first answer counts, later ones are dropped. Destroyed unanswered it sends
// 500; destroyed after start_stream() it ends the stream.
class Slot final : public Responder::Sink {
 public:
  Slot(std::shared_ptr<Connection> connection, Method method, std::string path);
  ~Slot() override;

  void send(Response response) override;
  void start_stream(Response head) override;
  bool write(std::string chunk) override;
  void add_headers(std::shared_ptr<const std::vector<Header>> headers) override;

  // 500 with a reference that is logged beside `why`; nothing if there was an answer already.
  void fail(std::string_view why);

 private:
  const std::shared_ptr<Connection> connection_;
  const Method method_;
  const std::string path_;
  std::shared_ptr<const std::vector<Header>> also_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> streaming_{false};
};

}  // namespace flawless::http
