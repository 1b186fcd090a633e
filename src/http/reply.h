// How an answer looks on the wire.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace flawless::http {

using SharedHeaders = std::shared_ptr<const std::vector<Header>>;

struct HeadStyle {
  bool http10 = false;
  bool keep_alive = true;
  bool chunked = false;  // no Content-Length: chunks follow (nothing at all for HTTP/1.0)
  const std::vector<Header>* also = nullptr;  // further headers
};

// Status line and headers up to the empty line. Control characters in headers become spaces, so
// that no value can add a header of its own.
std::string serialize_head(const Response& response, const HeadStyle& style);

// True for statuses that never carry a body (1xx, 204, 304).
bool is_bodiless(int status);

// Appends `bytes` as one chunk of a chunked body.
void append_chunk(std::string& out, std::string_view bytes);

}  // namespace flawless::http
