#include "triage/language.h"

#include <utility>

#include "triage/text.h"

namespace flawless::triage {
namespace {

using Entry = std::pair<std::string_view, Language>;

// Matched as prefixes, letter case aside, in this order: "javascript" before "java".
constexpr Entry kNames[] = {
    {"python", Language::kPython},
    {"javascript", Language::kJavaScript},
    {"node", Language::kJavaScript},
    {"browser", Language::kJavaScript},
    {"typescript", Language::kJavaScript},
    {"react-native", Language::kJavaScript},
    {"java", Language::kJvm},
    {"kotlin", Language::kJvm},
    {"android", Language::kJvm},
    {"scala", Language::kJvm},
    {"groovy", Language::kJvm},
    {"clojure", Language::kJvm},
    {"csharp", Language::kDotNet},
    {"c#", Language::kDotNet},
    {"dotnet", Language::kDotNet},
    {".net", Language::kDotNet},
    {"ruby", Language::kRuby},
    {"php", Language::kPhp},
    {"golang", Language::kGo},
    {"rust", Language::kRust},
    {"native", Language::kNative},
    {"c++", Language::kNative},
    {"cocoa", Language::kNative},
    {"objc", Language::kNative},
    {"objective-c", Language::kNative},
    {"swift", Language::kSwift},
    {"ios", Language::kSwift},
    {"macos", Language::kSwift},
    {"perl", Language::kPerl},
    {"elixir", Language::kElixir},
    {"dart", Language::kDart},
    {"flutter", Language::kDart},
};

constexpr Entry kExtensions[] = {
    {"py", Language::kPython},      {"pyx", Language::kPython},
    {"js", Language::kJavaScript},  {"mjs", Language::kJavaScript},
    {"cjs", Language::kJavaScript}, {"jsx", Language::kJavaScript},
    {"ts", Language::kJavaScript},  {"tsx", Language::kJavaScript},
    {"vue", Language::kJavaScript}, {"svelte", Language::kJavaScript},
    {"java", Language::kJvm},       {"kt", Language::kJvm},
    {"scala", Language::kJvm},      {"groovy", Language::kJvm},
    {"clj", Language::kJvm},        {"cs", Language::kDotNet},
    {"fs", Language::kDotNet},      {"vb", Language::kDotNet},
    {"rb", Language::kRuby},        {"erb", Language::kRuby},
    {"rake", Language::kRuby},      {"php", Language::kPhp},
    {"go", Language::kGo},          {"rs", Language::kRust},
    {"c", Language::kNative},       {"cc", Language::kNative},
    {"cpp", Language::kNative},     {"cxx", Language::kNative},
    {"h", Language::kNative},       {"hpp", Language::kNative},
    {"m", Language::kNative},       {"mm", Language::kNative},
    {"swift", Language::kSwift},    {"pl", Language::kPerl},
    {"pm", Language::kPerl},        {"ex", Language::kElixir},
    {"exs", Language::kElixir},     {"dart", Language::kDart},
};

Language named(std::string_view name) {
  if (equal_folded(name, "go") || starts_with_folded(name, "go ")) return Language::kGo;
  if (equal_folded(name, "c")) return Language::kNative;
  for (const auto& [prefix, language] : kNames) {
    if (starts_with_folded(name, prefix)) return language;
  }
  return Language::kUnknown;
}

std::string_view extension(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  size_t dot = path.find_last_of("./\\");
  if (dot == std::string_view::npos || path[dot] != '.') return {};
  return path.substr(dot + 1);
}

}  // namespace

Language language_of(const Event& event) {
  Language language = named(event.platform);
  return language == Language::kUnknown ? named(event.language) : language;
}

Language language_of(const Frame& frame, Language of_event) {
  std::string_view ending = extension(frame.path.empty() ? frame.abs_path : frame.path);
  if (ending.empty()) return of_event;
  for (const auto& [name, language] : kExtensions) {
    if (ending == name) return language;
  }
  return of_event;
}

}  // namespace flawless::triage
