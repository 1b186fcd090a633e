// Who last changed each line of a file, at a commit.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/lru.h"
#include "scm/mirror.h"
#include "scm/porcelain.h"

namespace flawless::scm {

struct Blame {
  std::string last_commit;  // the last one up to the commit asked for that touched the path
  // Plain git blame with fixed flags: a line's identity hangs on it.
  std::shared_ptr<const FileBlame> plain;
  // Looking through the commits of .git-blame-ignore-revs: who wrote it. The same object as
  // `plain` where that makes no difference.
  std::shared_ptr<const FileBlame> through;
};

// Blames whole files and remembers them by (last commit that touched the path, path), so that the
// second line of a file is free and a deploy costs nothing for the files it did not touch. People's
// names follow the .mailmap, and the commits to look through the list, of the mirror's tip.
//
// Threads: any. Two that ask for the same file at once may both do the work. The mirror must
// outlive it.
class Blamer {
 public:
  struct Limits {
    uint64_t file_bytes = 4U << 20U;
    uint32_t file_lines = 100'000;
    std::chrono::milliseconds time = std::chrono::seconds(60);  // for each git
    size_t cache_bytes = 16U << 20U;
  };

  explicit Blamer(Mirror& mirror) : Blamer(mirror, Limits()) {}
  Blamer(Mirror& mirror, Limits limits);

  // `commit` is a full id (Mirror::resolve). kNotFound: no such file there, or it is binary or no
  // regular file, or no such commit; kTooLarge: over a limit; kUnavailable: it took too long.
  [[nodiscard]] Result<Blame> blame(const std::string& commit, const std::string& path,
                                    const std::stop_token& stop = {});

  // Answers out of the cache, and all.
  struct Counts {
    uint64_t asked = 0, cached = 0;
  };
  [[nodiscard]] Counts counts() const { return {asked_.load(), cached_.load()}; }

 private:
  // What the project says about itself at its tip; nothing while there is none.
  struct Guidance {
    std::string tip, stamp;  // equal stamps: same .mailmap, same list
    std::vector<std::string> ignored;
  };
  struct Question {
    const Guidance& guidance;
    const std::string &commit, &path, &boundary;  // see Mirror::boundary()
    const std::stop_token& stop;
  };

  Result<std::shared_ptr<const Guidance>> guidance();
  Result<std::string> last_touch(const std::string& commit, const std::string& path,
                                 const std::string& depth, const std::stop_token& stop);
  Status check_file(const std::string& commit, const std::string& path);
  Result<Blame> compute(const Question& question);
  Result<std::shared_ptr<const FileBlame>> run(const Question& question, bool through);

  Mirror& mirror_;
  const Limits limits_;
  Lru<Blame> cache_;
  Lru<std::string> touches_;  // commit, depth and path -> the last commit that touched it
  Locked<std::shared_ptr<const Guidance>> guidance_;
  std::atomic<uint64_t> asked_ = 0, cached_ = 0;
};

}  // namespace flawless::scm
