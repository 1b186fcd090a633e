// One blocking HTTP request to our own server, over TCP or its local socket. The only file that
// knows libcurl here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace flawless::cli {

struct HttpCall {
  std::string url;
  std::string unix_socket;  // if set, connects there whatever the url says
  std::string
      certificate;  // if set, the server must show this one (PEM); its name does not matter then
  std::vector<std::string> headers;  // "Name: value"
  std::optional<std::string> body;   // POST if set, else GET
  std::chrono::seconds timeout{30};
};

struct HttpReply {
  int status = 0;
  std::string body;
};

// kNotFound: nobody listens there (nothing was sent); kUnavailable: somebody does, but no answer
// came, and what was sent may have its effect. Other codes: it cannot work, now or later.
[[nodiscard]] Result<HttpReply> http_call(const HttpCall& call);

// Whether somebody takes connections there; nothing is said to them. The look-up of the name is
// within the timeout too. kUnavailable says why not.
[[nodiscard]] Status try_to_connect(const std::string& host, int port,
                                    std::chrono::seconds timeout);

}  // namespace flawless::cli
