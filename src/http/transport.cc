#include "http/transport.h"

#include <sys/socket.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>
#include <vector>

namespace flawless::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Loop::Executor>;

constexpr size_t kTlsBufferBytes = 16u << 10;

class LoadedTls final : public TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_server};
};

// What both kinds share: waiting for the socket and receiving into the loop's buffer, so that an
// idle connection owns none.
class SocketConnection : public Connection {
 public:
  SocketConnection(std::shared_ptr<Loop> on, Listener::Accepted accepted, bool tls)
      : Connection(std::move(on), accepted.peer, tls), socket_(loop().context()) {
    error_code error;
    const int family = accepted.peer.is_unix ? AF_UNIX : AF_INET;
    socket_.assign(asio::generic::stream_protocol(family, 0), accepted.fd.get(), error);
    if (!error) (void)accepted.fd.release();
  }

 protected:
  void receive_when_ready() {
    socket_.async_wait(Socket::wait_read,
                       [this, keep = shared_from_this()](const error_code& error) {
                         if (is_closed()) return;
                         error ? on_end() : receive();
                       });
  }
  void end_sending() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close_socket() override {
    error_code ignored;
    socket_.close(ignored);
  }

  Socket socket_;

 private:
  void receive() {
    auto& buffer = loop().scratch();
    const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (got > 0) return on_input({buffer.data(), static_cast<size_t>(got)});
    const bool again = got < 0 && (errno == EAGAIN || errno == EINTR);
    again ? receive_when_ready() : on_end();
  }
};

class PlainConnection final : public SocketConnection {
 public:
  PlainConnection(std::shared_ptr<Loop> on, Listener::Accepted accepted)
      : SocketConnection(std::move(on), std::move(accepted), false) {}

 private:
  void start_handshake() override { on_ready(); }
  void start_read() override { receive_when_ready(); }
  void start_raw_read() override { receive_when_ready(); }
  ssize_t write_some(std::string_view bytes) override {
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) return sent;
    if (errno != EAGAIN && errno != EINTR) return -1;
    socket_.async_wait(Socket::wait_write,
                       [this, keep = shared_from_this()](const error_code& error) {
                         if (is_closed()) return;
                         error ? on_end() : on_written(0);
                       });
    return 0;
  }
};

class TlsConnection final : public SocketConnection {
 public:
  TlsConnection(std::shared_ptr<Loop> on, Listener::Accepted accepted, asio::ssl::context& context)
      : SocketConnection(std::move(on), std::move(accepted), true), stream_(socket_, context) {}

 private:
  void start_handshake() override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [this, keep = shared_from_this()](const error_code& error) {
                              if (is_closed()) return;
                              if (error) return on_end();
                              buffer_.resize(kTlsBufferBytes);
                              on_ready();
                            });
  }
  void start_read() override {
    stream_.async_read_some(asio::buffer(buffer_),
                            [this, keep = shared_from_this()](const error_code& error, size_t n) {
                              if (is_closed()) return;
                              error ? on_end() : on_input({buffer_.data(), n});
                            });
  }
  // Only while lingering. The shutdown reads until the peer's close_notify; what a peer sends
  // instead ends it with an error and is then thrown away undecoded.
  void start_raw_read() override {
    if (!shutting_down_) receive_when_ready();
  }
  void end_sending() override {
    shutting_down_ = true;
    stream_.async_shutdown([this, keep = shared_from_this()](const error_code& error) {
      shutting_down_ = false;
      if (is_closed()) return;
      if (!error) return on_end();
      SocketConnection::end_sending();
      receive_when_ready();
    });
  }
  ssize_t write_some(std::string_view bytes) override {
    stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                             [this, keep = shared_from_this()](const error_code& error, size_t n) {
                               if (is_closed()) return;
                               error ? on_end() : on_written(n);
                             });
    return 0;
  }

  asio::ssl::stream<Socket&> stream_;
  std::vector<char> buffer_;
  bool shutting_down_ = false;
};

Status use_file(const error_code& error, const std::string& what, const std::string& path) {
  if (!error) return Status::ok();
  return {Code::kInvalid, "the TLS " + what + " " + path + " cannot be used: " + error.message()};
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsFiles& files) {
  auto loaded = std::make_shared<LoadedTls>();
  asio::ssl::context& context = loaded->context;
  error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  context.use_certificate_chain_file(files.certificate, error);
  RETURN_IF_ERROR(use_file(error, "certificate", files.certificate));
  context.use_private_key_file(files.key, asio::ssl::context::pem, error);
  RETURN_IF_ERROR(use_file(error, "key", files.key));
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return {Code::kInvalid, "the TLS key " + files.key + " does not belong to the certificate " +
                                files.certificate};
  }
  return std::shared_ptr<TlsContext>(std::move(loaded));
}

std::shared_ptr<Connection> make_connection(std::shared_ptr<Loop> loop, Listener::Accepted accepted,
                                            TlsContext* tls) {
  if (tls == nullptr) {
    return std::make_shared<PlainConnection>(std::move(loop), std::move(accepted));
  }
  return std::make_shared<TlsConnection>(std::move(loop), std::move(accepted),
                                         static_cast<LoadedTls*>(tls)->context);
}

}  // namespace flawless::http
