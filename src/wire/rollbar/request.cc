#include "wire/address.h"
#include "wire/rollbar/read.h"

namespace flawless::wire::rollbar {
namespace {

bool is_empty(const Value& value) {
  return value.is_null() || (value.is_string() && value.text.empty()) ||
         ((value.is_object() || value.is_array()) && value.members.empty());
}

// Of several places for the body of the request the first one that says something counts.
void read_body_value(const Path& path, Json json, Reader& reader, Request& out) {
  if (is_empty(out.body)) out.body = reader.value(path, json);
}

void read_query_params(const Path& path, Json json, Reader& reader, Request& out) {
  Value query = reader.value(path, json);
  if (is_empty(query)) return;
  if (is_empty(out.params)) {
    out.params = std::move(query);
  } else if (out.params.is_object() && query.is_object()) {
    for (Member& member : query.members) out.params.members.push_back(std::move(member));
  }
}

void read_values(std::string_view key, const Path& path, Json value, Reader& reader, Request& out) {
  if (key == "params") {
    read_query_params(path, value, reader, out);
  } else if (key == "GET" || key == "get") {
    read_query_params(path, value, reader, out);
  } else if (key == "POST" || key == "post" || key == "body" || key == "json" || key == "data") {
    read_body_value(path, value, reader, out);
  } else if (key == "cookies") {
    out.cookies = reader.value(path, value);
  } else if (key == "session") {
    out.session = reader.value(path, value);
  } else {
    reader.add_member(out.env, path, key, value);
  }
}

}  // namespace

void read_request(const Path& path, Json json, const Arrival& arrival, Reader& reader) {
  auto object = reader.object(path, json);
  if (!object) return;
  Request& out = reader.event.request.emplace();
  for (auto [key, value] : *object) {
    if (value.is_null()) continue;
    Path inner(&path, key);
    if (key == "url") {
      out.url = reader.text(inner, value);
    } else if (key == "method") {
      out.method = reader.name(inner, value);
    } else if (key == "headers") {
      out.headers = reader.pairs(inner, value, reader.limits.headers);
    } else if (key == "query_string") {
      out.query = reader.text_of_any(inner, value);
    } else if (key == "user_ip") {
      out.user_ip = reader.event.keep(resolved_ip(reader.name(inner, value), arrival.peer_ip));
    } else if (reader.full) {
      read_values(key, inner, value, reader, out);
    }
  }
}

}  // namespace flawless::wire::rollbar
