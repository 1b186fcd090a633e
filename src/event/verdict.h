// Who is to blame for a line, and why we say so. Plain values; stored and shown as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace flawless {

struct SourceLine {
  uint32_t number = 0;
  std::string text;
};

struct Verdict {
  // Where the line lies. Empty without a repository, or when the path leads into none.
  std::string repository;   // its name in the configuration
  std::string path;         // in the repository
  uint32_t line = 0;        // there, at `revision`
  std::string revision;     // full id of the commit that was blamed
  bool at_release = false;  // `revision` is the report's release; else it is the tip
  std::string path_rule;    // "/app/ = ": how the reported path became this one; may be empty
  std::vector<SourceLine> source;  // the line and up to two above and below it

  // Who wrote it. Empty when nobody could be found; `problem` then says why.
  std::string commit, summary;
  std::string author_name, author_email;  // after .mailmap
  std::optional<Time> authored_at;

  std::string developer;  // the address that stands for the author after the configured mapping
  double confidence = 0;  // 0 … 1
  std::vector<std::string> reasons;  // sentences for people, the most important first
  std::string problem;               // what is missing, and what to do about it

  // Why nobody was mailed when it was last decided; empty when somebody was, then or before.
  std::string not_mailed;
  uint64_t mail_at_count = 0;  // it will be when the line was seen so often; 0: not by its count

  [[nodiscard]] bool has_author() const { return !commit.empty(); }
  [[nodiscard]] std::string_view confidence_word()
      const;  // "high" "medium" "low" ("" without author)
};

// One JSON object; keys are the members' names; empty members are left out.
[[nodiscard]] std::string write_verdict(const Verdict& verdict);
// What write_verdict wrote; unknown keys are passed over. kInvalid: not such an object.
[[nodiscard]] Result<Verdict> read_verdict(std::string_view json);

}  // namespace flawless
