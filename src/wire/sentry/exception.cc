#include <fmt/format.h>

#include <algorithm>

#include "wire/sentry/read.h"

namespace flawless::wire::sentry {
namespace {

// An exception and its number in the sender's tree of causes, if it has one.
struct Numbered {
  Exception exception;
  std::optional<int64_t> number, parent;
  bool aside = false;  // suppressed, or a cause of what was
};

void read_mechanism(const Path& path, Json json, Reader& reader, Numbered& out) {
  if (json.is_string()) {
    out.exception.mechanism = reader.name(path, json);
    return;
  }
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "type") out.exception.mechanism = reader.name(inner, value);
    if (key == "handled") out.exception.handled = reader.flag(inner, value);
    if (key == "synthetic") out.exception.synthetic = reader.flag(inner, value).value_or(false);
    int64_t number = 0;
    if (key == "exception_id" && value.get(number) == simdjson::SUCCESS) out.number = number;
    if (key == "parent_id" && value.get(number) == simdjson::SUCCESS) out.parent = number;
  }
}

void read_exception(const Path& path, Json json, Reader& reader, Numbered& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  Exception& exception = out.exception;
  std::optional<Json> raw;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "type") {
      exception.type = reader.name(inner, value);
    } else if (key == "value") {
      exception.message = reader.text_of_any(inner, value);
    } else if (key == "module") {
      exception.module = reader.name(inner, value);
    } else if (key == "stacktrace") {
      exception.frames.clear();
      read_stacktrace(inner, value, reader, exception.frames);
    } else if (key == "raw_stacktrace") {
      raw = value;
    } else if (key == "mechanism") {
      read_mechanism(inner, value, reader, out);
    }
  }
  if (exception.frames.empty() && raw) {
    read_stacktrace(Path(&path, "raw_stacktrace"), *raw, reader, exception.frames);
  }
}

// Exceptions of a group carry numbers, 0 for the one that was thrown; senders list them the other
// way round, but not all of them strictly.
void sort_group(std::vector<Numbered>& read) {
  bool all =
      std::all_of(read.begin(), read.end(), [](const Numbered& n) { return n.number.has_value(); });
  if (!all) return;
  std::stable_sort(read.begin(), read.end(),
                   [](const Numbered& a, const Numbered& b) { return *a.number < *b.number; });
}

// What Java suppressed failed while the thrown exception was on its way: no cause of it, and so it
// comes behind the causes. Parents come before children.
void put_suppressed_last(std::vector<Numbered>& read) {
  auto is_suppressed = [](const Numbered& n) { return n.exception.mechanism == "suppressed"; };
  if (std::none_of(read.begin(), read.end(), is_suppressed)) return;
  for (auto one = read.begin(); one != read.end(); ++one) {
    auto is_parent_aside = [&](const Numbered& other) {
      return other.aside && one->parent && other.number == one->parent;
    };
    one->aside = is_suppressed(*one) || std::any_of(read.begin(), one, is_parent_aside);
  }
  std::stable_partition(read.begin(), read.end(), [](const Numbered& n) { return !n.aside; });
}

void read_thread(const Path& path, Json json, Reader& reader, Thread& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "id") out.id = reader.name(inner, value);
    if (key == "name") out.name = reader.name(inner, value);
    if (key == "state") out.state = reader.name(inner, value);
    if (key == "crashed") out.crashed = reader.flag(inner, value).value_or(false);
    if (key == "current") out.current = reader.flag(inner, value).value_or(false);
    if (key == "stacktrace") read_stacktrace(inner, value, reader, out.frames);
  }
}

bool is_true(Json thread, std::string_view name) {
  bool flag = false;
  auto found = member(thread, name);
  return found && found->get(flag) == simdjson::SUCCESS && flag;
}

std::optional<Json> stack_of(Json thread) {
  auto stacktrace = member(thread, "stacktrace");
  if (!stacktrace) return std::nullopt;
  auto frames = member(*stacktrace, "frames");
  return frames && frames->is_array() ? stacktrace : std::nullopt;
}

// The stack of the only thread of which `name` is true ("" = any); nothing if there is none or
// several.
std::optional<Json> only_stack(const std::vector<Json>& threads, std::string_view name) {
  std::optional<Json> found;
  for (Json thread : threads) {
    auto stack = name.empty() || is_true(thread, name) ? stack_of(thread) : std::nullopt;
    if (!stack) continue;
    if (found) return std::nullopt;
    found = stack;
  }
  return found;
}

std::optional<Json> telling_stack(const std::optional<Json>& threads) {
  if (!threads) return std::nullopt;
  std::vector<Json> list = values_of(*threads);
  for (std::string_view name : {"crashed", "current", ""}) {
    if (auto stack = only_stack(list, name)) return stack;
  }
  return std::nullopt;
}

bool any_frames(const std::vector<Exception>& exceptions) {
  return std::any_of(exceptions.begin(), exceptions.end(),
                     [](const Exception& e) { return !e.frames.empty(); });
}

}  // namespace

void read_exceptions(const Path& path, Json json, Reader& reader) {
  std::vector<Json> values = values_of(json);
  Path list(&path, "values");
  size_t most = reader.limits.exceptions;
  if (values.size() > most) {
    reader.warn(list, fmt::format("{} exceptions, the {} raised last kept", values.size(), most));
  }
  std::vector<Numbered> read;
  read.reserve(std::min(values.size(), most));
  // The sender lists the oldest cause first; we want the one that was raised last in front.
  for (size_t at = values.size(); at-- > 0 && read.size() < most;) {
    read_exception(Path(&list, at), values[at], reader, read.emplace_back());
  }
  sort_group(read);
  put_suppressed_last(read);
  reader.event.exceptions.clear();
  reader.event.exceptions.reserve(read.size());
  for (Numbered& numbered : read) reader.event.exceptions.push_back(std::move(numbered.exception));
}

void read_threads(const Path& path, Json threads, Reader& reader) {
  std::vector<Json> values = values_of(threads);
  Path list(&path, "values");
  size_t most = std::min(values.size(), reader.limits.threads);
  if (values.size() > most) {
    reader.warn(list, fmt::format("{} threads, the first {} kept", values.size(), most));
  }
  for (size_t at = 0; at < most; ++at) {
    read_thread(Path(&list, at), values[at], reader, reader.event.threads.emplace_back());
  }
}

void adopt_stack(std::optional<Json> stacktrace, std::optional<Json> threads, Reader& reader) {
  std::vector<Exception>& exceptions = reader.event.exceptions;
  if (any_frames(exceptions)) return;
  Path path(stacktrace ? "stacktrace" : "threads");
  if (!stacktrace) stacktrace = telling_stack(threads);
  if (!stacktrace) return;
  std::vector<Frame> frames;
  read_stacktrace(path, *stacktrace, reader, frames);
  if (frames.empty()) return;
  if (exceptions.empty()) exceptions.emplace_back().synthetic = true;
  exceptions[0].frames = std::move(frames);
}

}  // namespace flawless::wire::sentry
