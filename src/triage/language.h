// The programming language of a report or a frame, as far as rules differ by it.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/event.h"

namespace flawless::triage {

enum class Language : uint8_t {
  kUnknown,
  kPython,
  kJavaScript,
  kJvm,
  kDotNet,
  kRuby,
  kPhp,
  kGo,
  kRust,
  kNative,  // C, C++, Objective-C
  kSwift,
  kPerl,
  kElixir,
  kDart,
};

// To machine code: frames lie in images and have names only where there are symbols.
inline bool is_compiled(Language language) {
  return language == Language::kNative || language == Language::kRust ||
         language == Language::kSwift;
}

// By platform, else by the language the client named.
Language language_of(const Event& event);
// By the file's extension, else the event's.
Language language_of(const Frame& frame, Language of_event);

}  // namespace flawless::triage
