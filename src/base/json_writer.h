// Appends JSON to a string. Output is always valid UTF-8: bytes that are not are replaced by
// U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flawless {

// Usage: JsonWriter json; json.object(); json.field("id", 7); json.key("frames"); json.array(); …
// json.end(); json.end(); Commas are the writer's business. Calls out of order (a value without a
// key in an object) are a bug of the caller.
class JsonWriter {
 public:
  JsonWriter& object();  // {
  JsonWriter& array();   // [
  JsonWriter& end();     // closes the innermost object or array

  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(int number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<uint64_t>(number)); }
  JsonWriter& value(int64_t number);
  JsonWriter& value(uint64_t number);
  JsonWriter& value(double number);  // NaN and infinities become null
  JsonWriter& null();
  // Text that is already valid JSON.
  JsonWriter& raw(std::string_view json);

  template <typename T>
  JsonWriter& field(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }
  // Only when the text is not empty.
  JsonWriter& field_if(std::string_view name, std::string_view text) {
    return text.empty() ? *this : field(name, text);
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  std::string stack_;  // '{' or '[' per open level
  bool first_ = true;  // nothing yet at this level
  bool after_key_ = false;
};

// Appends `text` as a quoted JSON string.
void append_json_string(std::string& out, std::string_view text);

// Length in bytes of the valid UTF-8 sequence at the front of `text` (1 to 4), or 0.
size_t utf8_sequence(std::string_view text);

}  // namespace flawless
