// Reported paths and lines against any repository: what is found is there. The input is lines: the first a reported
// path, the second a rule, the third a source text, the rest the repository's files and the file's lines alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "scm/path_map.h"
#include "scm/relocate.h"

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::scm;
  std::vector<std::string_view> lines = lines_of({reinterpret_cast<const char*>(data), size});
  if (lines.size() < 4) return 0;
  std::span<const std::string_view> rest = std::span(lines).subspan(3);
  std::string paths;
  for (std::string_view line : rest) paths.append(line).push_back('\0');
  FileList files(std::move(paths));
  std::string_view rule = lines[1];
  size_t equals = std::min(rule.find('='), rule.size());
  std::vector<PathRule> rules{{std::string(rule.substr(0, equals)),
                               std::string(rule.substr(std::min(equals + 1, rule.size())))}};
  MappedPath mapped = map_path({lines[0], lines[2]}, rules, files);
  if (mapped.how != MappedPath::How::kNone) FLAWLESS_CHECK(files.contains(mapped.path));
  FLAWLESS_CHECK(mapped.candidates.size() <= 10);

  Relocation found = relocate(rest, {.number = static_cast<uint32_t>(size % 50), .text = lines[2], .before = {}, .after = {}});
  FLAWLESS_CHECK((found.line == 0) == (found.how == Relocation::How::kNone));
  FLAWLESS_CHECK(found.line <= rest.size());
  FLAWLESS_CHECK(found.confidence() >= 0 && found.confidence() <= 1);
  return 0;
}
