#include "wire/address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace flawless::wire {

std::string anonymised_ip(std::string_view ip) {
  std::string text(ip);
  in_addr v4{};
  in6_addr v6{};
  char room[INET6_ADDRSTRLEN];
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return text.substr(0, text.rfind('.')) + ".0";
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return {};
  std::fill(std::begin(v6.s6_addr) + 6, std::end(v6.s6_addr), uint8_t{0});
  return inet_ntop(AF_INET6, &v6, room, sizeof room) != nullptr ? room : "";
}

std::string resolved_ip(std::string_view sent, std::string_view peer_ip) {
  if (sent == "$remote_ip" || sent == "{{auto}}") return std::string(peer_ip);
  if (sent == "$remote_ip_anonymize") return anonymised_ip(peer_ip);
  return std::string(sent);
}

}  // namespace flawless::wire
