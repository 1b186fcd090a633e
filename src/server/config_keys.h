// Every key of flawless.cfg, described once: the parser, the environment, `flawless configure`,
// `flawless options`, the documentation and the suggestions in errors all use this table.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "server/config.h"

namespace flawless::server {

enum class KeyType {
  kText,
  kChoice,    // one of `choices`, separated by '|'
  kFlag,      // true or false
  kNumber,    // between `least` and `most`
  kSize,      // bytes: 1048576 or "64MiB" or "10GB"
  kDuration,  // "90s", "24h", "30d"; seconds if a bare number
  kList,      // of texts; in the environment and after --set separated by commas
  kFile,      // a path that must be readable
  kPath,      // a path
};
[[nodiscard]] std::string_view key_type_name(KeyType type);

using Target = std::variant<std::string*, bool*, int64_t*, uint64_t*, std::chrono::seconds*,
                            std::vector<std::string>*>;

// One entry of a section that is written in two brackets: of [[repository]] the first member, of
// the others the second. Not owned.
struct Entry {
  Config::Repository* repository = nullptr;
  Config::CodeRule* rule = nullptr;

  Entry() = default;
  Entry(Config::Repository& of) : repository(&of) {}  // NOLINT(google-explicit-constructor)
  Entry(Config::CodeRule& of) : rule(&of) {}          // NOLINT(google-explicit-constructor)
  Entry(Config::Repository& either, Config::CodeRule& other) : repository(&either), rule(&other) {}
};

struct Key {
  std::string_view section, name;
  KeyType type;
  std::string_view help;
  // Where the value lives. Keys of repeated sections use the entry only, others the Config only.
  Target (*target)(Config&, const Entry&);
  int64_t least = 0, most = 0;       // kNumber
  std::string_view choices = {};     // kChoice
  std::string_view no_default = {};  // said instead of a default that is computed
  bool secret = false;

  [[nodiscard]] std::string dotted() const;  // "http.port"
  [[nodiscard]] std::string environment()
      const;  // "FLAWLESS_HTTP_PORT"; FLAWLESS_DATA_DIR for [flawless]
  [[nodiscard]] bool repeated() const;
};

// "repository", "known_error", "library_code", "third_party": any number of each, as [[name]].
[[nodiscard]] std::span<const std::string_view> repeated_sections();
[[nodiscard]] bool is_repeated(std::string_view section);
// Their entries in a configuration.
[[nodiscard]] size_t count_entries(const Config& config, std::string_view section);
void resize_entries(Config& config, std::string_view section, size_t count);
[[nodiscard]] Entry entry_of(Config& config, std::string_view section, size_t index);

[[nodiscard]] std::span<const Key> config_keys();
// By dotted name; without a dot it is a key of [flawless].
[[nodiscard]] const Key* find_key(std::string_view dotted);
// "; did you mean 'http.port'?", or nothing when no name is near. `dotted` is not a known key.
[[nodiscard]] std::string suggestion(std::string_view dotted);

// Variables of keys. Of those with a number in their name this is that of the first entry.
[[nodiscard]] bool is_variable(std::string_view name);
[[nodiscard]] std::string variable_prefix(std::string_view section);  // "FLAWLESS_REPOSITORY_"
[[nodiscard]] std::string variable_suggestion(std::string_view name);

// The same for what stands where a section is expected: "; did you mean [http]?".
[[nodiscard]] std::string section_suggestion(std::string_view name);

// A value as text (environment, --set) into its place. kInvalid says what is allowed.
[[nodiscard]] Status assign_text(const Key& key, Target target, std::string_view text);
// A value that TOML has typed: a text there is never taken for a number.
[[nodiscard]] Status assign_quoted(const Key& key, Target target, std::string_view text);
[[nodiscard]] Status assign_number(const Key& key, Target target, int64_t number);
[[nodiscard]] Status assign_flag(const Key& key, Target target, bool flag);
[[nodiscard]] Status assign_list(const Key& key, Target target, std::vector<std::string> values);

// "'http.port' must be a whole number, not GIVEN"
[[nodiscard]] Status wrong_type(const Key& key, std::string_view given);

// The value as TOML writes it: 8080, "127.0.0.1", "24h", [].
[[nodiscard]] std::string toml_value(const Key& key, const Target& target);
// The default as TOML, or the words that stand for it.
[[nodiscard]] std::string default_text(const Key& key);

}  // namespace flawless::server
