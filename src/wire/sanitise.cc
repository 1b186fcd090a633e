#include "wire/sanitise.h"

#include <charconv>
#include <cstring>

#include "base/json_writer.h"

namespace flawless::wire {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kReplacementEscape = "\\ufffd";

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// The code unit of "\uXXXX" at the front of `text`, or -1.
int escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  int unit = 0;
  auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return error == std::errc() && end == text.data() + 6 && unit >= 0 && text[2] != '-' ? unit : -1;
}

// A cleaned text is at most six times as long as the sender's: a control character becomes
// "\u0001".
class Cleaner {
 public:
  Cleaner(std::string_view text, Buffer& out) : text_(text), out_(out) {
    while (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    out_.reserve(text_.size() + text_.size() / 8 + 64);
  }

  void run() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        string();
      } else if (c == 'N' || c == 'I' || (c == '-' && rest().starts_with("-Infinity"))) {
        word();
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        number();
      } else {
        copy(1);
      }
    }
    out_.set_size(size_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  void put(std::string_view piece) {
    if (size_ + piece.size() > out_.capacity()) {
      out_.extend(2 * out_.capacity() + piece.size(), size_);
    }
    std::memcpy(out_.data() + size_, piece.data(), piece.size());
    size_ += piece.size();
  }

  void copy(size_t bytes) {
    put(text_.substr(at_, bytes));
    at_ += bytes;
  }

  void replace(size_t bytes, std::string_view by) {
    put(by);
    at_ += bytes;
  }

  void word() {
    for (std::string_view name : {"NaN", "Infinity", "-Infinity"}) {
      if (rest().starts_with(name)) return replace(name.size(), "null");
    }
    copy(1);
  }

  void number() {
    size_t length = 0;
    while (at_ + length < text_.size() && is_number_char(text_[at_ + length])) ++length;
    std::string_view digits = text_.substr(at_, length);
    if (out_of_range(digits)) {
      put("\"");
      copy(length);
      put("\"");
    } else {
      copy(length);
    }
  }

  static bool out_of_range(std::string_view digits) {
    const char* end = digits.data() + digits.size();
    if (digits.find_first_of(".eE") != std::string_view::npos) {
      double number = 0;
      auto result = std::from_chars(digits.data(), end, number);
      return result.ec == std::errc::result_out_of_range && result.ptr == end;
    }
    if (digits.size() < 19) return false;
    int64_t negative = 0;
    uint64_t positive = 0;
    auto result = digits[0] == '-' ? std::from_chars(digits.data(), end, negative)
                                   : std::from_chars(digits.data(), end, positive);
    return result.ec == std::errc::result_out_of_range && result.ptr == end;
  }

  void string() {
    copy(1);
    while (at_ < text_.size()) {
      auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') return copy(1);
      if (c == '\\') {
        escape();
      } else if (c < 0x20) {
        control(c);
      } else if (c < 0x80) {
        plain_run();
      } else if (size_t length = utf8_sequence(rest()); length > 0) {
        copy(length);
      } else {
        replace(1, kReplacement);
      }
    }
  }

  void plain_run() {
    size_t length = 1;
    while (at_ + length < text_.size()) {
      auto c = static_cast<unsigned char>(text_[at_ + length]);
      if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
      ++length;
    }
    copy(length);
  }

  void control(unsigned char c) {
    constexpr char kHex[] = "0123456789abcdef";
    char escaped[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    replace(1, {escaped, sizeof escaped});
  }

  void escape() {
    if (at_ + 1 >= text_.size()) return copy(1);
    char kind = text_[at_ + 1];
    if (kind == 'u') return unicode_escape();
    bool known = std::strchr("\"\\/bfnrt", kind) != nullptr && kind != '\0';
    if (known) return copy(2);
    replace(1, "\\\\");  // the backslash was meant as one
  }

  void unicode_escape() {
    int unit = escaped_unit(rest());
    if (unit < 0) return replace(1, "\\\\");
    bool high = unit >= 0xd800 && unit < 0xdc00, low = unit >= 0xdc00 && unit < 0xe000;
    if (!high && !low) return copy(6);
    int next = high ? escaped_unit(rest().substr(6)) : -1;
    if (next >= 0xdc00 && next < 0xe000) return copy(12);
    replace(6, kReplacementEscape);
  }

  std::string_view text_;
  Buffer& out_;
  size_t at_ = 0, size_ = 0;
};

}  // namespace

void sanitise(std::string_view text, Buffer& out) { Cleaner(text, out).run(); }

}  // namespace flawless::wire
