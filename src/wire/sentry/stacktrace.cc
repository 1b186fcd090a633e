#include "wire/names.h"
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

// In the order of kFrameNames.
enum class FrameName {
  kFilename,
  kAbsPath,
  kFunction,
  kModule,
  kLine,
  kColumn,
  kContextLine,
  kInApp,
  kPackage,
  kAddress,
  kRawFunction,
  kPreContext,
  kPostContext,
  kVars,
  kOther,
};
constexpr Names<static_cast<size_t>(FrameName::kOther)> kFrameNames(
    {"filename", "abs_path", "function", "module", "lineno", "colno", "context_line", "in_app",
     "package", "instruction_addr", "raw_function", "pre_context", "post_context", "vars"});

// What the index needs not: source context and variables.
void read_detail(FrameName name, const Path& path, Json value, Reader& reader, Frame& out) {
  size_t most = reader.limits.context_lines;
  if (name == FrameName::kPreContext) {
    out.code_before = reader.texts(path, value, most);
  } else if (name == FrameName::kPostContext) {
    out.code_after = reader.texts(path, value, most);
  } else {
    read_variables(path, value, reader, out);
  }
}

void read_member(FrameName name, const Path& path, Json value, Reader& reader, Frame& out,
                 std::string_view& raw_function) {
  switch (name) {
    case FrameName::kFilename:
      out.path = reader.name(path, value);
      break;
    case FrameName::kAbsPath:
      out.abs_path = reader.name(path, value);
      break;
    case FrameName::kFunction:
      out.function = reader.name(path, value);
      break;
    case FrameName::kModule:
      out.module = reader.name(path, value);
      break;
    case FrameName::kLine:
      out.line = reader.position(path, value);
      break;
    case FrameName::kColumn:
      out.column = reader.position(path, value);
      break;
    case FrameName::kContextLine:
      out.code = reader.text(path, value);
      break;
    case FrameName::kInApp:
      out.in_app_sent = reader.flag(path, value);
      break;
    case FrameName::kPackage:
      out.package = reader.name(path, value);
      break;
    case FrameName::kAddress:
      out.address = reader.name(path, value);
      break;
    case FrameName::kRawFunction:
      raw_function = reader.name(path, value);
      break;
    case FrameName::kPreContext:
    case FrameName::kPostContext:
    case FrameName::kVars:
      if (reader.full) read_detail(name, path, value, reader, out);
      break;
    case FrameName::kOther:
      break;
  }
}

void read_frame(const Path& path, Json frame, Reader& reader, Frame& out) {
  auto object = reader.object(path, frame);
  if (!object) return;
  std::string_view raw_function;
  for (auto [key, value] : *object) {
    const auto name = static_cast<FrameName>(kFrameNames.find(key));
    if (name == FrameName::kOther || value.is_null()) continue;
    read_member(name, Path(&path, key), value, reader, out, raw_function);
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
