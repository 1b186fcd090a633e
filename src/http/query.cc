#include "http/query.h"

namespace flawless::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that the escape at text[at] ('%') stands for; -1 if it is malformed or NUL.
int escaped_byte(std::string_view text, size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  const int byte = high * 16 + low;
  return high < 0 || low < 0 || byte == 0 ? -1 : byte;
}

bool escapes_are_valid(std::string_view text) {
  for (size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 3)) {
    if (escaped_byte(text, at) < 0) return false;
  }
  return text.find('\0') == text.npos;
}

std::string decode_or_keep(std::string_view text) {
  auto decoded = percent_decode(text, true);
  return decoded ? *std::move(decoded) : std::string(text);
}

// Calls visit(name, value), both encoded, until it returns false.
template <typename Visit>
void for_each_parameter(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const auto value = equals == part.npos ? std::string_view() : part.substr(equals + 1);
    if (!visit(part.substr(0, equals), value)) return;
  }
}

bool has_parent_segment(std::string_view path) {
  for (size_t at = path.find("/.."); at != path.npos; at = path.find("/..", at + 1)) {
    if (at + 3 == path.size() || path[at + 3] == '/') return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int byte = escaped_byte(text, i);
      if (byte < 0) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    } else if (text[i] == '\0') {
      return std::nullopt;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> all;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    all.emplace_back(decode_or_keep(name), decode_or_keep(value));
    return true;
  });
  return all;
}

std::string query_value(std::string_view query, std::string_view name) {
  std::string found;
  for_each_parameter(query, [&](std::string_view key, std::string_view value) {
    const bool plain = key.find_first_of("%+") == key.npos;
    if (plain ? key != name : decode_or_keep(key) != name) return true;
    found = decode_or_keep(value);
    return false;
  });
  return found;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target == "*") return Target{"/", ""};
  if (!target.empty() && target.front() != '/') {
    const size_t scheme = target.find("://");
    if (scheme == target.npos || scheme == 0) return std::nullopt;
    target.remove_prefix(scheme + 3);
    target.remove_prefix(std::min(target.size(), target.find_first_of("/?")));
  }
  const size_t mark = target.find('?');
  const auto query = mark == target.npos ? std::string_view() : target.substr(mark + 1);
  auto path = percent_decode(target.substr(0, mark));
  if (!path || !escapes_are_valid(query)) return std::nullopt;
  if (path->empty()) path = "/";
  if (has_parent_segment(*path)) return std::nullopt;
  return Target{*std::move(path), std::string(query)};
}

}  // namespace flawless::http
