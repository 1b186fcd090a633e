#include "notify/payload.h"

#include <simdjson.h>

#include <charconv>
#include <limits>

#include "base/json_writer.h"

namespace flawless::notify {
namespace {

int64_t number(simdjson::dom::object object, std::string_view name) {
  int64_t found = 0;
  return object[name].get(found) == simdjson::SUCCESS ? found : 0;
}

std::string text(simdjson::dom::object object, std::string_view name) {
  std::string_view found;
  return object[name].get(found) == simdjson::SUCCESS ? std::string(found) : std::string();
}

std::string joined(simdjson::dom::object object, std::string_view name) {
  std::string all;
  simdjson::dom::array list;
  if (object[name].get(list) != simdjson::SUCCESS) return all;
  for (const simdjson::dom::element each : list) {
    std::string_view found;
    if (each.get(found) != simdjson::SUCCESS) continue;
    if (!all.empty()) all += ", ";
    all += found;
  }
  return all;
}

uint32_t position(int64_t found) {
  return found > 0 && found <= std::numeric_limits<uint32_t>::max() ? static_cast<uint32_t>(found)
                                                                    : 0;
}

LineId line_of_key(std::string_view key) {
  LineId line;
  for (const std::string_view kind : {"line:", "known:"}) {
    if (key.starts_with(kind)) {
      const std::string_view rest = key.substr(kind.size());
      std::from_chars(rest.data(), rest.data() + rest.size(), line.v);
    }
  }
  return line;
}

void fill(Payload& payload, simdjson::dom::object object) {
  payload.project = {number(object, "project")};
  payload.project_name = text(object, "project_name");
  payload.item = {number(object, "item")};
  payload.item_number = number(object, "item_number");
  payload.occurrence = {number(object, "occurrence")};
  payload.line = {number(object, "line")};
  payload.path = text(object, "path");
  payload.function = text(object, "function");
  payload.text = text(object, "text");
  payload.line_number = position(number(object, "line_number"));
  payload.why = text(object, "why");
  payload.developer = text(object, "developer");
  payload.intended_for = text(object, "intended_for");
  payload.header = text(object, "header");
  payload.left_out = joined(object, "left_out");
  payload.recipient = text(object, "recipient");
  payload.subject = text(object, "subject");
  payload.reason = text(object, "reason");
}

}  // namespace

Payload read_payload(const store::Message& message) {
  Payload payload;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(message.payload).get(object) == simdjson::SUCCESS) fill(payload, object);
  if (const LineId line = line_of_key(message.key)) payload.line = line;
  if (message.item) payload.item = message.item;
  return payload;
}

std::string undeliverable_payload(const Payload& of, std::string_view recipient,
                                  std::string_view subject, std::string_view reason) {
  JsonWriter json;
  json.object();
  json.field("project", of.project.v).field_if("project_name", of.project_name);
  json.field("item", of.item.v).field("item_number", of.item_number);
  json.field("recipient", recipient).field("subject", subject).field("reason", reason);
  json.end();
  return json.take();
}

}  // namespace flawless::notify
