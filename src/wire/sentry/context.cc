#include <fmt/format.h>

#include "wire/address.h"
#include "wire/sentry/read.h"

namespace flawless::wire::sentry {
namespace {

// A query as text: from {name: value} and [[name, value]] too.
std::string_view read_query(const Path& path, Json json, Reader& reader) {
  if (!json.is_object() && !json.is_array()) return reader.text(path, json);
  std::string out;
  for (const auto& [name, value] : reader.pairs(path, json, reader.limits.container_entries)) {
    fmt::format_to(std::back_inserter(out), "{}{}={}", out.empty() ? "" : "&", name, value);
  }
  return reader.event.keep(utf8_prefix(out, reader.limits.string_bytes));
}

std::string_view member_name(Json json, std::string_view key, const Path& path, Reader& reader) {
  auto value = member(json, key);
  return value && !value->is_null() ? reader.name(Path(&path, key), *value) : std::string_view{};
}

std::string_view member_text(Json json, std::string_view key) {
  auto value = member(json, key);
  return value ? as_text(*value) : std::string_view{};
}

void read_versioned(const Path& path, Json json, Reader& reader, std::string_view& name,
                    std::string_view& version) {
  if (!name.empty()) return;
  name = member_name(json, "name", path, reader);
  if (!name.empty()) version = member_name(json, "version", path, reader);
}

void read_device(const Path& path, Json json, Reader& reader) {
  for (std::string_view key : {"model", "family", "name"}) {
    if (reader.event.device.empty()) reader.event.device = member_name(json, key, path, reader);
  }
}

// Java's client gives the vendor's name: "Debian", "Eclipse Adoptium".
void read_runtime(const Path& path, Json json, Reader& reader) {
  Event& event = reader.event;
  std::string_view name = member_name(json, "name", path, reader);
  std::string_view version = member_name(json, "version", path, reader);
  event.language = version.empty() ? name : event.keep(fmt::format("{} {}", name, version));
  if (event.platform == "java" && !name.empty() && !version.empty()) {
    event.language = event.keep(fmt::format("Java {} ({})", version, name));
  }
}

void read_crumb(const Path& path, Json json, Reader& reader, Breadcrumb& out) {
  auto object = reader.object(path, json);
  if (!object) return;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "timestamp") out.at = reader.time(inner, value);
    if (key == "type") out.type = reader.name(inner, value);
    if (key == "category") out.category = reader.name(inner, value);
    if (key == "message") out.message = reader.text_of_any(inner, value);
    if (key == "level") out.level = reader.level(inner, value);
    if (key == "data") out.data = reader.value(inner, value);
  }
}

}  // namespace

void read_request(const Path& path, Json json, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object || object->size() == 0) return;
  Request& out = reader.event.request.emplace();
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "url") {
      out.url = reader.text(inner, value);
    } else if (key == "method") {
      out.method = reader.name(inner, value);
    } else if (key == "query_string") {
      out.query = read_query(inner, value, reader);
    } else if (key == "headers") {
      out.headers = reader.pairs(inner, value, reader.limits.headers);
    } else if (key == "env") {
      out.user_ip = member_name(value, "REMOTE_ADDR", inner, reader);
      if (reader.full) out.env = reader.value(inner, value);
    } else if (key == "data" && reader.full) {
      out.body = reader.value(inner, value);
    } else if (key == "cookies" && reader.full) {
      out.cookies = reader.value(inner, value);
    }
  }
}

void read_user(const Path& path, Json json, const Arrival& arrival, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object) return;
  Person& out = reader.event.person;
  std::string_view name;
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "id") {
      out.id = reader.name(inner, value);
    } else if (key == "username") {
      out.username = reader.name(inner, value);
    } else if (key == "email") {
      out.email = reader.name(inner, value);
    } else if (key == "ip_address") {
      out.ip = reader.event.keep(resolved_ip(reader.name(inner, value), arrival.peer_ip));
    } else {
      if (key == "name") name = reader.text_of_any(inner, value);
      if (reader.full) reader.add_member(out.extra, inner, key, value);
    }
  }
  if (out.username.empty()) out.username = name;
}

void read_contexts(const Path& path, Json json, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object) return;
  Event& event = reader.event;
  std::optional<Json> system;
  for (auto [key, value] : *object) {
    if (!value.is_object()) continue;
    Path inner(&path, key);
    if (key == "browser")
      read_versioned(inner, value, reader, event.browser, event.browser_version);
    if (key == "client_os") read_versioned(inner, value, reader, event.os, event.os_version);
    if (key == "os") system = value;
    if (key == "device") read_device(inner, value, reader);
    if (key == "trace") event.trace_id = member_name(value, "trace_id", inner, reader);
    // Rust's client calls it "rust" and says what it is.
    if (event.language.empty() &&
        (key == "runtime" || member_text(value, "type") == "runtime")) {
      read_runtime(inner, value, reader);
    }
  }
  // Of a web server's report this is the server's system: the browser's, which is in its
  // User-Agent, comes first.
  bool from_server = event.request && !event.request->header("User-Agent").empty();
  if (system && !from_server) {
    read_versioned(Path(&path, "os"), *system, reader, event.os, event.os_version);
  }
  if (reader.full) event.contexts = reader.value(path, json);
}

void read_breadcrumbs(const Path& path, Json json, Reader& reader) {
  std::vector<Json> values = values_of(json);
  Path list(&path, "values");
  size_t most = reader.limits.breadcrumbs, first = values.size() > most ? values.size() - most : 0;
  if (first > 0) {
    reader.warn(list, fmt::format("{} breadcrumbs, the last {} kept", values.size(), most));
  }
  for (size_t at = first; at < values.size(); ++at) {
    read_crumb(Path(&list, at), values[at], reader, reader.event.breadcrumbs.emplace_back());
  }
}

}  // namespace flawless::wire::sentry
