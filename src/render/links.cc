#include "render/links.h"

#include <algorithm>

#include "triage/text.h"

namespace flawless::render {
namespace {

bool is_unreserved(char c) {
  return triage::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_parameter(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == url.npos ? '?' : '&';
  url += name;
  url += '=';
  url += percent_encode(value);
}

// Addresses have a limit; what is compared with these compares the start.
std::string_view bounded(std::string_view text, size_t most) {
  return triage::cut_utf8(text, most);
}

void append_key(std::string& url, std::string_view key) {
  if (!key.empty()) append_parameter(url, "key", key);
}

}  // namespace

std::string percent_encode(std::string_view text) { return percent_encode(text, ""); }

std::string percent_encode(std::string_view text, std::string_view kept) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != kept.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return out;
}

std::string_view safe_url(std::string_view text) {
  const bool web =
      triage::starts_with_folded(text, "http://") || triage::starts_with_folded(text, "https://");
  const auto odd = [](char c) { return static_cast<uint8_t>(c) <= 0x20 || c == 0x7F || c == '\\'; };
  return web && std::none_of(text.begin(), text.end(), odd) ? text : std::string_view();
}

std::string Links::item(ProjectId project, int64_t number) const {
  return base_ + "/p/" + std::to_string(project.v) + "/items/" + std::to_string(number);
}

std::string Links::traceback(const Place& place, std::string_view key, int64_t timestamp) const {
  std::string url = base_ + "/view_traceback";
  append_parameter(url, "filename", bounded(place.path, kMaxName));
  append_parameter(url, "function_name", bounded(place.function, kMaxName));
  append_parameter(url, "line_number", std::to_string(place.line));
  append_parameter(url, "text", bounded(place.text, kMaxText));
  if (timestamp != 0) append_parameter(url, "timestamp", std::to_string(timestamp));
  append_key(url, key);
  return url;
}

std::string Links::traceback(std::string_view key) const {
  std::string url = base_ + "/view_traceback";
  append_key(url, key);
  return url;
}

std::string Links::report(std::string_view email, std::string_view key) const {
  std::string url = base_ + "/get_weekly_error_report";
  append_key(url, key);
  if (!email.empty()) url += "#" + percent_encode(email, "@+");
  return url;
}

std::string Links::whitelist(const Place& place, std::string_view key) const {
  std::string url = base_ + "/add_known_error";
  append_parameter(url, "filename", bounded(place.path, kMaxName));
  append_parameter(url, "function_name", bounded(place.function, kMaxName));
  append_parameter(url, "code_fragment", bounded(place.text, kMaxText));
  append_key(url, key);
  return url;
}

}  // namespace flawless::render
