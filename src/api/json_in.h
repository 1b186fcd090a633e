// JSON that comes in: API bodies and the arguments of commands, as a value tree and as named, typed
// members.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/arena.h"
#include "event/value.h"

namespace flawless::api {

// One JSON document, strictly (RFC 8259, valid UTF-8, at most 64 levels). Text is owned by `arena`.
// kInvalid says what is wrong in words for the sender.
[[nodiscard]] Result<Value> read_json(std::string_view text, Arena& arena);

// Takes the members of an object one by one. A getter never fails at once: the first thing that is
// wrong (not an object, a required member missing, a wrong type, a member that nobody asked for) is
// what finish() returns, as kInvalid. Keeps a reference to the value; views are those of the value.
class ObjectReader {
 public:
  explicit ObjectReader(const Value& object);

  [[nodiscard]] std::string_view required_string(std::string_view name);
  [[nodiscard]] std::optional<std::string_view> string(std::string_view name);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  [[nodiscard]] std::optional<int64_t> integer(std::string_view name);
  // Any type; null counts as absent, as it does for the others.
  [[nodiscard]] const Value* member(std::string_view name);

  [[nodiscard]] Status finish() const;

 private:
  void fail(std::string message);
  [[nodiscard]] std::string known_names() const;

  const Value& object_;
  std::vector<std::string_view> asked_;
  Status status_;
};

}  // namespace flawless::api
