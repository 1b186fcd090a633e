#include "api/query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace flawless::api {
namespace {

constexpr std::string_view kTokenParameter = "access_token";
constexpr size_t kMostBytes = 1000;

Status unknown(std::string_view name, std::span<const std::string_view> known) {
  std::string allowed =
      known.empty() ? "there are none here" : fmt::format("known are {}", fmt::join(known, ", "));
  return {Code::kInvalid, fmt::format("Unknown query parameter '{}'; {}.", name, allowed)};
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text, int64_t low, int64_t high) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < low || number > high) return std::nullopt;
  return number;
}

Result<Query> Query::read(const http::Request& request, std::span<const std::string_view> known) {
  Query query;
  for (auto& [name, value] : request.query_values()) {
    if (name.empty() && value.empty()) continue;  // "?a=1&"
    if (name == kTokenParameter) continue;
    if (std::find(known.begin(), known.end(), name) == known.end()) return unknown(name, known);
    if (value.size() > kMostBytes) {
      return Status(Code::kInvalid, fmt::format("{} is longer than {} bytes.", name, kMostBytes));
    }
    query.values_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

Result<std::string> Query::text(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [key, value] : values_) {
    if (key != name) continue;
    if (found) return Status(Code::kInvalid, fmt::format("Give {} only once.", name));
    found = &value;
  }
  return found ? *found : std::string();
}

std::vector<std::string> Query::list(std::string_view name) const {
  std::vector<std::string> parts;
  for (const auto& [key, value] : values_) {
    if (key != name) continue;
    for (size_t from = 0; from <= value.size();) {
      size_t comma = std::min(value.find(',', from), value.size());
      if (comma > from) parts.push_back(value.substr(from, comma - from));
      from = comma + 1;
    }
  }
  return parts;
}

Result<int64_t> Query::integer(std::string_view name, int64_t low, int64_t high,
                               int64_t otherwise) const {
  ASSIGN_OR_RETURN(std::string value, text(name));
  if (value.empty()) return otherwise;
  if (auto number = parse_integer(value, low, high)) return *number;
  return Status(Code::kInvalid, fmt::format("{} must be a whole number from {} to {}, not '{}'.",
                                            name, low, high, value));
}

Result<std::optional<Time>> Query::time(std::string_view name) const {
  ASSIGN_OR_RETURN(std::string value, text(name));
  if (value.empty()) return std::optional<Time>();
  if (auto time = parse_rfc3339(value)) return time;
  return Status(Code::kInvalid,
                fmt::format("{} must be a time like 2026-11-22T14:05:11Z, not '{}'.", name, value));
}

}  // namespace flawless::api
