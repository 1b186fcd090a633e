// What `git blame --porcelain` prints, as runs of lines. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace flawless::scm {

// Bytes as git has them: mostly UTF-8, not always. Names and addresses after the mailmap.
struct BlamedCommit {
  std::string id;
  std::string author, author_mail;  // the address without "<>"
  Time author_time{};
  std::string committer, committer_mail;
  Time committer_time{};
  std::string summary;  // first line of the message
  // History ends here, in a shallow clone: lines may as well be older and somebody else's.
  bool cut_off = false;
};

// Lines that came from one commit side by side. Lines count from 1.
struct BlameRun {
  uint32_t first_line = 0, lines = 0;
  uint32_t origin_line = 0;  // of the first line, in the file as the commit left it
  uint32_t commit = 0;       // index into commits
  uint32_t path = 0;         // index into paths: what the file was called in that commit
};

// One line's origin; the views are into the FileBlame.
struct BlamedLine {
  const BlamedCommit& commit;
  std::string_view origin_path;
  uint32_t origin_line = 0;
};

// A whole file's origins. A value that does not change once made.
struct FileBlame {
  std::vector<BlamedCommit> commits;
  std::vector<std::string> paths;
  std::vector<BlameRun> runs;  // by first_line, without gaps
  uint32_t line_count = 0;

  // None outside 1 … line_count.
  [[nodiscard]] std::optional<BlamedLine> at(uint32_t line) const;
  [[nodiscard]] size_t bytes() const;  // of memory, about
};

// kInternal when the text is not what git prints; kTooLarge above `most_lines`.
[[nodiscard]] Result<FileBlame> parse_porcelain(std::string_view text, uint32_t most_lines);

// A name as git quotes it when it holds control characters, quotes or backslashes; any other text
// is returned as it is.
[[nodiscard]] std::string unquote_path(std::string_view text);

}  // namespace flawless::scm
