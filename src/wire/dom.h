// The JSON parser behind Parser. Internal to the room: the only header that names simdjson.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "base/result.h"
#include "event/arena.h"
#include "wire/encoding.h"
#include "wire/report.h"

namespace flawless::wire {

using Json = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

// A body that was parsed; everything in it lives in the parser.
struct OpenBody {
  bool has_event = true;
  Json event;  // Rollbar: the whole document, of which `data` is the report
  size_t event_bytes = 0;
  bool sanitised = false;
  std::string_view access_token;  // Rollbar
  std::string_view dsn_key;       // Sentry
  std::string_view header_id;     // event_id of the envelope's header
  uint32_t skipped_items = 0;
};

struct Parser::Impl {
  simdjson::dom::parser document;  // the event
  simdjson::dom::parser header;    // an envelope's header lines
  Buffer decoded;                  // a body that came as a form or as base64
  Buffer cleaned;                  // what sanitise() made
  Arena notes;                     // text of the last Inspection
  std::optional<OpenBody>
      inspected;  // the body of the last inspect(), while it is still parsed here

  // Gives back what a large document made it allocate, and forgets what was parsed then.
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
