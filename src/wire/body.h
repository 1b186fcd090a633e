// From a body to the JSON of its event, whatever it is wrapped in.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/dom.h"
#include "wire/limits.h"

namespace flawless::wire {

// Parses `body` in `parser`, where everything that is returned lives. kInvalid says what is wrong;
// kTooLarge: more than `most` bytes are packed in it.
Result<OpenBody> open_body(Protocol protocol, std::string_view body, Parser::Impl& parser,
                           size_t most = kRequestBytes);

}  // namespace flawless::wire
