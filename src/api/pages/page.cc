#include "api/pages/page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "api/reply.h"

namespace flawless::api {
namespace {

constexpr double kFirstMilliseconds = 1e11;       // as seconds it would be the year 5138
constexpr double kMostSeconds = 253'402'300'799;  // the end of 9999

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// In words for the reader; the numbers are those of the API.
std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "That request cannot be understood";
    case 401:
      return "Sign in";
    case 403:
      return "Not allowed";
    case 404:
      return "Not Found";
    default:
      return "That did not work";
  }
}

}  // namespace

const std::string* Fields::find(std::string_view name) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& value) { return value.first == name; });
  return found == values_.end() ? nullptr : &found->second;
}

std::string Fields::get(std::string_view name) const {
  const std::string* found = find(name);
  return found ? *found : std::string();
}

bool Fields::flag(std::string_view name) const {
  constexpr std::array<std::string_view, 5> kNo = {"", "0", "false", "no", "off"};
  return std::find(kNo.begin(), kNo.end(), lower(get(name))) == kNo.end();
}

http::Response html_reply(int status, std::string html) {
  http::Response response = text_reply(status, std::move(html), "text/html; charset=utf-8");
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src '" + render::style_hash() +
           "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"X-Robots-Tag", "noindex"});
  return response;
}

http::Response notice_reply(int status, const render::NoticePage& notice) {
  return html_reply(status, render::notice_page(notice));
}

http::Response failure_reply(const Status& status) {
  const int number = http_status(status.code());
  render::NoticePage page;
  page.kind =
      number == 404 ? render::NoticePage::Kind::kNotFound : render::NoticePage::Kind::kError;
  page.title = title_of(number);
  if (number == 500) {
    page.lines = {"Something failed inside the server; its log has the cause under the reference " +
                  log_internal(status) + "."};
  } else {
    page.lines = {status.message()};
  }
  http::Response reply = notice_reply(number, page);
  if (number == 503 || number == 429) reply.headers.push_back({"Retry-After", "1"});
  return reply;
}

render::Links links_of(const PageCall& call) {
  return render::Links(call.parts.public_url ? call.parts.public_url() : std::string());
}

std::string key_for(const PageCall& call, const render::Grant& about) {
  constexpr std::chrono::hours kOfATokensPage{1};
  if (call.reader.caller.user || !call.signer) return {};
  render::Grant grant = about;
  grant.expires = call.reader.grant ? call.reader.grant->expires : call.now + kOfATokensPage;
  grant.email = call.reader.grant ? call.reader.grant->email : std::string();
  return call.signer->sign(grant);
}

Result<Time> parse_timestamp(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && number >= kFirstMilliseconds) number /= 1000;
  if (!whole || !std::isfinite(number) || number < 0 || number > kMostSeconds) {
    return Status(Code::kInvalid, "timestamp must be seconds since 1970, like 1763800200.");
  }
  return from_unix_ms(static_cast<int64_t>(number * 1000));
}

Week week_of(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const Time from = day - (std::chrono::weekday(day) - std::chrono::Sunday);
  return {from, from + std::chrono::days(7)};
}

}  // namespace flawless::api
