// An Incident as templates are filled with it; mails and pages share it. Internal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "render/incident.h"
#include "render/template.h"

namespace flawless::render {

// How much is shown. Each later level of kDetails shows less, so that the last one always fits.
struct Detail {
  size_t value_bytes;      // of one variable
  size_t variables;        // of one frame
  size_t variable_frames;  // frames whose variables are shown, innermost first
  size_t frames;           // of one traceback
  size_t text_bytes;       // of a message or request body
  size_t short_bytes;      // of a path, a line of code, a header
  size_t rows;             // of headers, tags, reasons, chained exceptions
};
inline constexpr Detail kDetails[] = {
    {500, 100, 40, 250, 8000, 500, 100}, {120, 60, 20, 100, 4000, 300, 60},
    {80, 25, 5, 60, 2000, 200, 40},      {60, 0, 0, 40, 1000, 160, 20},
    {60, 0, 0, 6, 200, 80, 2},
};

// `less`: says that variables were cut for size.
[[nodiscard]] View incident_view(const Incident& incident, const Detail& detail, bool less);

// The frame that the incident's place names; null when the event has none such.
[[nodiscard]] const Frame* culprit_frame(const Incident& incident);

// "shop/banner.py:17"
[[nodiscard]] std::string place_text(const Place& place);
// "IndexError", "Cannot choose …" as reported; else the item's title, without a message.
struct Headline {
  std::string type, message;
  [[nodiscard]] std::string text() const { return message.empty() ? type : type + ": " + message; }
};
[[nodiscard]] Headline headline(const Incident& incident);
// "2026-11-22 14:05:11 UTC"; empty for nothing.
[[nodiscard]] std::string time_text(const std::optional<Time>& time);

// {{{s.name}}} in a template becomes an inline style for mails, and a class for pages.
[[nodiscard]] View mail_styles();
[[nodiscard]] View page_styles();

}  // namespace flawless::render
