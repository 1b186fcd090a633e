// What people see: aligned columns, and members of a JSON reply as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/arena.h"
#include "event/value.h"

namespace flawless::cli {

// The first row is the heading. Widths are counted in characters (UTF-8); the last column is not
// padded.
void print_table(const std::vector<std::vector<std::string>>& rows);

// A reply of ours, read. Texts are owned by it.
class Reply {
 public:
  [[nodiscard]] static Result<Reply> read(std::string_view json);
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  Arena arena_;
  Value value_;
};

// The member as text: "-" when absent, null or empty, "yes" and "no" for flags.
[[nodiscard]] std::string text_of(const Value& object, std::string_view name);
// The members of an array; none if absent.
[[nodiscard]] const std::vector<Member>& list_of(const Value& object, std::string_view name);

}  // namespace flawless::cli
