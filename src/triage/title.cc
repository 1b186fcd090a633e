#include "triage/title.h"

#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kTitleBytes = 255;

// The first line that says something.
std::string_view first_line(std::string_view text) {
  text = trim(text);
  return trim(text.substr(0, text.find_first_of("\r\n")));
}

std::string fit(std::string_view text) {
  std::string out(cut_utf8(text, kTitleBytes));
  if (text.size() > kTitleBytes) {
    constexpr std::string_view kMore = "…";
    out.resize(cut_utf8(out, kTitleBytes - kMore.size()).size());
    out += kMore;
  }
  for (char& c : out) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

// PHP names an anonymous class by a NUL and the place where it was written.
std::string_view class_of(const Exception& exception) {
  return trim(exception.type.substr(0, exception.type.find('\0')));
}

std::string of_exception(const Exception& exception) {
  std::string_view type = class_of(exception);
  std::string_view message = first_line(exception.message);
  if (type.empty() || (exception.synthetic && !message.empty())) return fit(message);
  if (message.empty() || message == type) return fit(type);
  // Some clients put the class into the message as well.
  if (is_or_below(message, type, ':')) return fit(message);
  std::string text;
  text.append(type).append(": ").append(cut_utf8(message, kTitleBytes + 4));
  return fit(text);
}

std::string of_crash_report(std::string_view report) {
  constexpr std::string_view kLabel = "Exception Type:";
  size_t at = report.find(kLabel);
  if (at != std::string_view::npos) report.remove_prefix(at + kLabel.size());
  return fit(first_line(report));
}

std::string of_what_is_known(const Event& event) {
  for (std::string_view place : {event.context, event.logger, event.platform}) {
    std::string_view line = first_line(place);
    if (!line.empty())
      return fit("Report without message from " + std::string(cut_utf8(line, kTitleBytes)));
  }
  return "Report without message";
}

}  // namespace

std::string title(const Event& event) {
  if (std::string_view sent = first_line(event.title); !sent.empty()) return fit(sent);
  for (const Exception& exception : event.exceptions) {
    if (std::string text = of_exception(exception); !text.empty()) return text;
  }
  if (std::string_view line = first_line(event.message); !line.empty()) return fit(line);
  if (std::string_view line = first_line(event.message_template); !line.empty()) return fit(line);
  if (std::string text = of_crash_report(event.crash_report); !text.empty()) return text;
  return of_what_is_known(event);
}

}  // namespace flawless::triage
