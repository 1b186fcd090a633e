// Bytes of a connection, in one piece and in many: no crash, no loop, never more body than allowed, all memory given
// back, and the same requests however the bytes were cut. The first byte is the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/request_reader.h"

namespace {

using namespace flawless;
using Progress = http::RequestReader::Progress;

constexpr http::ReadLimits kLimits{.max_header_bytes = 2048, .max_body_bytes = 4096};

struct Seen {
  std::vector<std::string> requests;
  bool refused = false;
};

std::string describe(const http::Request& request) {
  FLAWLESS_CHECK(request.body.size() <= kLimits.max_body_bytes);
  std::string text(method_name(request.method));
  text.append(request.path).append(request.query).append(request.body.view());
  for (const http::Header& header : request.headers) text.append(header.name).append(header.value);
  return text;
}

// False when the connection would be closed.
bool take_all(http::RequestReader& reader, std::string& waiting, Seen& seen) {
  std::string_view bytes = waiting;
  while (true) {
    Progress progress = reader.feed(bytes);
    seen.refused = progress == Progress::kRefused;
    if (seen.refused) return false;
    if (progress == Progress::kMore) break;
    seen.requests.push_back(describe(reader.take()));
    if (!reader.keep_alive()) return false;
    reader.reset();
  }
  waiting = std::string(bytes);
  return true;
}

Seen read_all(std::string_view bytes, size_t piece) {
  http::ByteBudget budget(1U << 20U);
  Seen seen;
  {
    http::RequestReader reader(kLimits, budget);
    std::string waiting;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      waiting.append(bytes.substr(at, piece));
      if (!take_all(reader, waiting, seen)) break;
    }
  }
  FLAWLESS_CHECK(budget.used() == 0);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Seen whole = read_all(bytes, bytes.size()), pieces = read_all(bytes, 1U + data[0]);
  size_t common = std::min(whole.requests.size(), pieces.requests.size());
  FLAWLESS_CHECK(std::equal(whole.requests.begin(), whole.requests.begin() + static_cast<ptrdiff_t>(common),
                            pieces.requests.begin()));
  FLAWLESS_CHECK(whole.refused || pieces.refused || whole.requests.size() == pieces.requests.size());
  return 0;
}
