#include <array>

#include "wire/rollbar/read.h"

namespace flawless::wire::rollbar {
namespace {

// The members of a frame that together tell the variables and their roles.
struct VariableSources {
  std::optional<Json> argspec, varargspec, keywordspec, locals, args, kwargs;
};

class VariableReader {
 public:
  VariableReader(const Path& path, Reader& reader, Frame& frame)
      : path_(path), reader_(reader), frame_(frame) {}

  void read(const VariableSources& sources) {
    collect_names(sources);
    look_up(sources.locals);
    positional(sources.args);
    for (const Named& named : names_) add(named.role, named.name, named.value);
    keywords(sources.kwargs);
    remaining_locals(sources.locals);
  }

 private:
  struct Named {
    std::string_view name;
    Variable::Role role;
    std::optional<Json> value;
  };

  void collect_names(const VariableSources& sources) {
    JsonArray argspec;
    if (sources.argspec && sources.argspec->get(argspec) == simdjson::SUCCESS) {
      for (Json name : argspec) {
        if (names_.size() >= reader_.limits.variables) break;
        names_.push_back({as_text(name), Variable::Role::kArgument, std::nullopt});
      }
    }
    arguments_ = names_.size();
    if (sources.varargspec) add_name(*sources.varargspec, Variable::Role::kVarArgs);
    if (sources.keywordspec) add_name(*sources.keywordspec, Variable::Role::kKeywordArgs);
  }

  void add_name(Json name, Variable::Role role) {
    if (!as_text(name).empty()) names_.push_back({as_text(name), role, std::nullopt});
  }

  Named* find(std::string_view name) {
    for (Named& named : names_) {
      if (named.name == name) return &named;
    }
    return nullptr;
  }

  // Values of the named arguments among the locals; looks no further than a sane frame reaches.
  void look_up(const std::optional<Json>& locals) {
    JsonObject object;
    if (!locals || locals->get(object) != simdjson::SUCCESS) return;
    size_t left = reader_.limits.container_entries;
    for (auto [key, value] : object) {
      if (left-- == 0) break;
      if (Named* named = find(key)) named->value = value;
    }
  }

  // `args` of older clients: values without names, in the order of the signature.
  void positional(const std::optional<Json>& args) {
    JsonArray array;
    if (!args || args->get(array) != simdjson::SUCCESS) return;
    size_t at = 0;
    for (Json value : array) {
      if (at >= reader_.limits.variables) break;
      if (at < arguments_) {
        if (!names_[at].value) names_[at].value = value;
      } else {
        add(Variable::Role::kArgument, std::to_string(at), value);
      }
      ++at;
    }
  }

  void keywords(const std::optional<Json>& kwargs) {
    JsonObject object;
    if (!kwargs || kwargs->get(object) != simdjson::SUCCESS) return;
    for (auto [key, value] : object) {
      if (!add(Variable::Role::kKeywordArgs, key, value)) break;
    }
  }

  void remaining_locals(const std::optional<Json>& locals) {
    if (!locals) return;
    auto object = reader_.object(Path(&path_, "locals"), *locals);
    if (!object) return;
    size_t left = reader_.limits.container_entries;
    for (auto [key, value] : *object) {
      if (left-- == 0) break;
      if (find(key) == nullptr && !add(Variable::Role::kLocal, key, value)) break;
    }
  }

  // False when there is no more room.
  bool add(Variable::Role role, std::string_view name, std::optional<Json> json) {
    if (frame_.variables.size() >= reader_.limits.variables) {
      if (!warned_) reader_.warn(Path(&path_, "locals"), "more variables than are kept");
      warned_ = true;
      return false;
    }
    Path path(&path_, name);
    Value value = json ? reader_.value(path, *json) : Value{};
    frame_.variables.push_back(
        {reader_.event.keep(utf8_prefix(name, reader_.limits.name_bytes)), role, std::move(value)});
    return true;
  }

  const Path& path_;
  Reader& reader_;
  Frame& frame_;
  std::vector<Named> names_;
  size_t arguments_ = 0;
  bool warned_ = false;
};

void read_context(const Path& path, Json context, Reader& reader, Frame& out) {
  auto object = reader.object(path, context);
  if (!object) return;
  size_t most = reader.limits.context_lines;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    if (key == "pre") out.code_before = reader.texts(Path(&path, "pre"), value, most);
    if (key == "post") out.code_after = reader.texts(Path(&path, "post"), value, most);
  }
}

void note_source(std::string_view key, Json value, VariableSources& sources) {
  if (key == "locals") sources.locals = value;
  if (key == "argspec") sources.argspec = value;
  if (key == "varargspec") sources.varargspec = value;
  if (key == "keywordspec") sources.keywordspec = value;
  if (key == "args") sources.args = value;
  if (key == "kwargs") sources.kwargs = value;
}

}  // namespace

void read_frame(const Path& path, Json frame, Reader& reader, Frame& out) {
  auto object = reader.object(path, frame);
  if (!object) return;
  VariableSources sources;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "filename") {
      out.path = reader.name(inner, value);
    } else if (key == "lineno") {
      out.line = reader.position(inner, value);
    } else if (key == "method") {
      out.function = reader.name(inner, value);
    } else if (key == "code") {
      out.code = reader.text(inner, value);
    } else if (key == "colno") {
      out.column = reader.position(inner, value);
    } else if (key == "class_name") {
      out.class_name = reader.name(inner, value);
    } else if (key == "in_app") {
      out.in_app_sent = reader.flag(inner, value);
    } else if (!reader.full) {
      continue;
    } else if (key == "context") {
      read_context(inner, value, reader, out);
    } else {
      note_source(key, value, sources);
    }
  }
  // "com.shop.Cart$Line" tells which of all files called Cart.java it is.
  if (out.class_name.find('.') != std::string_view::npos) out.module = out.class_name;
  if (reader.full) VariableReader(path, reader, out).read(sources);
}

}  // namespace flawless::wire::rollbar
