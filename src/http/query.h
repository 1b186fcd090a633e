// Percent-decoding, query strings and request targets. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flawless::http {

// Nothing if an escape is not two hex digits or stands for NUL. With `plus_is_space`, "+" becomes a
// space (query strings and forms).
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// "a=1&b=x%20y", also of a urlencoded form. Names and values decoded, in order; a name or value
// with a bad escape is kept as it was sent.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// The first value of that name as parse_query() would give it; empty if absent.
std::string query_value(std::string_view query, std::string_view name);

struct Target {
  std::string path;   // decoded; begins with "/"
  std::string query;  // as sent, without "?"
};
// Origin form ("/path?query"), absolute form ("http://host/path?query") or "*" (path "/"). Nothing
// for another form, a bad escape or NUL in path or query, or a ".." segment in the path.
std::optional<Target> parse_target(std::string_view target);

}  // namespace flawless::http
