// The JSON parser behind Parser. Internal to the room: the only header that names simdjson.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "base/result.h"
#include "event/arena.h"
#include "wire/encoding.h"
#include "wire/report.h"

namespace flawless::wire {

using Json = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

struct Parser::Impl {
  simdjson::dom::parser document;  // the event
  simdjson::dom::parser header;    // an envelope's header lines
  Buffer decoded;                  // a body that came as a form or as base64
  Buffer cleaned;                  // what sanitise() made
  Arena notes;                     // text of the last Inspection

  // Gives back what a large document made it allocate.
  void shrink();
};

struct Document {
  Json root;
  size_t bytes = 0;        // of its text
  bool sanitised = false;  // was not strict JSON
};

// `text` needs Buffer::kSlack readable bytes behind it. The document lives in `parser` until its
// next use. kInvalid says where and what is wrong.
Result<Document> parse_json(simdjson::dom::parser& parser, Buffer& cleaned, std::string_view text);

inline std::string_view as_text(Json json) {
  std::string_view text;
  return json.get(text) == simdjson::SUCCESS ? text : std::string_view{};
}
// The member `name` of an object; its last occurrence if there are several; nothing if it is not an
// object.
std::optional<Json> member(Json json, std::string_view name);
// "an object", "a string" …
std::string_view kind_name(Json json);

}  // namespace flawless::wire
