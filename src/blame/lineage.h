// What history says about lines of equal text: are two that were found at different commits one
// line of code, which was rewritten (re-indented, moved, squashed, reverted), or are they two?
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "blame/identity.h"
#include "scm/mirror.h"
#include "scm/porcelain.h"

namespace flawless::blame {

// A line as it stands in a file at a commit; it may come from an older one.
using Place = Origin;

// Of all that is asked for one decision.
struct LineageLimits {
  int calls = 60;  // of git
  std::chrono::milliseconds time = std::chrono::minutes(2);
};

// Remembers what it read: one for one decision; its time begins when it is made. Waits for git; not
// for several threads. Errors are git's, or say that history is not there (any more): kNotFound, or
// that too much of it would have to be read: kExhausted.
class Lineage {
 public:
  Lineage(scm::Mirror& mirror, std::stop_token stop, const LineageLimits& limits = {});

  // Blame of the whole file to which white space does not matter: a re-indented line is from where
  // it was first written.
  [[nodiscard]] Result<std::shared_ptr<const scm::FileBlame>> blame(const std::string& commit,
                                                                    const std::string& path);

  // A line that was found, and where it comes from.
  struct Found {
    Place here;
    Origin origin;
  };
  // A line that is known by these origins, and where it was found last, if that is known.
  struct Known {
    std::span<const Origin> origins;
    std::optional<Place> last;
  };
  // Two that were in one file at one time are two. Else the younger one is the older one if it took
  // its place: git's diff, white space aside, puts the one where the other was; or the commit that
  // made the one took the other away, or neither history knows the other's commit, and both are the
  // n-th of the lines of their text of which the diff says nothing.
  [[nodiscard]] Result<bool> is_one(const Found& found, const Known& known);

 private:
  enum class Answer {
    kOne,
    kTwo,        // they were there side by side
    kAnother,    // neither became the other, as far as these two commits say
    kUnrelated,  // neither history knows the other's commit
  };
  struct File {
    std::shared_ptr<const scm::FileBlame> blame;
    std::vector<std::string> lines;  // white space squeezed
    std::string blob;
  };
  Result<std::string> ask(scm::GitCall call);
  Result<Origin> first_written(const Origin& origin);
  Result<std::vector<Origin>> first_written(std::span<const Origin> origins);
  Result<std::string> younger_of(const std::string& one, const std::string& other);
  Result<File> read(const Place& place);
  Result<Answer> compare(const Origin& known, const Origin& found);
  Result<std::string> parent_of(const std::string& commit);
  Result<bool> took_its_place(const Place& older, const Place& younger, bool by_order);

  scm::Mirror& mirror_;
  const std::stop_token stop_;
  const std::chrono::steady_clock::time_point deadline_;
  int calls_left_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const scm::FileBlame>> blames_;
};

}  // namespace flawless::blame
