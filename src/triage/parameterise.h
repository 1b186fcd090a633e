// Internal: parameterise() with its choices.
#pragma once

#include <string>
#include <string_view>

namespace flawless::triage {

enum class Quoted {
  kReplace,    // 'alice' is a value
  kKeepNames,  // 'lastName' is what the program failed on: for messages that have to tell bugs
               // apart
};
void append_parameterised(std::string& out, std::string_view message, Quoted quoted);

}  // namespace flawless::triage
