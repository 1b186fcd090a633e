// A command as a value: what it is called, what it takes, what it does.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flawless::cli {

struct Option {
  std::string_view name;   // "--output", or "NAME" for an argument without a dash
  std::string_view value;  // what stands for the value in the help; empty: a flag
  std::string_view help;
  bool required = false;
  bool repeated = false;  // an option is named each time, an argument takes all that follow
};

// What was given, by option name.
class Arguments {
 public:
  void add(std::string_view name, std::string value) {
    values_[std::string(name)].push_back(std::move(value));
  }
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // The first value; empty if absent.
  [[nodiscard]] std::string get(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second.front();
  }
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct Command {
  std::string_view name;  // "start", "project create"
  std::string_view summary;
  std::vector<Option> options;
  // Prints its result to standard output. A failed status is printed by the caller and decides the
  // exit code.
  Status (*run)(const Arguments&);
  std::string_view details = {};
};

inline constexpr Option kConfOption = {"--conf", "FILE",
                                       "configuration (default: $FLAWLESS_CONF, ./flawless.cfg, "
                                       "/etc/flawless/flawless.cfg); also -conf"};
inline constexpr Option kJsonOption = {"--json", "", "print JSON, for programs"};

}  // namespace flawless::cli
