// Addresses of our own pages, as mails and pages link to them. Built from the configured public
// address only, never from what a client called us.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "render/incident.h"

namespace flawless::render {

// RFC 3986: everything but letters, digits and "-._~" as %XX; undone exactly by any form decoder.
[[nodiscard]] std::string percent_encode(std::string_view text);
// The same, but for the characters of `kept`.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept);

// The text if it is an absolute http or https URL without control characters or spaces, else empty:
// whether a reported URL may be made a link.
[[nodiscard]] std::string_view safe_url(std::string_view text);

// Longer paths and functions, and lines of code, are cut there in a link (whole characters), so
// that no link is too long for a browser or a proxy: compare their start.
inline constexpr size_t kMaxName = 500, kMaxText = 1000;

class Links {
 public:
  // `public_url` without a trailing slash, as in http.public_url.
  explicit Links(std::string public_url) : base_(std::move(public_url)) {}

  [[nodiscard]] const std::string& home() const { return base_; }
  [[nodiscard]] std::string item(ProjectId project, int64_t number) const;
  // `key`: a signed grant; empty leaves the parameter out (a signed-in reader needs none).
  // `timestamp`: seconds since 1970 within the week shown; 0: the current one.
  [[nodiscard]] std::string traceback(const Place& place, std::string_view key,
                                      int64_t timestamp = 0) const;
  // What the grant is about, of a report that names no line.
  [[nodiscard]] std::string traceback(std::string_view key) const;
  [[nodiscard]] std::string report(std::string_view email, std::string_view key) const;
  [[nodiscard]] std::string whitelist(const Place& place, std::string_view key) const;

 private:
  std::string base_;
};

}  // namespace flawless::render
