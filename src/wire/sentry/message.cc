#include "wire/sentry/read.h"

namespace flawless::wire::sentry {

void read_message(const Path& path, Json json, Reader& reader) {
  if (!json.is_object()) {
    std::string_view text = reader.text_of_any(path, json);
    if (!text.empty()) reader.event.message = text;
    return;
  }
  std::string_view message, formatted;
  auto params = member(json, "params");
  if (auto value = member(json, "message"); value && !value->is_null()) {
    message = reader.text_of_any(Path(&path, "message"), *value);
  }
  if (auto value = member(json, "formatted"); value && !value->is_null()) {
    formatted = reader.text_of_any(Path(&path, "formatted"), *value);
  }
  if (formatted.empty() && params && !message.empty()) {
    std::string expanded = format_message(message, *params);
    if (expanded != message)
      formatted = reader.event.keep(utf8_prefix(expanded, reader.limits.string_bytes));
  }
  if (!formatted.empty()) {
    reader.event.message = formatted;
    reader.event.message_template = message == formatted && !params ? std::string_view{} : message;
  } else if (!message.empty()) {
    reader.event.message = message;
  }
}

}  // namespace flawless::wire::sentry
