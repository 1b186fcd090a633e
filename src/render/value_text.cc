#include "render/value_text.h"

#include <fmt/format.h>

#include <utility>

#include "render/printable.h"

namespace flawless::render {
namespace {

// What clients send in place of a value that has no JSON form: "<class 'shop.Basket'>".
bool is_description(std::string_view text) {
  return text == kScrubbedText || (text.starts_with('<') && text.ends_with('>'));
}

class Writer {
 public:
  explicit Writer(ValueStyle style) : style_(style) {}

  void write(const Value& value, bool outermost) {
    switch (value.kind) {
      case Value::Kind::kNull:
        out_ += style_.python ? "None" : "null";
        return;
      case Value::Kind::kBool:
        out_ += truth(value.flag);
        return;
      case Value::Kind::kInt:
        out_ += std::to_string(value.integer);
        return;
      case Value::Kind::kUint:
        out_ += std::to_string(value.unsigned_integer);
        return;
      case Value::Kind::kDouble:
        out_ += fmt::format("{}", value.number);
        return;
      case Value::Kind::kScrubbed:
        out_ += kScrubbedText;
        return;
      case Value::Kind::kString:
        write_string(value, outermost);
        return;
      case Value::Kind::kArray:
      case Value::Kind::kObject:
        write_container(value);
        return;
    }
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  [[nodiscard]] std::string_view truth(bool flag) const {
    if (style_.python) return flag ? "True" : "False";
    return flag ? "true" : "false";
  }

  // The outermost text says by itself how much is missing.
  void write_string(const Value& value, bool outermost) {
    if (style_.quoted && !is_description(value.text)) {
      quote(value.text);
    } else {
      out_ += value.text;
    }
    if (value.cut > 0 && !outermost) {
      out_ += fmt::format("… ({} more bytes)", grouped(value.cut));
    }
  }

  void quote(std::string_view text) {
    const char mark = style_.python && text.find('\'') == text.npos ? '\'' : '"';
    out_ += mark;
    for (const char c : text) {
      if (c == '\n') {
        out_ += "\\n";
        continue;
      }
      if (c == mark || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += mark;
  }

  void write_container(const Value& value) {
    const bool object = value.is_object();
    out_ += object ? '{' : '[';
    bool first = true;
    for (const Member& member : value.members) {
      if (!std::exchange(first, false)) out_ += ", ";
      if (object) {
        quote(member.name);
        out_ += ": ";
      }
      write(member.value, false);
    }
    if (value.cut > 0) {
      out_ += fmt::format("{}… {} more", first ? "" : ", ", grouped(value.cut));
    }
    out_ += object ? '}' : ']';
  }

  ValueStyle style_;
  std::string out_;
};

}  // namespace

ValueStyle value_style(const Event& event) {
  const bool python = event.platform == "python" || event.language.starts_with("python");
  const bool reprs = event.sdk_name.starts_with("sentry") || event.sdk_name.starts_with("flawless");
  return {python, !(python && reprs)};
}

std::string value_text(const Value& value, ValueStyle style, size_t bytes) {
  Writer writer(style);
  writer.write(value, true);
  return shorten(writer.take(), bytes, value.is_string() ? value.cut : 0);
}

}  // namespace flawless::render
