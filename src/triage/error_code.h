// Internal: numbers in messages that say which fault it is, and so are kept.
#pragma once

#include <cstddef>
#include <string_view>

namespace flawless::triage {

// Size of a code like "ORA-00001", "E11000" or "TS2304" at `at`, 0 if there is none: capitals and
// three to six digits, either with a prefix that vendors use or where a code stands, behind "error"
// or at the front before a colon. "order A12345" is an id.
size_t error_code_size(std::string_view text, size_t at);

// Whether the three digits at `at` are an HTTP status that was answered: "Got 401", "failed with
// 503 Service Unavailable", but not "got 404 items".
bool is_http_status(std::string_view text, size_t at);

}  // namespace flawless::triage
