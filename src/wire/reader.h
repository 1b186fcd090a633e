// Reader: takes values out of parsed JSON and puts them into an Event, within the limits, saying so
// on the event when something had to be cut or left out. What all protocols share. Internal to the
// room.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event.h"
#include "wire/dom.h"
#include "wire/limits.h"
#include "wire/path.h"

namespace flawless::wire {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

class Reader {
 public:
  // Refers to the event, which must outlive the reader.
  Reader(Event& into, const Limits& by, Detail detail);

  Event& event;
  const Limits& limits;
  const bool full;

  // Adds a warning; after fifty only that there are more.
  void warn(const Path& path, std::string_view text);
  void warn_kind(const Path& path, std::string_view expected, Json json);  // unless it is null

  // Text: strings; numbers and booleans as they are written; nothing (with a warning) for lists and
  // objects. A name is cut at name_bytes, text at string_bytes.
  std::string_view name(const Path& path, Json json);
  std::string_view text(const Path& path, Json json);
  // As text(), but lists and objects as JSON.
  std::string_view text_of_any(const Path& path, Json json);

  // Also one that is written as text. Nothing (with a warning) for what is none.
  std::optional<double> number(const Path& path, Json json);
  // From 1; 0 for what is no number, negative or too large.
  uint32_t position(const Path& path, Json json);
  std::optional<bool> flag(const Path& path, Json json);
  // RFC 3339, or seconds since 1970; larger numbers are taken as milliseconds, micro- or
  // nanoseconds.
  std::optional<Time> time(const Path& path, Json json);
  std::optional<Level> level(const Path& path, Json json);
  Value value(const Path& path, Json json, size_t depth = 0);

  // Nothing for null; nothing and a warning for other kinds.
  std::optional<JsonObject> object(const Path& path, Json json);
  std::optional<JsonArray> array(const Path& path, Json json);

  // A list of which the first `most` are kept.
  std::vector<std::string_view> texts(const Path& path, Json json, size_t most);
  // {name: value}, [[name, value]] or [{key, value}]; values become text, lists of text are joined
  // with ", ".
  Pairs pairs(const Path& path, Json json, size_t most);
  // Adds a member to an object value, unless it has one of that name or is full.
  void add_member(Value& object, const Path& path, std::string_view name, Json json);

  // Calls f(path of the element, element) for a list; from more than `most` only for the first and
  // last halves.
  template <typename F>
  void each_outer_inner(const Path& path, JsonArray array, size_t most, std::string_view what,
                        F f) {
    size_t size = array.size(), first = size, again = size;
    if (size > most) {
      first = most - most / 2;
      again = size - most / 2;
      warn_outer_inner(path, size, most, what);
    }
    size_t at = 0;
    for (Json element : array) {
      if (at < first || at >= again) f(Path(&path, at), element);
      ++at;
    }
  }

 private:
  std::string_view cut(const Path& path, std::string_view text, size_t most);
  std::string_view scalar(const Path& path, Json json, size_t most);
  void warn_outer_inner(const Path& path, size_t size, size_t most, std::string_view what);
  void add_pair(Pairs& pairs, const Path& path, std::string_view name, Json json);
  void pairs_of_list(Pairs& pairs, const Path& path, JsonArray array, size_t most);
  std::string_view joined(const Path& path, JsonArray array);
  Value string_value(const Path& path, std::string_view text);
  void read_array(const Path& path, JsonArray array, size_t depth, Value& value);
  void read_object(const Path& path, JsonObject object, size_t depth, Value& value);
  bool take_value(const Path& path, size_t left, Value& container);

  size_t values_left_, value_bytes_left_;
  size_t warnings_ = 0;
};

// The longest prefix of `text` of at most `most` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, size_t most);

// Times of senders who count in seconds, milliseconds, micro- or nanoseconds; nothing outside of
// years 1970 to 9999.
std::optional<Time> time_of_number(double number);

}  // namespace flawless::wire
