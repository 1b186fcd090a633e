// Query parameters of an API request, checked: a misspelt filter must not silently mean
// "everything".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/server.h"

namespace flawless::api {

// Every failure is kInvalid and says what is allowed.
class Query {
 public:
  Query() = default;
  // Fails for a name that is not in `known`. The token's own parameter is always known.
  [[nodiscard]] static Result<Query> read(const http::Request& request,
                                          std::span<const std::string_view> known);

  // Of a parameter that may be given once; empty if absent.
  [[nodiscard]] Result<std::string> text(std::string_view name) const;
  // Of one that may be repeated and hold several values between commas. Empty values are left out.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] Result<int64_t> integer(std::string_view name, int64_t low, int64_t high,
                                        int64_t otherwise) const;
  // RFC 3339.
  [[nodiscard]] Result<std::optional<Time>> time(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// A whole number in plain decimal digits within [low, high]; nothing else.
std::optional<int64_t> parse_integer(std::string_view text, int64_t low, int64_t high);

}  // namespace flawless::api
