// From a body to the JSON of its event, whatever it is wrapped in.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/dom.h"

namespace flawless::wire {

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

// Parses `body` in `parser`, where everything that is returned lives. kInvalid says what is wrong.
Result<OpenBody> open_body(Protocol protocol, std::string_view body, Parser::Impl& parser);

}  // namespace flawless::wire
