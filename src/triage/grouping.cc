#include "triage/grouping.h"

#include <algorithm>
#include <array>
#include <span>

#include "triage/function_name.h"
#include "triage/language.h"
#include "triage/parameterise.h"
#include "triage/path.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kCanonicalBytes = 4096;
constexpr size_t kTypicalBytes = 1024;
constexpr size_t kMessageBytes = 1024;  // what follows is a dump

// Lines of one exception's frames, with repetitions left out.
class FrameLines {
 public:
  FrameLines(std::string& out, size_t frames, bool each_once) : out_(out), each_once_(each_once) {
    starts_.reserve(frames);
    hashes_.reserve(frames);
  }

  // The line from `start` to the end of the text is complete.
  void add(size_t start) {
    starts_.push_back(start);
    uint64_t hash = hash64(std::string_view(out_).substr(start));
    hashes_.push_back(hash);
    if (each_once_ ? seen_before(hash) : repeats()) return;
  }
  [[nodiscard]] size_t size() const { return hashes_.size(); }

 private:
  // A stack that overflowed is cut at any depth: each frame of it counts once.
  bool seen_before(uint64_t hash) {
    if (std::find(hashes_.begin(), hashes_.end() - 1, hash) == hashes_.end() - 1) return false;
    drop(1);
    return true;
  }
  // The last one to four lines are the same as those before them.
  bool repeats() {
    for (size_t period = 1; period <= 4 && 2 * period <= hashes_.size(); ++period) {
      auto last = hashes_.end() - static_cast<std::ptrdiff_t>(period);
      if (std::equal(last, hashes_.end(), last - static_cast<std::ptrdiff_t>(period))) {
        drop(period);
        return true;
      }
    }
    return false;
  }
  void drop(size_t lines) {
    size_t left = hashes_.size() - lines;
    out_.resize(starts_[left]);
    starts_.resize(left);
    hashes_.resize(left);
  }

  std::string& out_;
  bool each_once_;
  std::vector<size_t> starts_;
  std::vector<uint64_t> hashes_;
};

// Without what was suppressed, which stands behind the causes: the same failure with and without
// another one on its way is the same.
std::span<const Exception> chain_of(const std::vector<Exception>& exceptions) {
  const auto suppressed =
      std::find_if(exceptions.begin(), exceptions.end(),
                   [](const Exception& each) { return each.mechanism == "suppressed"; });
  return suppressed == exceptions.begin() ? exceptions
                                          : std::span(exceptions.begin(), suppressed);
}

class Grouper {
 public:
  explicit Grouper(const Event& event)
      : event_(event), chain_(chain_of(event.exceptions)), language_(language_of(event)) {}

  Grouping run() {
    text_.reserve(kTypicalBytes);
    if (has_client_fingerprint()) {
      client_fingerprint();
    } else {
      by_content();
    }
    Grouping grouping{hash128(text_), {}, std::move(reason_)};
    grouping.canonical = bounded();
    return grouping;
  }

 private:
  static bool is_default(std::string_view part) {
    part = trim(part);
    if (!part.starts_with("{{") || !part.ends_with("}}") || part.size() < 4) return false;
    return trim(part.substr(2, part.size() - 4)) == "default";
  }

  [[nodiscard]] bool has_client_fingerprint() const {
    return std::any_of(
        event_.fingerprint.begin(), event_.fingerprint.end(),
        [](std::string_view part) { return !is_default(part) && !trim(part).empty(); });
  }

  void client_fingerprint() {
    bool with_default = false;
    for (std::string_view part : event_.fingerprint) {
      if (is_default(part)) {
        if (!with_default) by_content();
        with_default = true;
      } else {
        line("fingerprint ", part);
      }
    }
    reason_ = with_default ? "client fingerprint and " + reason_ : "client fingerprint";
  }

  void by_content() {
    if (stack_frames() > 0) return by_stack();
    if (!chain_.empty()) return by_classes_and_messages();
    if (const Thread* thread = telling_thread()) return by_thread(*thread);
    if (!trim(event_.crash_report).empty()) return by_crash_report();
    by_message();
  }

  [[nodiscard]] size_t stack_frames() const {
    size_t frames = 0;
    for (const Exception& exception : chain_) frames += exception.frames.size();
    return frames;
  }

  // The thread that crashed, else the only one with frames.
  [[nodiscard]] const Thread* telling_thread() const {
    const Thread* only = nullptr;
    size_t with_frames = 0;
    for (const Thread& thread : event_.threads) {
      if (thread.frames.empty()) continue;
      if (thread.crashed) return &thread;
      only = &thread;
      ++with_frames;
    }
    return with_frames == 1 ? only : nullptr;
  }

  void by_stack() {
    bool any_in_app = std::any_of(chain_.begin(), chain_.end(),
                                  [](const Exception& e) { return has_in_app(e.frames); });
    size_t frames = 0;
    for (const Exception& exception : chain_) {
      exception_class(exception);
      frames += add_frames(exception.frames, any_in_app, overflowed(exception));
    }
    reason_ = chain_.size() > 1 ? "exception classes and " : "exception class and ";
    reason_ += frame_words(frames, any_in_app);
    if (!named_) add_what_was_caught();
  }

  // Neither functions nor files tell: a stack without symbols, a minified script.
  void add_what_was_caught() {
    for (const Exception& exception : chain_) {
      if (exception.synthetic) line("caught as ", exception.type);
    }
    add_messages(Quoted::kKeepNames);
  }

  void by_thread(const Thread& thread) {
    bool any_in_app = has_in_app(thread.frames);
    reason_ = "stack of the thread, " +
              frame_words(add_frames(thread.frames, any_in_app, false), any_in_app);
  }

  void by_classes_and_messages() {
    const Thread* thread = telling_thread();
    for (const Exception& exception : chain_) exception_class(exception);
    if (thread != nullptr && thread->crashed) {
      bool any_in_app = has_in_app(thread->frames);
      size_t frames = add_frames(thread->frames, any_in_app, false);
      reason_ = "exception class and the crashed thread's " + frame_words(frames, any_in_app);
      return;
    }
    reason_ = "exception class";
    add_messages(Quoted::kReplace);
  }

  void add_messages(Quoted quoted) {
    for (const Exception& exception : chain_) message(exception.message, quoted);
    reason_ += " and message, numbers and ids left out";
  }

  void by_message() {
    std::string_view template_text = trim(event_.message_template);
    if (!template_text.empty()) {
      message(template_text, Quoted::kReplace);
      reason_ = "message template";
    } else if (!trim(event_.message).empty()) {
      message(event_.message, Quoted::kReplace);
      reason_ = "message, numbers and ids left out";
    } else {
      line("platform ", event_.platform);
      line("logger ", event_.logger);
      line("context ", event_.context);
      line("title ", event_.title);
      reason_ = "where it was reported: there is no exception and no message";
    }
  }

  // Apple's text: the type, and image and symbol of each frame of the thread that crashed.
  void by_crash_report() {
    std::string_view report = event_.crash_report;
    constexpr std::string_view kType = "Exception Type:";
    size_t type = report.find(kType);
    if (type != std::string_view::npos) {
      std::string_view rest = report.substr(type + kType.size());
      line("exception ", trim(rest.substr(0, rest.find('\n'))));
    }
    size_t frames = 0;
    size_t at = report.find(" Crashed:");
    at = at == std::string_view::npos ? report.size()
                                      : std::min(report.find('\n', at), report.size());
    while (at + 1 < report.size()) {
      size_t end = std::min(report.find('\n', at + 1), report.size());
      if (!crash_frame(trim(report.substr(at + 1, end - at - 1)))) break;
      at = end;
      ++frames;
    }
    if (frames == 0) message(report, Quoted::kReplace);
    reason_ = frames > 0
                  ? "exception type and " + std::to_string(frames) + " frames of the crash report"
                  : "text of the crash report, numbers and ids left out";
  }

  // "3   Shop   0x0000000100d1 -[Cart total] + 132"
  bool crash_frame(std::string_view text) {
    if (text.empty() || !is_digit(text[0])) return false;
    size_t image = text.find_first_not_of(" \t", text.find_first_of(" \t"));
    size_t address = text.find("0x");
    if (image == std::string_view::npos || address == std::string_view::npos || address < image)
      return false;
    std::string_view symbol = text.substr(std::min(text.find(' ', address), text.size()));
    symbol = symbol.substr(0, symbol.rfind(" + "));
    text_.append("frame ").append(trim(text.substr(image, address - image))).append(" ");
    append_function(text_, trim(symbol), Language::kNative);
    text_ += '\n';
    return true;
  }

  void line(std::string_view label, std::string_view text) {
    text = trim(text);
    if (text.empty()) return;
    text_.append(label);
    // No line of its own begins with a space: what goes on after a line's end is told from what
    // follows.
    for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      text_.append(text.substr(0, end)).append("\n ");
      text.remove_prefix(end + 1);
    }
    text_.append(text).append("\n");
  }

  void exception_class(const Exception& exception) {
    if (exception.synthetic || trim(exception.type).empty()) {
      text_ += "exception\n";
      return;
    }
    text_ += "exception ";
    append_class(text_, exception.type, language_);
    text_ += '\n';
  }

  void message(std::string_view text, Quoted quoted) {
    text = trim(cut_utf8(text, kMessageBytes));
    if (text.empty()) return;
    text_ += "message ";
    append_parameterised(text_, text, quoted);
    text_ += '\n';
  }

  static bool has_in_app(const std::vector<Frame>& frames) {
    return std::any_of(frames.begin(), frames.end(), [](const Frame& f) { return f.in_app; });
  }
  static bool overflowed(const Exception& exception) {
    return exception.type == "RecursionError" || exception.type.ends_with("StackOverflowError") ||
           exception.type == "SystemStackError" ||
           exception.type.ends_with("StackOverflowException") ||
           exception.message.find("call stack size exceeded") != std::string_view::npos ||
           exception.message.starts_with("too much recursion");
  }

  static bool has_symbol(const Frame& frame) {
    std::string_view name = trim(frame.function);
    return !name.empty() && name != "<redacted>" && name != "<unknown>";
  }
  // Which of the system's frames have names depends on the host's symbols: those without are left
  // out beside others.
  [[nodiscard]] bool has_symbols(const std::vector<Frame>& frames) const {
    return is_compiled(language_) && std::any_of(frames.begin(), frames.end(), has_symbol);
  }

  size_t add_frames(const std::vector<Frame>& frames, bool in_app_only, bool each_once) {
    FrameLines lines(text_, frames.size(), each_once);
    bool with_symbols = !in_app_only && has_symbols(frames);
    for (const Frame& frame : frames) {
      if (in_app_only && !frame.in_app) continue;
      if (with_symbols && !has_symbol(frame)) continue;
      size_t start = text_.size();
      add_frame(frame);
      lines.add(start);
    }
    return lines.size();
  }

  void add_frame(const Frame& frame) {
    Language language = language_of(frame, language_);
    text_ += "frame ";
    size_t start = text_.size();
    add_file(frame, language);
    bool with_file = text_.size() > start;
    if (with_file) text_ += ' ';
    add_function(frame, language, with_file);
    if (text_.back() == ' ') text_ += "<unknown>";
    text_ += '\n';
  }

  // The module where it is the language's own name for the file; the relative path; what a path
  // shares on all hosts.
  void add_file(const Frame& frame, Language language) {
    std::string_view module = frame.module.empty() ? frame.class_name : frame.module;
    std::string_view path = known_path(frame);
    bool by_module = language == Language::kJvm || language == Language::kDotNet ||
                     std::none_of(path.begin(), path.end(), is_slash);
    if (module == "__main__" && !path.empty()) by_module = false;  // any script's name for itself
    if (!module.empty() && by_module) return append_class(text_, module, language);
    if (path.empty()) return append_image(text_, frame.package);
    if (language == Language::kJavaScript && (is_page(path) || is_page(frame.abs_path))) {
      text_ += "<page>";
    } else if (path.starts_with('<')) {
      text_.append(path.substr(0, path.find(" 0x")));
    } else {
      append_normalised_path(text_, path, event_.server_root);
    }
  }

  // A minifier's one- and two-letter names change with every build.
  void add_function(const Frame& frame, Language language, bool with_file) {
    size_t start = text_.size();
    append_function(text_, frame.function, language);
    std::string_view name = std::string_view(text_).substr(start);
    constexpr size_t kMinified = 2;
    bool anonymous = name.empty() || name == "<anonymous>";
    if (language == Language::kJavaScript && !anonymous && name.size() <= kMinified &&
        is_bundle(frame.path.empty() ? frame.abs_path : frame.path)) {
      text_.resize(start);
      text_ += "<minified>";
      return;
    }
    named_ |= !anonymous || (with_file && language != Language::kJavaScript);
  }

  static std::string frame_words(size_t frames, bool in_app) {
    std::string words = in_app ? "" : frames == 1 ? "the only frame" : "all ";
    if (in_app || frames != 1)
      words +=
          std::to_string(frames) + (in_app ? " in-app" : "") + (frames == 1 ? " frame" : " frames");
    return in_app ? words : words + " (none is in-app)";
  }

  // The text up to a line's end before the bound, and how much is not shown.
  [[nodiscard]] std::string bounded() {
    if (text_.size() <= kCanonicalBytes) return std::move(text_);
    size_t end = text_.rfind('\n', kCanonicalBytes);
    std::string_view shown = end == std::string::npos ? cut_utf8(text_, kCanonicalBytes)
                                                      : std::string_view(text_).substr(0, end + 1);
    auto left =
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(shown.size()), text_.end(), '\n');
    return std::string(shown) + "… " + std::to_string(left) + " more lines\n";
  }

  const Event& event_;
  const std::span<const Exception> chain_;
  Language language_;
  std::string text_;
  std::string reason_;
  bool named_ = false;  // some frame's function tells it apart
};

}  // namespace

Grouping group(const Event& event) { return Grouper(event).run(); }

}  // namespace flawless::triage
