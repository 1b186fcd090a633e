#include "wire/flawless/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wire/address.h"
#include "wire/user_agent.h"

namespace flawless::wire::v2 {
namespace {

using TextField = std::string_view Event::*;
struct Field {
  std::string_view key;
  TextField member;
};
constexpr std::array kNames = {
    Field{"platform", &Event::platform},   Field{"language", &Event::language},
    Field{"framework", &Event::framework}, Field{"environment", &Event::environment},
    Field{"release", &Event::release},     Field{"host", &Event::host},
    Field{"logger", &Event::logger},       Field{"context", &Event::context},
    Field{"device", &Event::device},       Field{"server_root", &Event::server_root},
    Field{"trace_id", &Event::trace_id},
};

void read_roled_variable(const Path& path, Json json, Reader& reader, Frame& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  Variable& variable = out.variables.emplace_back();
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (key == "name") variable.name = reader.name(inner, value);
    if (key == "value") variable.value = reader.value(inner, value);
    if (key != "role") continue;
    for (auto role :
         {Variable::Role::kArgument, Variable::Role::kVarArgs, Variable::Role::kKeywordArgs}) {
      if (as_text(value) == role_name(role)) variable.role = role;
    }
  }
}

void read_variables(const Path& path, Json json, Reader& reader, Frame& out) {
  auto array = reader.array(path, json);
  if (!array) return;
  size_t at = 0;
  for (Json element : *array) {
    if (out.variables.size() == reader.limits.variables) {
      return reader.warn(path, "more variables than are kept");
    }
    read_roled_variable(Path(&path, at++), element, reader, out);
  }
}

void read_locals(const Path& path, Json json, Reader& reader, Frame& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (out.variables.size() == reader.limits.variables) {
      return reader.warn(path, "more variables than are kept");
    }
    std::string_view name = reader.event.keep(utf8_prefix(key, reader.limits.name_bytes));
    out.variables.push_back({name, Variable::Role::kLocal, reader.value(inner, value)});
  }
}

bool read_frame_text(std::string_view key, const Path& path, Json value, Reader& reader,
                     Frame& out) {
  struct FrameField {
    std::string_view key;
    std::string_view Frame::* member;
  };
  static constexpr std::array kFields = {
      FrameField{"path", &Frame::path},         FrameField{"function", &Frame::function},
      FrameField{"module", &Frame::module},     FrameField{"class_name", &Frame::class_name},
      FrameField{"abs_path", &Frame::abs_path}, FrameField{"package", &Frame::package},
      FrameField{"address", &Frame::address}};
  for (const FrameField& field : kFields) {
    if (field.key == key) return out.*field.member = reader.name(path, value), true;
  }
  return false;
}

void read_frame(const Path& path, Json json, Reader& reader, Frame& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  size_t most = reader.limits.context_lines;
  for (auto [key, value] : *object) {
    Path inner(&path, key);
    if (value.is_null() || read_frame_text(key, inner, value, reader, out)) continue;
    if (key == "line") out.line = reader.position(inner, value);
    if (key == "column") out.column = reader.position(inner, value);
    if (key == "function_first_line") out.function_first_line = reader.position(inner, value);
    if (key == "function_last_line") out.function_last_line = reader.position(inner, value);
    if (key == "code") out.code = reader.text(inner, value);
    if (key == "in_app" && !out.in_app_sent) out.in_app_sent = reader.flag(inner, value);
    if (key == "in_app_sent") out.in_app_sent = reader.flag(inner, value);
    if (!reader.full) continue;
    if (key == "code_before") out.code_before = reader.texts(inner, value, most);
    if (key == "code_after") out.code_after = reader.texts(inner, value, most);
    if (key == "variables") read_variables(inner, value, reader, out);
    if (key == "locals") read_locals(inner, value, reader, out);
  }
}

void read_frames(const Path& path, Json json, Reader& reader, std::vector<Frame>& out) {
  auto array = reader.array(path, json);
  if (!array) return;
  out.clear();
  out.reserve(std::min(array->size(), reader.limits.frames));
  reader.each_outer_inner(path, *array, reader.limits.frames, "frames",
                          [&](const Path& at, Json frame) {
                            if (!frame.is_null()) read_frame(at, frame, reader, out.emplace_back());
                          });
}

void read_exception(const Path& path, Json json, Reader& reader, Exception& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "type") out.type = reader.name(inner, value);
    if (key == "module") out.module = reader.name(inner, value);
    if (key == "message") out.message = reader.text_of_any(inner, value);
    if (key == "mechanism") out.mechanism = reader.name(inner, value);
    if (key == "handled") out.handled = reader.flag(inner, value);
    if (key == "synthetic") out.synthetic = reader.flag(inner, value).value_or(false);
    if (key == "frames") read_frames(inner, value, reader, out.frames);
  }
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
    if (key == "frames") read_frames(inner, value, reader, out.frames);
  }
}

void read_crumb(const Path& path, Json json, Reader& reader, Breadcrumb& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "at") out.at = reader.time(inner, value);
    if (key == "type") out.type = reader.name(inner, value);
    if (key == "category") out.category = reader.name(inner, value);
    if (key == "message") out.message = reader.text_of_any(inner, value);
    if (key == "level") out.level = reader.level(inner, value);
    if (key == "data") out.data = reader.value(inner, value);
  }
}

// Reads the elements of a list with `read_one`, at most `most`: the first ones or the last ones.
template <typename T, typename F>
void read_list(const Path& path, Json json, size_t most, bool last, Reader& reader,
               std::vector<T>& out, F read_one) {
  auto array = reader.array(path, json);
  if (!array) return;
  out.clear();
  size_t size = array->size(), skip = last && size > most ? size - most : 0, at = 0;
  if (size > most) {
    reader.warn(path,
                fmt::format("{} entries, the {} {} kept", size, last ? "last" : "first", most));
  }
  for (Json element : *array) {
    size_t index = at++;
    if (index < skip || out.size() == most || element.is_null()) continue;
    read_one(Path(&path, index), element, reader, out.emplace_back());
  }
}

void read_request(const Path& path, Json json, const Arrival& arrival, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object) return;
  Request& out = reader.event.request.emplace();
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "method") out.method = reader.name(inner, value);
    if (key == "url") out.url = reader.text(inner, value);
    if (key == "query") out.query = reader.text_of_any(inner, value);
    if (key == "headers") out.headers = reader.pairs(inner, value, reader.limits.headers);
    if (key == "user_ip") {
      out.user_ip = reader.event.keep(resolved_ip(reader.name(inner, value), arrival.peer_ip));
    }
    if (!reader.full) continue;
    if (key == "cookies") out.cookies = reader.value(inner, value);
    if (key == "body") out.body = reader.value(inner, value);
    if (key == "params") out.params = reader.value(inner, value);
    if (key == "env") out.env = reader.value(inner, value);
    if (key == "session") out.session = reader.value(inner, value);
  }
}

void read_person(const Path& path, Json json, const Arrival& arrival, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object) return;
  Person& out = reader.event.person;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "id") {
      out.id = reader.name(inner, value);
    } else if (key == "username") {
      out.username = reader.name(inner, value);
    } else if (key == "email") {
      out.email = reader.name(inner, value);
    } else if (key == "ip") {
      out.ip = reader.event.keep(resolved_ip(reader.name(inner, value), arrival.peer_ip));
    } else if (key == "extra" && value.is_object()) {
      if (reader.full) out.extra = reader.value(inner, value);
    } else if (reader.full) {
      reader.add_member(out.extra, inner, key, value);
    }
  }
}

// {name, version}, or just the name.
void read_versioned(const Path& path, Json json, Reader& reader, std::string_view& name,
                    std::string_view& version) {
  if (json.is_string()) {
    name = reader.name(path, json);
    return;
  }
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    if (key == "name") name = reader.name(Path(&path, key), value);
    if (key == "version") version = reader.name(Path(&path, key), value);
  }
}

class ReportReader {
 public:
  ReportReader(const Arrival& arrival, Reader& reader)
      : arrival_(arrival),
        reader_(reader),
        event_(reader.event),
        id_is_known_(!reader.event.id.is_zero()) {}

  void read(JsonObject object) {
    for (auto [key, value] : object) {
      if (value.is_null()) continue;
      Path path(key);
      if (read_name(key, path, value) || read_what(key, path, value) || read_who(key, path, value))
        continue;
      if (reader_.full) read_detail(key, path, value);
    }
    finish();
  }

 private:
  bool read_name(std::string_view key, const Path& path, Json value) {
    for (const Field& field : kNames) {
      if (field.key == key) return event_.*field.member = reader_.name(path, value), true;
    }
    return false;
  }

  bool read_what(std::string_view key, const Path& path, Json value) {
    if (key == "exceptions") {
      read_list(path, value, reader_.limits.exceptions, false, reader_, event_.exceptions,
                read_exception);
    } else if (key == "message") {
      event_.message = reader_.text_of_any(path, value);
    } else if (key == "message_template") {
      event_.message_template = reader_.text(path, value);
    } else if (key == "title") {
      event_.title = reader_.text(path, value);
    } else if (key == "level") {
      read_level(path, value);
    } else if (key == "fingerprint") {
      read_fingerprint(path, value);
    } else if (key == "count") {
      read_count(path, value);
    } else if (key == "error_threshold") {
      event_.error_threshold = reader_.position(path, value);
    } else if (key == "id") {
      if (!id_is_known_ && !as_text(value).empty())
        event_.id = ReportId::from_client(as_text(value));
    } else if (key == "occurred_at" || key == "timestamp") {
      event_.occurred_at = reader_.time(path, value);
    } else {
      return false;
    }
    return true;
  }

  bool read_who(std::string_view key, const Path& path, Json value) {
    if (key == "request") {
      read_request(path, value, arrival_, reader_);
    } else if (key == "person") {
      read_person(path, value, arrival_, reader_);
    } else if (key == "tags") {
      event_.tags = reader_.pairs(path, value, reader_.limits.tags);
    } else if (key == "sdk") {
      read_versioned(path, value, reader_, event_.sdk_name, event_.sdk_version);
    } else if (key == "browser") {
      read_versioned(path, value, reader_, event_.browser, event_.browser_version);
    } else if (key == "os") {
      read_versioned(path, value, reader_, event_.os, event_.os_version);
    } else {
      return false;
    }
    return true;
  }

  void read_detail(std::string_view key, const Path& path, Json value) {
    if (key == "custom") event_.custom = reader_.value(path, value);
    if (key == "contexts") event_.contexts = reader_.value(path, value);
    if (key == "server") event_.server = reader_.value(path, value);
    if (key == "crash_report") event_.crash_report = reader_.text(path, value);
    if (key == "modules") event_.modules = reader_.pairs(path, value, reader_.limits.modules);
    if (key == "threads") {
      read_list(path, value, reader_.limits.threads, false, reader_, event_.threads, read_thread);
    }
    if (key == "breadcrumbs") {
      read_list(path, value, reader_.limits.breadcrumbs, true, reader_, event_.breadcrumbs,
                read_crumb);
    }
  }

  void read_level(const Path& path, Json value) {
    if (auto level = reader_.level(path, value)) {
      event_.level = *level;
      event_.level_sent = true;
    }
  }

  void read_count(const Path& path, Json value) {
    constexpr double kMost = 1'000'000;
    const std::optional<double> sent = reader_.number(path, value);
    if (!sent) return;
    const double count = std::clamp(std::floor(*sent), 1.0, kMost);
    if (count != *sent) reader_.warn(path, fmt::format("{} counted as {}", *sent, count));
    event_.count = static_cast<uint32_t>(count);
  }

  void read_fingerprint(const Path& path, Json value) {
    if (value.is_array()) {
      event_.fingerprint = reader_.texts(path, value, reader_.limits.fingerprint_parts);
    } else {
      event_.fingerprint.assign(1, reader_.text_of_any(path, value));
    }
  }

  void finish() {
    if (event_.environment.empty()) event_.environment = "production";
    if (!event_.level_sent) event_.level = event_.exceptions.empty() ? Level::kInfo : Level::kError;
    if (!event_.request) return;
    apply_user_agent(event_, event_.request->header("User-Agent"));
    if (event_.person.ip.empty()) event_.person.ip = event_.request->user_ip;
  }

  const Arrival& arrival_;
  Reader& reader_;
  Event& event_;
  bool id_is_known_;
};

Status check_exceptions(Json json) {
  JsonArray array;
  if (json.get(array) != simdjson::SUCCESS) {
    return {Code::kInvalid, fmt::format("\"exceptions\" must be a list of {{\"type\", \"message\", "
                                        "\"frames\"}}, not {}",
                                        kind_name(json))};
  }
  size_t at = 0;
  for (Json element : array) {
    if (!element.is_object()) {
      return {Code::kInvalid,
              fmt::format("\"exceptions[{}]\" must be an object, not {}", at, kind_name(element))};
    }
    auto frames = member(element, "frames");
    if (frames && !frames->is_array() && !frames->is_null()) {
      return {Code::kInvalid,
              fmt::format("\"exceptions[{}].frames\" must be a list, outermost call first, not {}",
                          at, kind_name(*frames))};
    }
    ++at;
  }
  return Status::ok();
}

}  // namespace

Status check(Json document) {
  auto exceptions = member(document, "exceptions");
  if (exceptions && !exceptions->is_null()) RETURN_IF_ERROR(check_exceptions(*exceptions));
  auto message = member(document, "message");
  bool has_exception = exceptions && exceptions->is_array() && JsonArray(*exceptions).size() > 0;
  bool has_message =
      message && !message->is_null() && !(message->is_string() && as_text(*message).empty());
  auto crash = member(document, "crash_report");
  if (has_exception || has_message || (crash && crash->is_string())) return Status::ok();
  return {
      Code::kInvalid,
      "a report needs \"message\" (text) or \"exceptions\" (a list); see docs/report-format.md"};
}

Status read(Json document, const Arrival& arrival, Reader& reader) {
  JsonObject object;
  if (document.get(object) != simdjson::SUCCESS)
    return {Code::kInvalid, "the report is no JSON object"};
  ReportReader(arrival, reader).read(object);
  return Status::ok();
}

}  // namespace flawless::wire::v2
