// Files as they were at a commit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/mirror.h"

namespace flawless::scm {

struct FileAt {
  std::string id;  // of the blob
  uint64_t bytes = 0;
};

// `commit` is a full id. kNotFound: no such path there, or a directory, link or submodule.
[[nodiscard]] Result<FileAt> find_file(Mirror& mirror, const std::string& commit,
                                       const std::string& path);

// Where the symbolic link at `path` leads to, in one step. kNotFound: no link, or one that leads
// out of the repository or to no file; the message says which.
[[nodiscard]] Result<std::string> follow_link(Mirror& mirror, const std::string& commit,
                                              const std::string& path);

// The bytes of a blob. kTooLarge above `most_bytes`.
[[nodiscard]] Result<std::string> read_blob(Mirror& mirror, const FileAt& file,
                                            uint64_t most_bytes = 4U << 20U);

// Git's own rule: a NUL in the first 8000 bytes.
[[nodiscard]] bool is_binary(std::string_view content);

// Without line ends ("\n" or "\r\n"). The views are into `content`.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view content);

}  // namespace flawless::scm
