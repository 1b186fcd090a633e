#include "intake/credentials.h"

#include <array>
#include <initializer_list>

namespace flawless::intake {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() <= word.size() || text[word.size()] != ' ') return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if ((text[i] | 0x20) != (word[i] | 0x20)) return false;
  }
  return true;
}

std::string_view bearer_of(std::string_view header) {
  return starts_with_word(header, "Bearer") ? trim(header.substr(7)) : std::string_view();
}

Result<std::string> one_of(std::initializer_list<std::string> candidates) {
  std::string found;
  for (const std::string& candidate : candidates) {
    if (candidate.empty()) continue;
    if (!found.empty() && found != candidate) {
      return {Code::kDenied, "the request names two different keys; send one"};
    }
    found = candidate;
  }
  return found;
}

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return {};
}

}  // namespace

std::string_view sentry_key_of(std::string_view header) {
  if (!starts_with_word(header, "Sentry")) return {};
  std::string_view rest = header.substr(7);
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string_view part = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    constexpr std::string_view kName = "sentry_key=";
    if (part.substr(0, kName.size()) == kName) return trim(part.substr(kName.size()));
  }
  return {};
}

Result<std::string> find_token(wire::Protocol protocol, const http::Request& request) {
  switch (protocol) {
    case wire::Protocol::kRollbar:
      return first_of({std::string(trim(request.header("X-Rollbar-Access-Token"))),
                       request.query_value("access_token")});
    case wire::Protocol::kSentryStore:
    case wire::Protocol::kSentryEnvelope:
      return one_of({std::string(sentry_key_of(request.header("X-Sentry-Auth"))),
                     std::string(sentry_key_of(request.header("Authorization"))),
                     request.query_value("sentry_key")});
    case wire::Protocol::kFlawless:
      return first_of({std::string(bearer_of(request.header("Authorization"))),
                       std::string(trim(request.header("X-Rollbar-Access-Token"))),
                       std::string(trim(request.header("X-Flawless-Token"))),
                       request.query_value("access_token")});
  }
  return std::string();
}

bool body_may_have_token(wire::Protocol protocol) {
  return protocol == wire::Protocol::kRollbar || protocol == wire::Protocol::kSentryEnvelope;
}

std::string_view where_tokens_go(wire::Protocol protocol) {
  switch (protocol) {
    case wire::Protocol::kRollbar:
      return "no access token: send the header X-Rollbar-Access-Token, or access_token in the body "
             "or the query";
    case wire::Protocol::kSentryStore:
    case wire::Protocol::kSentryEnvelope:
      return "no key: send X-Sentry-Auth, ?sentry_key= or a dsn in the envelope header";
    case wire::Protocol::kFlawless:
      return "no access token: send the header \"Authorization: Bearer TOKEN\" with a post_ token "
             "(or X-Rollbar-Access-Token, X-Flawless-Token, or ?access_token=)";
  }
  return {};
}

}  // namespace flawless::intake
