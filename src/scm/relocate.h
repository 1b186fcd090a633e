// Finds a reported line in a file that may not be the very one that ran. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flawless::scm {

struct ReportedLine {
  uint32_t number = 0;                       // from 1
  std::string_view text;                     // empty when the client sent none
  std::span<const std::string_view> before;  // the lines above it, in order; may be empty
  std::span<const std::string_view> after;   // the lines below it
  std::string_view function = {};            // that it is in, as the client names it; may be empty
};

struct Relocation {
  enum class How {
    kNone,       // not in this file, or it could be several lines
    kUnchecked,  // the number exists; there is no text to compare
    kContext,    // same text elsewhere, several times: the lines around it decided
    kMoved,      // same text, once in that function, within 200 lines
    kExact,      // same text at the same number
  };
  How how = How::kNone;
  uint32_t line = 0;  // 0 for kNone
  // How sure one can be that it is the line meant: 0 … 1.
  [[nodiscard]] double confidence() const;
};

// Texts are compared with runs of white space as one space and none at the ends; a reported text
// that its client cut short ("…", "...") by its beginning. A moved line needs a text that says
// something: "}" is found by its neighbours only.
//
// Where the report names a function, a line elsewhere must be in it: one of the lines that enclose
// it, as their indentation says, must name it. Of a generated name the function that it was made
// from counts ("main.Total.func1", "lambda$total$0", "<Total>b__0"); one that only a compiler knows
// ("MoveNext", "<lambda>") is none. Only a text of 40 characters and more that stands in the file
// once is the line meant wherever it is.
[[nodiscard]] Relocation relocate(std::span<const std::string_view> lines,
                                  const ReportedLine& reported);

}  // namespace flawless::scm
