#include "triage/function_name.h"

#include <algorithm>

#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kLongest = 256;

void strip_prefix(std::string_view& text, std::string_view prefix) {
  if (text.starts_with(prefix) && text.size() > prefix.size()) text.remove_prefix(prefix.size());
}

// From the last `marker` on, if something stays.
std::string_view behind_last(std::string_view text, char marker) {
  size_t at = text.rfind(marker);
  return at == kNone || at + 1 == text.size() ? text : text.substr(at + 1);
}

// Numbers longer than a date, and addresses, are made up by a run-time: "tax_2024" is a name.
void append_plain(std::string& out, std::string_view text) {
  constexpr size_t kMadeUp = 9;
  size_t done = 0;
  for (size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    bool address = text.substr(at).starts_with("0x");
    size_t size = address ? 2 + run(text, at + 2, is_hex) : run(text, at, is_digit);
    if (address || size >= kMadeUp) {
      out.append(text.substr(done, at - done)).append("<number>");
      done = at + size;
    }
    at += size;
  }
  out.append(text.substr(done));
}

void append_python(std::string& out, std::string_view text) {
  constexpr std::string_view kLocals = "<locals>.";
  for (size_t at = text.find(kLocals); at != kNone; at = text.find(kLocals)) {
    append_plain(out, text.substr(0, at));
    text.remove_prefix(at + kLocals.size());
  }
  append_plain(out, text);
}

// Browsers name the same function "t.value", "Object.value", "value/<" and "async value".
void append_javascript(std::string& out, std::string_view text) {
  for (std::string_view prefix : {"async*", "async ", "new ", "get ", "set ", "bound "})
    strip_prefix(text, prefix);
  if (size_t alias = text.find(" [as "); alias != kNone) text = text.substr(0, alias);
  if (size_t module = text.find("./"); module != kNone)
    return append_plain(out, text.substr(module));
  // Firefox: "run/<" is a function without name inside run, "run</total" is total inside it.
  bool nameless = text.ends_with("/<");
  if (size_t inside = text.rfind("</"); inside != kNone) text = behind_last(text, '/');
  text = behind_last(text, '.');
  while (text.ends_with("/") || text.ends_with("<")) text.remove_suffix(1);
  if (nameless || text.empty() || text == "?" || text == "anonymous" || text == "global code" ||
      text == "eval code" || text == "<anonymous>" || text == "eval" ||
      text == "Anonymous function") {
    out += "<anonymous>";
    return;
  }
  if (text.ends_with('$')) {  // _callee12$: regenerator's numbering
    size_t end = text.size() - 1;
    while (end > 0 && is_digit(text[end - 1])) --end;
    out.append(text.substr(0, end)).append("$");
    return;
  }
  if (std::all_of(text.begin(), text.end(), is_digit)) {  // a bundle's module
    out += "<number>";
    return;
  }
  append_plain(out, text);
}

// Digits behind a '$' number lambdas, accessors and anonymous classes.
void append_jvm(std::string& out, std::string_view text) {
  text = text.substr(0, text.find("$$"));
  size_t slash = text.find('/');
  if (slash != kNone && slash > 0) text = text.substr(0, slash);
  if (text.find("GeneratedMethodAccessor") != kNone ||
      text.find("GeneratedConstructorAccessor") != kNone || text.find("$Proxy") != kNone) {
    while (!text.empty() && is_digit(text.back())) text.remove_suffix(1);
  }
  for (size_t at = 0; at < text.size();) {
    out += text[at++];
    if (text[at - 1] == '$') at += run(text, at, is_digit);
  }
}

void append_ruby(std::string& out, std::string_view text) {
  if (size_t in = text.rfind(" in "); in != kNone) text = text.substr(in + 4);
  if (size_t hash = text.rfind('#'); hash != kNone && hash + 1 < text.size())
    text = text.substr(hash + 1);
  if (text.starts_with("_app_")) {  // a compiled template: name, hash, object id
    while (!text.empty() && (is_digit(text.back()) || text.back() == '_')) text.remove_suffix(1);
  }
  append_plain(out, text);
}

void append_php(std::string& out, std::string_view text) {
  if (size_t anonymous = text.find("@anonymous"); anonymous != kNone) {
    out.append(text.substr(0, anonymous + 10));
    size_t method = text.find("::", anonymous);
    text = method == kNone ? std::string_view() : text.substr(method);
  }
  if (size_t closure = text.find("{closure"); closure != kNone) {
    append_plain(out, text.substr(0, closure));
    out += "{closure}";
    return;
  }
  append_plain(out, text);
}

// "func1", "2", "gowrap1", "deferwrap1": what Go's compiler calls a closure.
bool is_numbered_go(std::string_view part) {
  for (std::string_view word : {"func", "gowrap", "deferwrap"}) {
    if (part.starts_with(word)) {
      part.remove_prefix(word.size());
      break;
    }
  }
  return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
}

// Without numbered parts at the end, and without the "-range1" of a loop's body.
std::string_view strip_numbered_go(std::string_view text) {
  for (size_t dot = text.rfind('.'); dot != kNone && dot > 0; dot = text.rfind('.')) {
    std::string_view last = text.substr(dot + 1);
    if (!is_numbered_go(last.substr(0, last.find("-range")))) break;
    text = text.substr(0, dot);
  }
  size_t range = text.rfind("-range");
  if (range == kNone || range == 0 || range + 6 == text.size()) return text;
  std::string_view number = text.substr(range + 6);
  return std::all_of(number.begin(), number.end(), is_digit) ? text.substr(0, range) : text;
}

// What follows the parts that number the first closure: "(*Shop).first.1" of
// "main.run.func2.(*Shop).first.1", which is a closure of a method that was inlined into another.
std::string_view inlined_go(std::string_view text) {
  size_t at = text.find(".func");
  while (at != kNone && (at + 5 >= text.size() || !is_digit(text[at + 5])))
    at = text.find(".func", at + 1);
  while (at != kNone && is_numbered_go(text.substr(at + 1, text.find('.', at + 1) - at - 1)))
    at = text.find('.', at + 1);
  return at == kNone ? std::string_view() : text.substr(at + 1);
}

// "shop.(*Banner).pick.func1.2" → "shop.(*Banner).pick"; type parameters off. Sentry's client sends
// "func1" alone when the function that it stands in called it.
void append_go(std::string& out, std::string_view text) {
  text = behind_last(text, '/');
  if (text.starts_with("func") && is_numbered_go(text.substr(0, text.find('.')))) {
    out += "func";
    return;
  }
  std::string_view inlined = strip_numbered_go(inlined_go(text));
  text = inlined.empty() || is_numbered_go(inlined) ? strip_numbered_go(text) : inlined;
  size_t bracket = text.find('[');
  append_plain(out, text.substr(0, bracket));
  size_t close = bracket == kNone ? kNone : text.find(']', bracket);
  if (close != kNone) append_plain(out, text.substr(close + 1));
}

// C#: "<Run>b__12_0", "<>c__DisplayClass4_0", "lambda_method17"
void append_dotnet(std::string& out, std::string_view text) {
  text = text.substr(0, text.find('('));
  bool made = text.find("__") != kNone || text.starts_with("lambda_method");
  while (made && !text.empty() && (is_digit(text.back()) || text.back() == '_'))
    text.remove_suffix(1);
  append_plain(out, text);
}

// Size of "operator<<", "operator()" … at `at`; 0 if no symbol of that kind is there.
size_t operator_size(std::string_view text, size_t at) {
  constexpr std::string_view kWord = "operator";
  if (text[at] != 'o' || !text.substr(at).starts_with(kWord) || (at > 0 && is_word(text[at - 1])))
    return 0;
  size_t symbol = at + kWord.size();
  if (text.substr(symbol).starts_with("()")) return kWord.size() + 2;
  size_t size =
      run(text, symbol, [](char c) { return c == '<' || c == '>' || c == '=' || c == '-'; });
  return size == 0 ? 0 : kWord.size() + std::min<size_t>(size, 3);
}

// Size of "(anonymous namespace)", "`anonymous namespace'" or "<lambda_1a2b>" at the front.
size_t unnamed_size(std::string_view text) {
  for (std::string_view name : {"(anonymous namespace)", "`anonymous namespace'"}) {
    if (text.starts_with(name)) return name.size();
  }
  if (!text.starts_with("<lambda")) return 0;
  size_t end = text.find('>');
  return end == kNone ? 0 : end + 1;
}

// "<shop::Cart<T> as Iterator>::next": the type is what tells, and comes off `text`.
void append_rust_type(std::string& out, std::string_view& text) {
  if (!text.starts_with('<') || text.starts_with("<lambda")) return;
  size_t depth = 1, end = 1, type_end = 0;
  for (; end < text.size() && depth > 0; ++end) {
    if (text[end] == '<') ++depth;
    if (text[end] == '>' && text[end - 1] != '-') --depth;
    if (depth == 1 && type_end == 0 && text.substr(end).starts_with(" as ")) type_end = end;
  }
  if (depth > 0 || end == text.size()) return;
  std::string_view type = text.substr(1, (type_end > 0 ? type_end : end - 1) - 1);
  while (type.starts_with('<')) type.remove_prefix(1);
  out.append(type.substr(0, type.find_first_of("<>, ")));
  text.remove_prefix(end);
}

// Template arguments, parameters and what the compiler appends ("[clone .isra.0]", ".cold").
void append_native(std::string& out, std::string_view text) {
  if (size_t in = text.find(" in "); text.starts_with("closure #") && in != kNone)
    text.remove_prefix(in + 4);
  if (text.starts_with("__") && text.find("_block_invoke") != kNone) {
    text = text.substr(0, text.find("_block_invoke"));
    size_t name = text.find_first_not_of("_0123456789");
    if (name != kNone) text.remove_prefix(name);
  }
  if (text.starts_with("-[") || text.starts_with("+[")) return append_plain(out, text);
  if (size_t hash = text.rfind("::h"); hash != kNone && text.size() - hash == 19)
    text = text.substr(0, hash);
  for (std::string_view suffix :
       {" [clone", ".cold", ".part.", ".isra.", ".constprop.", ".llvm.", "[abi:", "$VARIANT$"}) {
    text = text.substr(0, text.find(suffix));
  }
  size_t depth = 0, begin = out.size();
  append_rust_type(out, text);
  for (size_t i = 0; i < text.size(); ++i) {
    if (size_t symbol = operator_size(text, i); symbol > 0) {
      if (depth == 0) out.append(text.substr(i, symbol));
      i += symbol - 1;
      continue;
    }
    if (size_t size = unnamed_size(text.substr(i)); depth == 0 && size > 0) {
      out += text[i] == '<' ? "lambda" : "<anonymous>";
      i += size - 1;
      continue;
    }
    char c = text[i];
    if (c == '<' || c == '(') ++depth;
    if (depth == 0) out += c;
    if ((c == '>' || c == ')') && depth > 0) --depth;
  }
  for (std::string_view word : {" const", " noexcept"}) {
    if (std::string_view(out).substr(begin).ends_with(word)) out.erase(out.size() - word.size());
  }
  if (out.size() == begin) append_plain(out, text);
}

}  // namespace

void append_function(std::string& out, std::string_view function, Language language) {
  function = trim(cut_utf8(function, kLongest));
  if (function.empty()) {
    if (language == Language::kJavaScript) out += "<anonymous>";
    return;
  }
  size_t begin = out.size();
  switch (language) {
    case Language::kPython:
      append_python(out, function);
      break;
    case Language::kJavaScript:
      append_javascript(out, function);
      break;
    case Language::kJvm:
      append_jvm(out, function);
      break;
    case Language::kRuby:
      append_ruby(out, function);
      break;
    case Language::kPhp:
      append_php(out, function);
      break;
    case Language::kGo:
      append_go(out, function);
      break;
    case Language::kDotNet:
      append_dotnet(out, function);
      break;
    case Language::kNative:
    case Language::kRust:
    case Language::kSwift:
      append_native(out, function);
      break;
    default:
      append_plain(out, function);
      break;
  }
  if (out.size() == begin) out.append(function);
}

void append_class(std::string& out, std::string_view name, Language language) {
  name = trim(cut_utf8(name, kLongest));
  name = name.substr(0, name.find('\0'));
  if (language == Language::kJvm) return append_jvm(out, name);
  if (language == Language::kDotNet) return append_dotnet(out, name);
  if (language == Language::kPhp) return append_php(out, name);
  append_plain(out, name);
}

}  // namespace flawless::triage
