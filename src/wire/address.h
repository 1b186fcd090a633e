// Addresses that a client leaves to the server.
#pragma once

#include <string>
#include <string_view>

namespace flawless::wire {

// IPv4 with its last octet 0, IPv6 with only its first three groups; "" for anything else.
std::string anonymised_ip(std::string_view ip);

// "$remote_ip", "$remote_ip_anonymize" and "{{auto}}" become the peer's address; anything else
// stays.
std::string resolved_ip(std::string_view sent, std::string_view peer_ip);

}  // namespace flawless::wire
