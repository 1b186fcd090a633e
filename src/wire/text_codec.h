// Undoing base64 and both encodings of forms.
#pragma once

#include <optional>
#include <string_view>

#include "wire/encoding.h"

namespace flawless::wire {

// Standard and URL alphabet, padding optional, white space ignored. False if anything else is in
// it.
[[nodiscard]] bool decode_base64(std::string_view text, Buffer& out);

// The raw (still encoded) value of a field of an application/x-www-form-urlencoded body.
[[nodiscard]] std::optional<std::string_view> form_field(std::string_view form,
                                                         std::string_view name);

// The value of a field of a multipart/form-data body. The body itself tells its boundary: the first
// line.
[[nodiscard]] std::optional<std::string_view> multipart_field(std::string_view form,
                                                              std::string_view name);

// Percent escapes and '+'. What is no valid escape stays as it is. Writes at most text.size()
// bytes; returns how many.
size_t decode_form_value(std::string_view text, char* out);

}  // namespace flawless::wire
