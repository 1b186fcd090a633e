#include "wire/reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace flawless::wire {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element_type;

constexpr size_t kMostWarnings = 50;

// Text of a number or boolean, in `room`.
std::string_view write_scalar(Json json, char (&room)[40]) {
  char* end = room;
  switch (json.type()) {
    case element_type::INT64:
      end = std::to_chars(room, std::end(room), int64_t(json)).ptr;
      break;
    case element_type::UINT64:
      end = std::to_chars(room, std::end(room), uint64_t(json)).ptr;
      break;
    case element_type::DOUBLE:
      end = std::to_chars(room, std::end(room), double(json)).ptr;
      break;
    case element_type::BOOL:
      return bool(json) ? "true" : "false";
    default:
      break;
  }
  return {room, static_cast<size_t>(end - room)};
}

std::optional<double> number_of(Json json) {
  double number = 0;
  if (json.get(number) == SUCCESS) return number;
  std::string_view text;
  if (json.get(text) != SUCCESS || text.empty()) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;  // it reads "nan"
}

}  // namespace

std::string_view utf8_prefix(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

std::optional<Time> time_of_number(double number) {
  constexpr double kLastSecond = 253402300799.0;  // of the year 9999
  if (!(number >= 0)) return std::nullopt;
  double seconds = number;
  for (int i = 0; i < 3 && seconds > kLastSecond / 2; ++i) seconds /= 1000;
  if (seconds > kLastSecond / 2) return std::nullopt;
  return from_unix_ms(std::llround(seconds * 1000));
}

Reader::Reader(Event& into, const Limits& by, Detail detail)
    : event(into),
      limits(by),
      full(detail == Detail::kFull),
      values_left_(by.values),
      value_bytes_left_(by.value_bytes) {}

void Reader::warn(const Path& path, std::string_view text) {
  if (warnings_ > kMostWarnings) return;
  if (++warnings_ > kMostWarnings) {
    event.warn("", "more was cut or left out than is listed here");
  } else {
    event.warn(path.text(), text);
  }
}

void Reader::warn_kind(const Path& path, std::string_view expected, Json json) {
  if (!json.is_null())
    warn(path, fmt::format("{} instead of {}; left out", kind_name(json), expected));
}

void Reader::warn_outer_inner(const Path& path, size_t size, size_t most, std::string_view what) {
  warn(path, fmt::format("{} {}, the {} outermost and {} innermost kept", size, what,
                         most - most / 2, most / 2));
}

std::string_view Reader::cut(const Path& path, std::string_view text, size_t most) {
  if (text.size() <= most) [[likely]]
    return event.keep(text);
  std::string_view kept = utf8_prefix(text, most);
  warn(path, fmt::format("{} bytes, the first {} kept", text.size(), kept.size()));
  return event.keep(kept);
}

std::string_view Reader::scalar(const Path& path, Json json, size_t most) {
  std::string_view text;
  if (json.get(text) == SUCCESS) [[likely]]
    return cut(path, text, most);
  if (json.is_object() || json.is_array()) return warn_kind(path, "text", json), std::string_view{};
  char room[40];
  return event.keep(write_scalar(json, room));
}

std::string_view Reader::name(const Path& path, Json json) {
  return scalar(path, json, limits.name_bytes);
}

std::string_view Reader::text(const Path& path, Json json) {
  return scalar(path, json, limits.string_bytes);
}

std::string_view Reader::text_of_any(const Path& path, Json json) {
  if (!json.is_object() && !json.is_array()) return text(path, json);
  return cut(path, simdjson::minify(json), limits.string_bytes);
}

uint32_t Reader::position(const Path& path, Json json) {
  int64_t number = 0;
  if (json.get(number) == SUCCESS) [[likely]] {
    return number > 0 && number <= UINT32_MAX ? static_cast<uint32_t>(number) : 0;
  }
  const std::optional<double> other = this->number(path, json);
  return other && *other >= 1 && *other <= UINT32_MAX ? static_cast<uint32_t>(*other) : 0;
}

std::optional<double> Reader::number(const Path& path, Json json) {
  const std::optional<double> number = number_of(json);
  if (!number) warn_kind(path, "a number", json);
  return number;
}

std::optional<bool> Reader::flag(const Path& path, Json json) {
  bool flag = false;
  if (json.get(flag) == SUCCESS) return flag;
  if (as_text(json) == "true") return true;
  if (as_text(json) == "false") return false;
  warn_kind(path, "true or false", json);
  return std::nullopt;
}

std::optional<Time> Reader::time(const Path& path, Json json) {
  if (json.is_null()) return std::nullopt;
  std::optional<Time> time;
  if (auto number = number_of(json)) {
    time = time_of_number(*number);
  } else {
    time = parse_rfc3339(as_text(json));
  }
  if (!time) warn(path, "neither RFC 3339 nor a plausible number of seconds since 1970; left out");
  return time;
}

std::optional<Level> Reader::level(const Path& path, Json json) {
  if (json.is_null()) return std::nullopt;
  auto level = parse_level(as_text(json));
  int64_t number = 0;
  if (!level && json.get(number) == SUCCESS && number >= 10 && number <= 50 && number % 10 == 0) {
    level = static_cast<Level>(number);
  }
  if (!level)
    warn(path, fmt::format("unknown level \"{}\"; taken as error", utf8_prefix(as_text(json), 40)));
  return level ? level : Level::kError;
}

std::optional<JsonObject> Reader::object(const Path& path, Json json) {
  JsonObject object;
  if (json.get(object) == SUCCESS) return object;
  warn_kind(path, "an object", json);
  return std::nullopt;
}

std::optional<JsonArray> Reader::array(const Path& path, Json json) {
  JsonArray array;
  if (json.get(array) == SUCCESS) return array;
  warn_kind(path, "a list", json);
  return std::nullopt;
}

std::vector<std::string_view> Reader::texts(const Path& path, Json json, size_t most) {
  std::vector<std::string_view> out;
  auto list = array(path, json);
  if (!list) return out;
  out.reserve(std::min(list->size(), most));
  for (Json element : *list) {
    if (out.size() == most) {
      warn(path, fmt::format("{} entries, the first {} kept", list->size(), most));
      break;
    }
    out.push_back(text(Path(&path, out.size()), element));
  }
  return out;
}

Value Reader::string_value(const Path& path, std::string_view text) {
  std::string_view kept = utf8_prefix(text, std::min(limits.string_bytes, value_bytes_left_));
  value_bytes_left_ -= kept.size();
  Value value = Value::string(event.keep(kept));
  if (kept.size() < text.size()) {
    value.cut = static_cast<uint32_t>(text.size() - kept.size());
    warn(path, fmt::format("{} bytes, the first {} kept", text.size(), kept.size()));
  }
  return value;
}

Value Reader::value(const Path& path, Json json, size_t depth) {
  Value value;
  switch (json.type()) {
    case element_type::NULL_VALUE:
      break;
    case element_type::BOOL:
      return Value::boolean(bool(json));
    case element_type::INT64:
      return Value::of_integer(int64_t(json));
    case element_type::UINT64:
      value.kind = Value::Kind::kUint;
      value.unsigned_integer = uint64_t(json);
      break;
    case element_type::DOUBLE:
      value.kind = Value::Kind::kDouble;
      value.number = double(json);
      break;
    case element_type::STRING:
      return string_value(path, as_text(json));
    case element_type::ARRAY:
      read_array(path, JsonArray(json), depth, value);
      break;
    case element_type::OBJECT:
      read_object(path, JsonObject(json), depth, value);
      break;
  }
  return value;
}

// One more entry of a container, if the limits allow it; else notes on the container how many are
// `left`.
bool Reader::take_value(const Path& path, size_t left, Value& container) {
  if (container.members.size() < limits.container_entries && values_left_ > 0) {
    --values_left_;
    return true;
  }
  container.cut = static_cast<uint32_t>(left);
  warn(path, fmt::format("{} entries, the first {} kept", container.members.size() + left,
                         container.members.size()));
  return false;
}

void Reader::read_array(const Path& path, JsonArray array, size_t depth, Value& value) {
  size_t size = array.size();
  if (depth >= limits.depth && size > 0) {
    value = Value::string("…");
    value.cut = static_cast<uint32_t>(size);
    return warn(path, "nested too deeply; cut here");
  }
  value.kind = Value::Kind::kArray;
  value.members.reserve(std::min({size, limits.container_entries, values_left_}));
  for (Json element : array) {
    size_t at = value.members.size();
    if (!take_value(path, size - at, value)) break;
    value.members.push_back({{}, this->value(Path(&path, at), element, depth + 1)});
  }
}

void Reader::read_object(const Path& path, JsonObject object, size_t depth, Value& value) {
  size_t size = object.size();
  if (depth >= limits.depth && size > 0) {
    value = Value::string("…");
    value.cut = static_cast<uint32_t>(size);
    return warn(path, "nested too deeply; cut here");
  }
  value.kind = Value::Kind::kObject;
  value.members.reserve(std::min({size, limits.container_entries, values_left_}));
  for (auto [key, element] : object) {
    if (!take_value(path, size - value.members.size(), value)) break;
    Path inner(&path, key);
    value.members.push_back(
        {cut(inner, key, limits.name_bytes), this->value(inner, element, depth + 1)});
  }
}

void Reader::add_member(Value& object, const Path& path, std::string_view member_name, Json json) {
  object.kind = Value::Kind::kObject;
  if (object.members.size() >= limits.container_entries) {
    if (object.cut++ == 0)
      warn(path, fmt::format("{} entries are kept, no more", object.members.size()));
    return;
  }
  if (object.find(member_name) != nullptr) return;
  object.members.push_back({cut(path, member_name, limits.name_bytes), value(path, json, 1)});
}

std::string_view Reader::joined(const Path& path, JsonArray array) {
  std::string out;
  for (Json element : array) {
    if (!out.empty()) out += ", ";
    out += as_text(element);
    if (out.size() > limits.string_bytes) break;
  }
  return cut(path, out, limits.string_bytes);
}

void Reader::add_pair(Pairs& pairs, const Path& path, std::string_view pair_name, Json json) {
  JsonArray array;
  if (json.is_null()) return;
  std::string_view kept = cut(path, pair_name, limits.name_bytes);
  if (json.get(array) == SUCCESS) {
    pairs.emplace_back(kept, joined(path, array));
  } else {
    pairs.emplace_back(kept, text_of_any(path, json));
  }
}

void Reader::pairs_of_list(Pairs& pairs, const Path& path, JsonArray array, size_t most) {
  for (Json element : array) {
    if (pairs.size() >= most) break;
    JsonArray pair;
    Path inner(&path, pairs.size());
    if (element.get(pair) == SUCCESS && pair.size() >= 2) {
      add_pair(pairs, inner, as_text(pair.at(0).value_unsafe()), pair.at(1).value_unsafe());
    } else if (auto key = member(element, "key"), content = member(element, "value");
               key && content) {
      add_pair(pairs, inner, as_text(*key), *content);
    } else {
      warn_kind(inner, "a pair of name and value", element);
    }
  }
}

Pairs Reader::pairs(const Path& path, Json json, size_t most) {
  Pairs out;
  JsonObject object;
  JsonArray array;
  size_t size = 0;
  if (json.get(object) == SUCCESS) {
    size = object.size();
    out.reserve(std::min(size, most));
    for (auto [key, value] : object) {
      if (out.size() >= most) break;
      add_pair(out, Path(&path, key), key, value);
    }
  } else if (json.get(array) == SUCCESS) {
    size = array.size();
    pairs_of_list(out, path, array, most);
  } else {
    warn_kind(path, "an object", json);
  }
  if (size > most) warn(path, fmt::format("{} entries, the first {} kept", size, most));
  return out;
}

}  // namespace flawless::wire
