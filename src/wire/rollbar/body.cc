#include <fmt/format.h>

#include "wire/rollbar/read.h"

namespace flawless::wire::rollbar {
namespace {

// What the program said when it reported; it stands in for a message, or beside it. Browsers only
// repeat the message: "Uncaught TypeError: ...".
void read_description(const Path& path, Json json, Reader& reader, Exception& out) {
  const std::string_view text = as_text(json);
  if (out.message.empty()) {
    out.message = reader.text_of_any(path, json);
  } else if (reader.full && !text.empty() && !text.ends_with(out.message)) {
    reader.add_member(reader.event.custom, path, "description", json);
  }
}

void read_exception_class(const Path& path, Json json, Reader& reader, Exception& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  std::optional<Json> description;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (key == "class") out.type = reader.name(inner, value);
    if (key == "message") out.message = reader.text_of_any(inner, value);
    if (key == "description" && !value.is_null()) description = value;
  }
  if (description) read_description(Path(&path, "description"), *description, reader, out);
}

void read_frames(const Path& path, Json json, Reader& reader, std::vector<Frame>& out) {
  auto array = reader.array(path, json);
  if (!array) return;
  out.reserve(std::min(array->size(), reader.limits.frames));
  reader.each_outer_inner(path, *array, reader.limits.frames, "frames",
                          [&](const Path& at, Json frame) {
                            if (frame.is_null()) return;
                            read_frame(at, frame, reader, out.emplace_back());
                          });
}

void read_trace(const Path& path, Json trace, Reader& reader, Exception& out) {
  auto object = reader.object(path, trace);
  if (!object) return;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (key == "exception") {
      read_exception_class(inner, value, reader, out);
    } else if (key == "frames") {
      out.frames.clear();
      read_frames(inner, value, reader, out.frames);
    } else if (key == "extra" && reader.full && !value.is_null()) {
      reader.add_member(reader.event.custom, inner, "trace.extra", value);
    }
  }
}

void read_chain(const Path& path, Json chain, Reader& reader, std::vector<Exception>& out) {
  auto array = reader.array(path, chain);
  if (!array) return;
  size_t at = 0;
  for (Json trace : *array) {
    if (out.size() == reader.limits.exceptions) {
      reader.warn(path, fmt::format("{} exceptions, the first {} kept", array->size(), out.size()));
      break;
    }
    Path inner(&path, at++);
    if (!trace.is_null()) read_trace(inner, trace, reader, out.emplace_back());
  }
}

void read_message(const Path& path, Json message, Reader& reader) {
  JsonObject object;
  if (message.get(object) != simdjson::SUCCESS) {
    reader.event.message = reader.text_of_any(path, message);
    return;
  }
  for (auto [key, value] : object) {
    Path inner(&path, key);
    if (key == "body") {
      reader.event.message = reader.text_of_any(inner, value);
    } else if (reader.full) {
      reader.add_member(reader.event.custom, inner, key, value);
    }
  }
}

void read_crash_report(const Path& path, Json report, Reader& reader) {
  auto raw = report.is_object() ? member(report, "raw") : report;
  if (raw) reader.event.crash_report = reader.text(path, *raw);
}

std::string_view crumb_text(Json body, std::string_view name) {
  auto found = member(body, name);
  return found ? as_text(*found) : std::string_view{};
}

// One line of what happened, from the fields that the type of telemetry has.
std::string crumb_message(Json body) {
  if (!body.is_object()) return std::string(as_text(body));
  if (auto message = crumb_text(body, "message"); !message.empty()) return std::string(message);
  if (auto url = crumb_text(body, "url"); !url.empty()) {
    std::string out = fmt::format("{} {}", crumb_text(body, "method"), url);
    if (auto status = member(body, "status_code")) out += " → " + simdjson::minify(*status);
    return out;
  }
  auto from = crumb_text(body, "from"), to = crumb_text(body, "to");
  if (!from.empty() || !to.empty()) return fmt::format("{} → {}", from, to);
  return fmt::format("{} {}", crumb_text(body, "subtype"), crumb_text(body, "element"));
}

void read_crumb(const Path& path, Json json, Reader& reader, Breadcrumb& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (value.is_null()) continue;
    if (key == "timestamp_ms") out.at = reader.time(inner, value);
    if (key == "level") out.level = reader.level(inner, value);
    if (key == "type") out.type = reader.name(inner, value);
    if (key == "source") out.category = reader.name(inner, value);
    if (key == "body") {
      out.message =
          reader.event.keep(utf8_prefix(crumb_message(value), reader.limits.string_bytes));
      out.data = reader.value(inner, value);
    }
  }
}

void read_telemetry(const Path& path, Json telemetry, Reader& reader) {
  auto array = reader.array(path, telemetry);
  if (!array) return;
  size_t size = array->size(), most = reader.limits.breadcrumbs, at = 0;
  if (size > most) reader.warn(path, fmt::format("{} entries, the last {} kept", size, most));
  for (Json crumb : *array) {
    if (at++ + most < size || crumb.is_null()) continue;
    read_crumb(Path(&path, at - 1), crumb, reader, reader.event.breadcrumbs.emplace_back());
  }
}

void read_group(const Path& path, Json group, Reader& reader, Thread& out) {
  std::vector<Exception> chain;
  if (auto traces = member(group, "trace_chain")) read_chain(path, *traces, reader, chain);
  if (!chain.empty()) out.frames = std::move(chain.front().frames);
}

// One group, or a list of them: the first with frames tells where the thread was.
void read_groups(const Path& path, Json groups, Reader& reader, Thread& out) {
  JsonArray array;
  if (groups.get(array) != simdjson::SUCCESS) return read_group(path, groups, reader, out);
  size_t at = 0;
  for (Json group : array) {
    if (at == reader.limits.exceptions || !out.frames.empty()) break;
    read_group(Path(&path, at++), group, reader, out);
  }
}

void read_thread(const Path& path, Json json, Reader& reader, Thread& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (value.is_null()) continue;
    if (key == "id") out.id = reader.name(inner, value);
    if (key == "name") out.name = reader.name(inner, value);
    if (key == "state") out.state = reader.name(inner, value);
    if (key == "is_main") out.current = reader.flag(inner, value).value_or(false);
    if (key == "group") read_groups(inner, value, reader, out);
  }
}

void read_threads(const Path& path, Json threads, Reader& reader) {
  auto array = reader.array(path, threads);
  if (!array) return;
  for (Json thread : *array) {
    if (reader.event.threads.size() == reader.limits.threads) {
      reader.warn(
          path, fmt::format("{} threads, the first {} kept", array->size(), reader.limits.threads));
      break;
    }
    Path inner(&path, reader.event.threads.size());
    if (!thread.is_null()) read_thread(inner, thread, reader, reader.event.threads.emplace_back());
  }
}

}  // namespace

void read_body(const Path& path, Json body, Reader& reader) {
  auto object = reader.object(path, body);
  if (!object) return;
  std::vector<Exception>& exceptions = reader.event.exceptions;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (value.is_null()) continue;
    if (key == "trace") {
      exceptions.clear();
      read_trace(inner, value, reader, exceptions.emplace_back());
    } else if (key == "trace_chain") {
      exceptions.clear();
      read_chain(inner, value, reader, exceptions);
    } else if (key == "message") {
      read_message(inner, value, reader);
    } else if (key == "crash_report") {
      read_crash_report(inner, value, reader);
    } else if (key == "telemetry" && reader.full) {
      read_telemetry(inner, value, reader);
    } else if (key == "threads" && reader.full) {
      read_threads(inner, value, reader);
    }
  }
}

}  // namespace flawless::wire::rollbar
