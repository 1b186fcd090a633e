#include "triage/culprit.h"

#include <algorithm>

#include "triage/path.h"
#include "triage/raise_line.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

// Shell-like, iterative: linear but for one fall-back point per kind of star.
bool glob(std::string_view pattern, std::string_view path) {
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0, t = 0, star = kNone, star_at = 0, deep = kNone, deep_at = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        deep = p += 2, deep_at = t, star = kNone;
      } else {
        star = ++p, star_at = t;
      }
    } else if (p < pattern.size() &&
               (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p, ++t;
    } else if (star != kNone && path[star_at] != '/') {
      p = star, t = ++star_at;
    } else if (deep != kNone) {
      p = deep, t = ++deep_at, star = kNone;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The same file or a file below that directory, from any directory of the path on.
bool holds_path(std::string_view path, std::string_view rule, bool anywhere) {
  if (!anywhere) return is_or_below(path, rule, '/');
  for (size_t at = path.find(rule); at != std::string_view::npos; at = path.find(rule, at + 1)) {
    if ((at == 0 || path[at - 1] == '/') && is_or_below(path.substr(at), rule, '/')) return true;
  }
  return false;
}

bool matches_path(std::string_view path, std::string_view rule) {
  if (path.empty()) return false;
  bool anywhere = path.starts_with('/') && !rule.starts_with('/');
  if (rule.find_first_of("*?") == std::string_view::npos) return holds_path(path, rule, anywhere);
  if (glob(rule, path)) return true;
  for (size_t at = 0; anywhere && at != std::string_view::npos; at = path.find('/', at + 1)) {
    if (glob(rule, path.substr(at + 1))) return true;
  }
  return false;
}

bool matches_path(const Frame& frame, std::string_view rule) {
  while (rule.size() > 1 && rule.ends_with('/')) rule.remove_suffix(1);
  return rule.empty() || matches_path(frame.path, rule) || matches_path(frame.abs_path, rule);
}

bool matches_function(const Frame& frame, std::string_view rule) {
  if (rule.empty() || frame.function == rule) return true;
  std::string_view own = frame.function;
  if (size_t dot = own.rfind('.'); dot != std::string_view::npos && own.substr(dot + 1) == rule) {
    return true;
  }
  return !frame.class_name.empty() && rule.size() == frame.class_name.size() + 1 + own.size() &&
         rule.starts_with(frame.class_name) && rule.ends_with(own) &&
         rule[frame.class_name.size()] == '.';
}

bool matches_code(const Frame& frame, std::string_view rule) {
  if (rule.empty() || trim(frame.code).empty()) return true;
  std::string wanted = squeeze(rule), there = squeeze(frame.code);
  return there.find(wanted) != std::string::npos || wanted.find(there) != std::string::npos;
}

bool is_library(const Frame& frame, const std::vector<LibraryCode>& library) {
  return std::any_of(library.begin(), library.end(),
                     [&](const LibraryCode& rule) { return matches(frame, rule); });
}

// A line can be found only where a file or a module is known; "<string>" is neither.
bool has_place(const Frame& frame) {
  std::string_view path = known_path(frame);
  return path.empty() ? !frame.module.empty() : path[0] != '<';
}

bool can_be_blamed(const Frame& frame, const std::vector<LibraryCode>& library) {
  return frame.in_app && has_place(frame) && !is_library(frame, library);
}

bool is_go_panic(const Frame& frame) {
  return frame.function == "runtime.gopanic" ||
         (frame.function == "gopanic" && frame.module == "runtime");
}

bool calls_recover(const Frame& frame) {
  return frame.code.find(".Recover(") != std::string_view::npos ||
         frame.code.find(".RecoverWithContext(") != std::string_view::npos;
}

// How many frames, from the outermost on, may have failed. Go's run-time calls deferred functions
// from where it panicked, so that what recovers and reports lies further in. Rollbar's client sends
// the frame that parts them; Sentry's leaves it out: there the line that reports tells, if it was
// sent.
size_t failing_frames(const Event& event, const Exception& exception, Language language) {
  const std::vector<Frame>& frames = exception.frames;
  if (language != Language::kGo) return frames.size();
  auto panic = std::find_if(frames.begin(), frames.end(), is_go_panic);
  if (panic == frames.end() && event.sdk_name.starts_with("sentry.go")) {
    while (panic != frames.begin() && !(panic - 1)->in_app) --panic;
    if (panic == frames.begin() || !calls_recover(*--panic)) return frames.size();
  }
  bool any = std::any_of(frames.begin(), panic, [](const Frame& frame) { return frame.in_app; });
  return any ? static_cast<size_t>(panic - frames.begin()) : frames.size();
}

std::optional<size_t> innermost(const Exception& exception, size_t failing,
                                const std::vector<LibraryCode>& library) {
  for (size_t i = failing; i-- > 0;) {
    if (can_be_blamed(exception.frames[i], library)) return i;
  }
  return std::nullopt;
}

// Whether the line names the function: "g()" names it, "$kernel->handle($request);" does not.
bool names_function(const Frame& frame, std::string_view function) {
  if (function.ends_with('>') || function.ends_with('}')) return false;  // "<lambda>", "{closure}"
  while (!function.empty() && !is_word(function.back())) function.remove_suffix(1);
  size_t begin = function.size();
  while (begin > 0 && is_word(function[begin - 1])) --begin;
  function.remove_prefix(begin);
  if (function.empty()) return false;
  std::string_view code = frame.code;
  for (size_t at = code.find(function); at != std::string_view::npos;
       at = code.find(function, at + 1)) {
    size_t end = at + function.size();
    if ((at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end])))
      return true;
  }
  return false;
}

// The same, but for raise lines. Their caller is asked as long as it is the application's. Behind
// foreign frames it is only if it names the function that raises, and so calls it through a
// decorator: what a framework calls would end at the program's main line.
template <typename IsRaise>
std::optional<size_t> innermost_that_fails(const Exception& exception, size_t failing,
                                           const std::vector<LibraryCode>& library,
                                           IsRaise is_raise) {
  const Frame* raised = nullptr;
  bool foreign = false;  // frames stand between `raised` and here
  for (size_t i = failing; i-- > 0;) {
    const Frame& frame = exception.frames[i];
    foreign |= raised != nullptr && !frame.in_app;
    if (!can_be_blamed(frame, library)) continue;
    if (foreign && !names_function(frame, raised->function)) return std::nullopt;
    if (!is_raise(frame)) return i;
    raised = &frame;
    foreign = false;
  }
  return std::nullopt;
}

}  // namespace

bool matches(const Frame& frame, const LibraryCode& rule) {
  std::string_view path = trim(rule.path), function = trim(rule.function), code = trim(rule.code);
  if (path.empty() && function.empty() && code.empty()) return false;
  return matches_path(frame, path) && matches_function(frame, function) &&
         matches_code(frame, code);
}

bool is_error(const Event& event) {
  return event.level >= Level::kError ||
         std::any_of(event.exceptions.begin(), event.exceptions.end(), [](const Exception& one) {
           return !one.synthetic && !one.type.empty();
         });
}

bool is_raise_line(const Event& event, const Frame& frame) {
  return raises(frame.code, language_of(frame, language_of(event)));
}

std::optional<Culprit> find_culprit(const Event& event, const std::vector<LibraryCode>& library) {
  Language language = language_of(event);
  auto is_raise = [&](const Frame& frame) {
    return raises(frame.code, language_of(frame, language));
  };
  for (size_t i = 0; i < event.exceptions.size(); ++i) {
    size_t failing = failing_frames(event, event.exceptions[i], language);
    if (auto frame = innermost_that_fails(event.exceptions[i], failing, library, is_raise)) {
      return Culprit{i, *frame,
                     i == 0 ? "innermost in-app frame" : "innermost in-app frame of the cause"};
    }
  }
  for (size_t i = 0; i < event.exceptions.size(); ++i) {
    size_t failing = failing_frames(event, event.exceptions[i], language);
    if (auto frame = innermost(event.exceptions[i], failing, library))
      return Culprit{i, *frame, "innermost raise line"};
  }
  return std::nullopt;
}

}  // namespace flawless::triage
