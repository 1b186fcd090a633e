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

// What follows the last dot of the file's name, if it is short.
std::string_view extension(std::string_view path) {
  constexpr size_t kLongest = 7;
  for (size_t size = 0; size <= kLongest && size < path.size(); ++size) {
    char c = path[path.size() - size - 1];
    if (c == '.') return path.substr(path.size() - size);
    if (is_slash(c)) break;
  }
  return {};
}

Language by_extension(std::string_view ending) {
  if (ending.empty()) return Language::kUnknown;
  for (const auto& [name, language] : kExtensions) {
    if (same(ending, name)) return language;
  }
  return Language::kUnknown;
}

}  // namespace

Language language_of(const Event& event) {
  Language language = named(event.platform);
  if (language == Language::kNative && event.sdk_name.find("rust") != std::string_view::npos) {
    return Language::kRust;
  }
  return language == Language::kUnknown ? named(event.language) : language;
}

Language language_of(const Frame& frame, Language of_event) {
  std::string_view path = frame.path.empty() ? frame.abs_path : frame.path;
  Language language = by_extension(extension(path));
  if (language == Language::kUnknown) language = by_extension(extension(strip_query(path)));
  return language == Language::kUnknown ? of_event : language;
}

}  // namespace flawless::triage
