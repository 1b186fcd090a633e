#include "event/value.h"

namespace flawless {

const Value* Value::find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value Value::string(std::string_view text) {
  Value value;
  value.kind = Kind::kString;
  value.text = text;
  return value;
}

Value Value::boolean(bool flag) {
  Value value;
  value.kind = Kind::kBool;
  value.flag = flag;
  return value;
}

Value Value::of_integer(int64_t number) {
  Value value;
  value.kind = Kind::kInt;
  value.integer = number;
  return value;
}

Value Value::scrubbed() {
  Value value;
  value.kind = Kind::kScrubbed;
  return value;
}

void write_value(JsonWriter& json, const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull:
      json.null();
      return;
    case Value::Kind::kBool:
      json.value(value.flag);
      return;
    case Value::Kind::kInt:
      json.value(value.integer);
      return;
    case Value::Kind::kUint:
      json.value(value.unsigned_integer);
      return;
    case Value::Kind::kDouble:
      json.value(value.number);
      return;
    case Value::Kind::kString:
      json.value(value.text);
      return;
    case Value::Kind::kScrubbed:
      json.value(kScrubbedText);
      return;
    case Value::Kind::kArray:
      json.array();
      for (const Member& member : value.members) write_value(json, member.value);
      json.end();
      return;
    case Value::Kind::kObject:
      json.object();
      for (const Member& member : value.members) {
        json.key(member.name);
        write_value(json, member.value);
      }
      json.end();
      return;
  }
}

}  // namespace flawless
