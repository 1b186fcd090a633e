// What git prints, and lists that a repository brings along: any bytes give an error or consistent values.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "scm/ignore_revs.h"
#include "scm/porcelain.h"
#include "scm/revision.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::scm;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto blame = parse_porcelain(text, 1000)) {
    FLAWLESS_CHECK(blame->line_count <= 1000);
    for (uint32_t line = 1; line <= blame->line_count; ++line) FLAWLESS_CHECK(blame->at(line).has_value());
    FLAWLESS_CHECK(!blame->at(0) && !blame->at(blame->line_count + 1));
  }
  FLAWLESS_CHECK(unquote_path(text).size() <= size);
  for (const std::string& id : parse_ignore_revs(text)) FLAWLESS_CHECK(is_hex_revision(id));
  return 0;
}
