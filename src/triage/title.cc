#include "triage/title.h"

#include <algorithm>

#include "triage/function_name.h"
#include "triage/language.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kTitleBytes = 255;

// The first line that says something. Apple's crash reporters put register contents before it and
// mark that by " >".
std::string_view first_line(std::string_view text) {
  text = trim(text);
  size_t end = text.find_first_of("\r\n");
  std::string_view line = trim(text.substr(0, end));
  if (end != std::string_view::npos && line.ends_with(" >")) return first_line(text.substr(end));
  return line;
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

// How programs die and how that is caught: the same for every crash.
constexpr std::string_view kLastSteps[] = {"abort",
                                           "__abort",
                                           "raise",
                                           "__pthread_kill",
                                           "pthread_kill",
                                           "tgkill",
                                           "gsignal",
                                           "RaiseException",
                                           "memcpy",
                                           "memset",
                                           "free",
                                           "objc_release",
                                           "objc_retain",
                                           "objc_msgSend",
                                           "objc_exception_throw",
                                           "<redacted>",
                                           "std::terminate",
                                           "std::__terminate",
                                           "abort_message",
                                           "default_terminate_handler",
                                           "gpusGenerateCrashLog",
                                           "gpusGenerateCrashLog.cold.1",
                                           "__cxa_throw",
                                           "rust_panic",
                                           "__exceptionPreprocess",
                                           "__terminate",
                                           "_objc_terminate",
                                           "rust_begin_unwind"};

bool can_name(const Frame& frame) {
  std::string_view name = trim(frame.function);
  return !name.empty() && !one_of(name, kLastSteps) && name.find("HandleAbort") == name.npos;
}

// A crash's message is the signal's: the innermost in-app function, else the innermost that is not
// the way programs die.
std::string place_of_crash(const Exception& exception, Language language) {
  const auto& frames = exception.frames;
  auto found = std::find_if(frames.rbegin(), frames.rend(),
                            [](const Frame& frame) { return frame.in_app && can_name(frame); });
  if (found == frames.rend()) found = std::find_if(frames.rbegin(), frames.rend(), can_name);
  std::string name;
  if (found != frames.rend()) append_function(name, found->function, language);
  return name;
}

bool is_crash(const Exception& exception) {
  return exception.synthetic || exception.mechanism == "mach" || exception.mechanism == "signal" ||
         exception.mechanism == "signalhandler" || exception.mechanism == "minidump";
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
    std::string text = of_exception(exception);
    if (text.empty()) continue;
    Language language = is_crash(exception) ? language_of(event) : Language::kUnknown;
    if (is_compiled(language)) {
      if (std::string place = place_of_crash(exception, language); !place.empty()) {
        if (text.ends_with('.')) text.pop_back();
        text += " in " + place;
      }
    }
    return fit(text);
  }
  if (std::string_view line = first_line(event.message); !line.empty()) return fit(line);
  if (std::string_view line = first_line(event.message_template); !line.empty()) return fit(line);
  if (std::string text = of_crash_report(event.crash_report); !text.empty()) return text;
  return of_what_is_known(event);
}

}  // namespace flawless::triage
