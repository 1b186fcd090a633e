#include "api/attempts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.h"

namespace flawless::api {
namespace {

uint64_t random_seed() {
  std::array<uint8_t, 8> bytes{};
  random_bytes(bytes);
  return load_le<uint64_t>(bytes.data());
}

// One who has a /64 of IPv6 has all of its addresses.
std::string network_of(std::string_view peer) {
  in6_addr address{};
  const std::string text(peer);
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
  return to_hex({address.s6_addr, 8});
}

}  // namespace

Attempts::Attempts(const Clock& clock, const AttemptLimits& limits)
    : clock_(clock), limits_(limits), seed_(random_seed()) {}

uint64_t Attempts::email_key(std::string_view email) const {
  std::string text = "email ";
  for (const char c : email) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return hash64(text, seed_);
}

uint64_t Attempts::peer_key(std::string_view peer) const {
  return hash64("peer " + network_of(peer), seed_);
}

std::chrono::milliseconds Attempts::wait_for(Failures& failures, uint64_t key, size_t most,
                                             Time now) const {
  const auto found = failures.find(key);
  if (found == failures.end()) return std::chrono::milliseconds(0);
  auto& times = found->second;
  while (!times.empty() && times.front() + limits_.within <= now) times.pop_front();
  if (times.size() < most) return std::chrono::milliseconds(0);
  return times.front() + limits_.within - now;
}

void Attempts::make_room(Failures& failures, Time now) const {
  if (failures.size() + 2 <= limits_.most_keys) return;
  std::erase_if(failures, [&](const auto& entry) {
    return entry.second.empty() || entry.second.back() + limits_.within <= now;
  });
  while (failures.size() + 2 > limits_.most_keys) {
    failures.erase(std::min_element(
        failures.begin(), failures.end(),
        [](const auto& a, const auto& b) { return a.second.back() < b.second.back(); }));
  }
}

std::optional<std::chrono::seconds> Attempts::begin(std::string_view email, std::string_view peer) {
  const Time now = clock_.now();
  const uint64_t keys[] = {email_key(email), peer_key(peer)};
  auto failures = failures_.lock();
  const auto wait = std::max(wait_for(*failures, keys[0], limits_.of_address, now),
                             wait_for(*failures, keys[1], limits_.of_peer, now));
  if (wait.count() > 0) return std::chrono::ceil<std::chrono::seconds>(wait);
  make_room(*failures, now);
  for (const uint64_t key : keys) (*failures)[key].push_back(now);
  return std::nullopt;
}

// The peer's other failures stay: else one's own account would be a way to go on guessing others'.
void Attempts::succeeded(std::string_view email, std::string_view peer) {
  auto failures = failures_.lock();
  failures->erase(email_key(email));
  const auto found = failures->find(peer_key(peer));
  if (found == failures->end()) return;
  if (!found->second.empty()) found->second.pop_back();
  if (found->second.empty()) failures->erase(found);
}

}  // namespace flawless::api
