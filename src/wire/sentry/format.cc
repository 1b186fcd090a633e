#include "wire/sentry/read.h"

namespace flawless::wire::sentry {
namespace {

constexpr size_t kMostFormattedBytes = 64 << 10;

class Formatter {
 public:
  Formatter(std::string_view text, Json params) : text_(text) {
    if (params.is_object()) {
      named_ = params;
    } else if (JsonArray array; params.get(array) == simdjson::SUCCESS) {
      for (Json element : array) listed_.push_back(element);
    }
  }

  std::string run() {
    while (at_ < text_.size() && out_.size() < kMostFormattedBytes) {
      char c = text_[at_];
      bool done = (c == '%' && percent()) || ((c == '{' || c == '}') && brace());
      if (!done) out_ += text_[at_++];
    }
    return std::move(out_);
  }

 private:
  bool percent() {
    std::string_view rest = text_.substr(at_ + 1);
    if (rest.starts_with('%')) return literal('%');
    if (rest.starts_with('(')) {
      size_t end = rest.find(')');
      if (end == std::string_view::npos || end + 1 >= rest.size()) return false;
      if (!put_named(rest.substr(1, end - 1))) return false;
      at_ += end + 3;
      return true;
    }
    size_t flags = std::min(rest.find_first_not_of("-+ #0123456789.l"), rest.size());
    constexpr std::string_view kConversions = "sdifgrxXuaceEGo";
    if (flags == rest.size() || kConversions.find(rest[flags]) == std::string_view::npos)
      return false;
    if (!put_next()) return false;
    at_ += flags + 2;
    return true;
  }

  bool brace() {
    std::string_view rest = text_.substr(at_ + 1);
    if (rest.starts_with(text_[at_])) return literal(text_[at_]);
    size_t end = rest.find('}');
    if (text_[at_] != '{' || end == std::string_view::npos || end > 100) return false;
    std::string_view name = rest.substr(0, end);
    name = name.substr(0, name.find_first_of(":!"));
    if (!(name.empty() ? put_next() : put_indexed(name) || put_named(name))) return false;
    at_ += end + 2;
    return true;
  }

  // Doubled signs stand for one, but only where a template is expanded at all.
  bool literal(char c) {
    if (listed_.empty() && !named_) return false;
    out_ += c;
    at_ += 2;
    return true;
  }

  bool put(Json json) {
    if (json.is_string()) {
      out_ += as_text(json);
    } else {
      out_ += simdjson::minify(json);
    }
    return true;
  }

  bool put_next() { return next_ < listed_.size() && put(listed_[next_++]); }

  bool put_indexed(std::string_view name) {
    if (name.size() > 3 || name.find_first_not_of("0123456789") != std::string_view::npos)
      return false;
    size_t index = 0;
    for (char c : name) index = index * 10 + static_cast<size_t>(c - '0');
    return index < listed_.size() && put(listed_[index]);
  }

  bool put_named(std::string_view name) {
    auto found = named_ ? member(*named_, name) : std::nullopt;
    return found && put(*found);
  }

  std::string_view text_;
  size_t at_ = 0, next_ = 0;
  std::vector<Json> listed_;
  std::optional<Json> named_;
  std::string out_;
};

}  // namespace

std::string format_message(std::string_view message_template, Json params) {
  return Formatter(message_template, params).run();
}

}  // namespace flawless::wire::sentry
