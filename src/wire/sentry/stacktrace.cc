#include "wire/sentry/read.h"

namespace flawless::wire::sentry {
namespace {

void read_variables(const Path& path, Json vars, Reader& reader, Frame& out) {
  auto object = reader.object(path, vars);
  if (!object) return;
  out.variables.reserve(std::min(object->size(), reader.limits.variables));
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (out.variables.size() == reader.limits.variables) {
      reader.warn(path, "more variables than are kept");
      break;
    }
    std::string_view name = reader.event.keep(utf8_prefix(key, reader.limits.name_bytes));
    out.variables.push_back({name, Variable::Role::kLocal, reader.value(inner, value)});
  }
}

// What the index needs not: source context and variables.
void read_detail(std::string_view key, const Path& path, Json value, Reader& reader, Frame& out) {
  size_t most = reader.limits.context_lines;
  if (key == "pre_context") {
    out.code_before = reader.texts(path, value, most);
  } else if (key == "post_context") {
    out.code_after = reader.texts(path, value, most);
  } else if (key == "vars") {
    read_variables(path, value, reader, out);
  }
}

void read_frame(const Path& path, Json frame, Reader& reader, Frame& out) {
  auto object = reader.object(path, frame);
  if (!object) return;
  std::string_view raw_function;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "filename") {
      out.path = reader.name(inner, value);
    } else if (key == "abs_path") {
      out.abs_path = reader.name(inner, value);
    } else if (key == "function") {
      out.function = reader.name(inner, value);
    } else if (key == "module") {
      out.module = reader.name(inner, value);
    } else if (key == "lineno") {
      out.line = reader.position(inner, value);
    } else if (key == "colno") {
      out.column = reader.position(inner, value);
    } else if (key == "context_line") {
      out.code = reader.text(inner, value);
    } else if (key == "in_app") {
      out.in_app_sent = reader.flag(inner, value);
    } else if (key == "package") {
      out.package = reader.name(inner, value);
    } else if (key == "instruction_addr") {
      out.address = reader.name(inner, value);
    } else if (key == "raw_function") {
      raw_function = reader.name(inner, value);
    } else if (reader.full) {
      read_detail(key, inner, value, reader, out);
    }
  }
  if (out.function.empty()) out.function = raw_function;
  if (out.path.empty()) out.path = out.abs_path;
  if (out.path == out.abs_path) out.abs_path = {};
}

}  // namespace

std::vector<Json> values_of(Json json) {
  std::vector<Json> out;
  if (auto values = member(json, "values"); values && (values->is_array() || values->is_null())) {
    json = *values;
  }
  JsonArray array;
  if (json.is_object()) {
    out.push_back(json);
  } else if (json.get(array) == simdjson::SUCCESS) {
    out.reserve(array.size());
    for (Json element : array) {
      if (!element.is_null()) out.push_back(element);
    }
  }
  return out;
}

void read_stacktrace(const Path& path, Json stacktrace, Reader& reader, std::vector<Frame>& out) {
  std::optional<Json> list = stacktrace.is_object() ? member(stacktrace, "frames") : stacktrace;
  if (!list) return;
  Path inner(&path, "frames");
  auto array = reader.array(inner, *list);
  if (!array) return;
  out.reserve(std::min(array->size(), reader.limits.frames));
  reader.each_outer_inner(inner, *array, reader.limits.frames, "frames",
                          [&](const Path& at, Json frame) {
                            if (frame.is_object())
                              read_frame(at, frame, reader, out.emplace_back());
                          });
}

}  // namespace flawless::wire::sentry
