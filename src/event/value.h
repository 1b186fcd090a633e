// A JSON-like value as a report carries it: a local variable, a tag, a request body.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"

namespace flawless {

struct Member;

// Text is owned by the Event's arena (or is a literal).
struct Value {
  enum class Kind : uint8_t {
    kNull,
    kBool,
    kInt,
    kUint,  // above 2^63
    kDouble,
    kString,
    kArray,
    kObject,
    kScrubbed,  // a secret was here; shown as such
  };
  Kind kind = Kind::kNull;
  uint32_t cut = 0;  // bytes of a string, or entries of an array or object, that were left out for size
  union {
    bool flag;
    int64_t integer = 0;
    uint64_t unsigned_integer;
    double number;
  };
  std::string_view text;         // kString
  std::vector<Member> members;   // kArray (names empty) and kObject, in the sender's order

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_object() const { return kind == Kind::kObject; }
  [[nodiscard]] bool is_array() const { return kind == Kind::kArray; }
  [[nodiscard]] bool is_string() const { return kind == Kind::kString; }
  // The member of that name, or nothing (also when this is not an object).
  [[nodiscard]] const Value* find(std::string_view name) const;

  static Value string(std::string_view text);
  static Value boolean(bool flag);
  static Value of_integer(int64_t number);
  static Value scrubbed();
};

struct Member {
  std::string_view name;
  Value value;
};

// A scrubbed value is written as the string "[scrubbed]".
inline constexpr std::string_view kScrubbedText = "[scrubbed]";
void write_value(JsonWriter& json, const Value& value);

}  // namespace flawless
