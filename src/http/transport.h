// The two kinds of connection. Asio and OpenSSL stay in the source file.
#pragma once

#include <memory>

#include "base/result.h"
#include "http/connection.h"
#include "http/loop.h"

namespace flawless::http {

class TlsContext {
 public:
  // TLS 1.2 or newer. kInvalid names the file that cannot be used.
  static Result<std::shared_ptr<TlsContext>> load(const TlsFiles& files);
  virtual ~TlsContext() = default;
};

// Takes the accepted socket; `tls` may be null. Call on the loop's thread, then start().
std::shared_ptr<Connection> make_connection(std::shared_ptr<Loop> loop, Listener::Accepted accepted,
                                            TlsContext* tls);

}  // namespace flawless::http
