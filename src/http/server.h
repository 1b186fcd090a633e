// An HTTP/1.1 server that answers later: a handler gets the request and a Responder, and may answer
// from any thread. The only room that knows Boost.Beast; nothing of it is visible here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace flawless::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view method_name(Method method);

struct Header {
  std::string name;
  std::string value;
};

// A request body with kSlackBytes readable (zero) bytes behind it, as simdjson wants it.
inline constexpr size_t kSlackBytes = 64;
class Body {
 public:
  Body() = default;
  Body(std::unique_ptr<char[]> bytes, size_t size) : bytes_(std::move(bytes)), size_(size) {}
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
};

struct Request {
  Method method = Method::kGet;
  std::string path;   // percent-decoded, without the query; "/" at least
  std::string query;  // as sent, without "?"; may hold secrets: never log it
  std::vector<Header> headers;
  Body body;
  std::string peer;     // the client's address: the socket's, or X-Forwarded-For's when a trusted
                        // proxy sent it
  bool secure = false;  // arrived by TLS here, or a trusted proxy says https
  uint32_t peer_uid = ~0u;  // on a Unix socket: the connecting user

  // First header of that name, letter case aside; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // First query parameter of that name, decoded; nothing if absent.
  [[nodiscard]] std::string query_value(std::string_view name) const;
  // All of them, in order.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> query_values() const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<Header> headers;
  std::string body;
  bool close = false;  // close the connection after this answer
};

// Answers one request, once, from any thread. Dropping it unanswered sends 500 with a reference
// that is logged.
class Responder {
 public:
  class Sink {  // implemented by the connection
   public:
    virtual ~Sink() = default;
    virtual void send(Response response) = 0;
    // Starts an answer without length (server-sent events); write() then adds to it. False once the
    // peer is gone. The connection is closed behind the last chunk.
    virtual void start_stream(Response head) = 0;
    virtual bool write(std::string chunk) = 0;
    // Headers for whatever answer goes out, also an error of the server's own.
    virtual void add_headers(std::shared_ptr<const std::vector<Header>>) {}
  };
  explicit Responder(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept = default;
  ~Responder();

  void send(Response response);
  // Before the answer, by whoever routes the request.
  void add_headers(std::shared_ptr<const std::vector<Header>> headers);

  // The answer ends when the last copy is gone.
  class Stream {
   public:
    explicit Stream(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
    // From any thread. False once the peer is gone; a peer that lets 1 MiB wait is cut off.
    [[nodiscard]] bool write(std::string chunk) {
      return sink_ != nullptr && sink_->write(std::move(chunk));
    }

   private:
    std::shared_ptr<Sink> sink_;
  };
  [[nodiscard]] Stream stream(Response head);

 private:
  std::shared_ptr<Sink> sink_;
};

using Handler = std::function<void(Request&&, Responder)>;

// Why the server itself refuses a request: over a limit, too slow, not well formed.
struct Refused {
  int status = 0;
  std::string code, message;
};
// The request has its head only, its body is empty. The connection closes behind the answer.
using RefusedHandler = std::function<void(Request&&, const Refused&, Responder)>;

struct TlsFiles {
  std::string certificate;  // PEM, leaf first
  std::string key;          // PEM
};

struct Options {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 = any free port; see Server::port()
  int inherited_socket =
      -1;  // a listening socket passed by the service manager; wins over address and port
  std::string unix_socket;  // if set, listens there (mode 0600) instead of on TCP
  TlsFiles tls;             // empty = plain HTTP
  int threads = 2;
  size_t max_body_bytes = 20u << 20;    // on the wire: more is answered 413 without reading it
  size_t max_header_bytes = 32u << 10;  // 431
  size_t max_connections = 20'000;  // over it the connection that has idled longest is closed first
  size_t max_buffered_bytes = 256u
                              << 20;  // bodies being read, all connections together: 503 over it
  std::chrono::seconds header_timeout{
      10};  // from the first byte of a request to the end of its headers
  std::chrono::seconds body_timeout{30};
  std::chrono::seconds idle_timeout{75};       // keep-alive
  std::chrono::milliseconds stop_grace{5000};  // how long stop() waits for running requests
  RefusedHandler refused;  // answers what is refused once its head was read; without it we do
  std::vector<std::string> trusted_proxies;    // addresses or CIDR blocks whose X-Forwarded-* count
};

struct Stats {
  uint64_t connections_open = 0, connections_total = 0, requests = 0;
  uint64_t timeouts = 0, too_large = 0, malformed = 0,
           shed = 0;  // shed: closed or refused for want of room
};

// Life cycle: create, start(), stop(). Handlers run on the I/O threads and must not block: work
// that waits goes to a pool of its own and answers through the Responder.
class Server {
 public:
  virtual ~Server() = default;
  // kConflict when the address is taken; kInvalid for a bad address or certificate, naming it.
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(const Options& options,
                                                              Handler handler);
  // Begins to accept. Between listen() and start() connections wait in the kernel's queue.
  virtual void start() = 0;
  // Stops accepting, lets running requests end (at most stop_grace), closes. Idempotent.
  virtual void stop() = 0;
  [[nodiscard]] virtual uint16_t port() const = 0;
  [[nodiscard]] virtual Stats stats() const = 0;
};

}  // namespace flawless::http
