// From text to the value of a key, and back.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <string>

#include "server/config_keys.h"

namespace flawless::server {
namespace {

using std::chrono::seconds;

struct Unit {
  std::string_view name;
  uint64_t factor;
};
// Largest first, so that toml_value() finds the shortest form.
constexpr Unit kSizes[] = {{"TiB", 1ULL << 40U}, {"TB", 1'000'000'000'000},
                           {"GiB", 1ULL << 30U}, {"GB", 1'000'000'000},
                           {"MiB", 1ULL << 20U}, {"MB", 1'000'000},
                           {"KiB", 1ULL << 10U}, {"kB", 1'000},
                           {"KB", 1'000},        {"B", 1}};
constexpr Unit kDurations[] = {{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}};

Status invalid(std::string message) { return {Code::kInvalid, std::move(message)}; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

// "64MiB" with the units given; a bare number counts single units.
std::optional<uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const auto unit = trimmed(text.substr(static_cast<size_t>(end - text.data())));
  uint64_t factor = 1;
  if (!unit.empty()) {
    const auto known = std::find_if(units.begin(), units.end(),
                                    [&](const Unit& u) { return same_letters(u.name, unit); });
    if (known == units.end()) return std::nullopt;
    factor = known->factor;
  }
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  if (number > kMost / factor) return std::nullopt;
  return number * factor;
}

std::string shortest(uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return fmt::format("\"{}{}\"", value / unit.factor, unit.name);
    }
  }
  return "0";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string choices_of(const Key& key) {
  std::string words(key.choices);
  size_t at = 0;
  while ((at = words.find('|', at)) != std::string::npos) words.replace(at, 1, ", ");
  return words;
}

Status assign_choice(const Key& key, Target target, std::string_view text) {
  const std::string padded = fmt::format("|{}|", key.choices);
  const bool known = !text.empty() && text.find('|') == std::string_view::npos &&
                     padded.find(fmt::format("|{}|", text)) != std::string::npos;
  if (!known) {
    return invalid(fmt::format("'{}' cannot be \"{}\"; choose one of {}", key.dotted(), text,
                               choices_of(key)));
  }
  *std::get<std::string*>(target) = text;
  return Status::ok();
}

Status assign_size(const Key& key, Target target, std::string_view text) {
  const auto bytes = with_unit(text, kSizes);
  if (!bytes) {
    return invalid(
        fmt::format("'{}' cannot be \"{}\"; write a number of bytes, or one with a unit like "
                    "\"64MiB\" or \"10GB\"",
                    key.dotted(), text));
  }
  *std::get<uint64_t*>(target) = *bytes;
  return Status::ok();
}

Status assign_duration(const Key& key, Target target, std::string_view text) {
  const auto length = with_unit(text, kDurations);
  if (!length) {
    return invalid(fmt::format("'{}' cannot be \"{}\"; write \"90s\", \"30m\", \"24h\" or \"30d\"",
                               key.dotted(), text));
  }
  *std::get<seconds*>(target) = seconds(static_cast<int64_t>(*length));
  return Status::ok();
}

Status assign_number_text(const Key& key, Target target, std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid(fmt::format("'{}' must be a whole number, not \"{}\"", key.dotted(), text));
  }
  return assign_number(key, target, number);
}

}  // namespace

Status wrong_type(const Key& key, std::string_view given) {
  std::string_view wanted;
  switch (key.type) {
    case KeyType::kFlag:
      wanted = "true or false";
      break;
    case KeyType::kNumber:
      wanted = "a whole number";
      break;
    case KeyType::kList:
      wanted = "a list like [\"a\", \"b\"]";
      break;
    case KeyType::kSize:
      wanted = "a size like \"64MiB\" or \"10GB\"";
      break;
    case KeyType::kDuration:
      wanted = "a duration like \"24h\" or \"30d\"";
      break;
    default:
      wanted = "text in quotes";
      break;
  }
  return invalid(fmt::format("'{}' must be {}, not {}", key.dotted(), wanted, given));
}

Status assign_text(const Key& key, Target target, std::string_view text) {
  switch (key.type) {
    case KeyType::kChoice:
      return assign_choice(key, target, text);
    case KeyType::kSize:
      return assign_size(key, target, trimmed(text));
    case KeyType::kDuration:
      return assign_duration(key, target, trimmed(text));
    case KeyType::kNumber:
      return assign_number_text(key, target, trimmed(text));
    case KeyType::kList:
      return assign_list(key, target, split(text));
    case KeyType::kFlag:
      if (text == "true" || text == "false") return assign_flag(key, target, text == "true");
      return wrong_type(key, fmt::format("\"{}\"", text));
    case KeyType::kText:
    case KeyType::kFile:
    case KeyType::kPath:
      break;
  }
  if (text.find('\0') != std::string_view::npos || text.find('\n') != std::string_view::npos) {
    return invalid(fmt::format("'{}' must be one line", key.dotted()));
  }
  *std::get<std::string*>(target) = text;
  return Status::ok();
}

Status assign_quoted(const Key& key, Target target, std::string_view text) {
  const bool text_suits =
      key.type != KeyType::kNumber && key.type != KeyType::kFlag && key.type != KeyType::kList;
  return text_suits ? assign_text(key, target, text) : wrong_type(key, fmt::format("\"{}\"", text));
}

Status assign_number(const Key& key, Target target, int64_t number) {
  if (key.type == KeyType::kSize || key.type == KeyType::kDuration) {
    return assign_text(key, target, std::to_string(number));
  }
  if (key.type != KeyType::kNumber) return wrong_type(key, std::to_string(number));
  if (number < key.least || number > key.most) {
    return invalid(fmt::format("'{}' cannot be {}; it is between {} and {}", key.dotted(), number,
                               key.least, key.most));
  }
  *std::get<int64_t*>(target) = number;
  return Status::ok();
}

Status assign_flag(const Key& key, Target target, bool flag) {
  if (key.type != KeyType::kFlag) return wrong_type(key, flag ? "true" : "false");
  *std::get<bool*>(target) = flag;
  return Status::ok();
}

Status assign_list(const Key& key, Target target, std::vector<std::string> values) {
  if (key.type != KeyType::kList) return wrong_type(key, "a list");
  *std::get<std::vector<std::string>*>(target) = std::move(values);
  return Status::ok();
}

std::string toml_value(const Key& key, const Target& target) {
  switch (key.type) {
    case KeyType::kFlag:
      return *std::get<bool*>(target) ? "true" : "false";
    case KeyType::kNumber:
      return std::to_string(*std::get<int64_t*>(target));
    case KeyType::kSize:
      return shortest(*std::get<uint64_t*>(target), kSizes);
    case KeyType::kDuration: {
      const int64_t length = std::get<seconds*>(target)->count();
      return shortest(static_cast<uint64_t>(length), kDurations);
    }
    case KeyType::kList: {
      std::string out = "[";
      for (const std::string& value : *std::get<std::vector<std::string>*>(target)) {
        if (out.size() > 1) out += ", ";
        out += quoted(value);
      }
      return out + "]";
    }
    default:
      return quoted(*std::get<std::string*>(target));
  }
}

}  // namespace flawless::server
