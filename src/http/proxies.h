// Addresses, and who the client is when proxies stand between. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/server.h"

namespace flawless::http {

// An IPv6 address; IPv4 as ::ffff:a.b.c.d, so that both compare alike.
using Address = std::array<uint8_t, 16>;

// "192.0.2.1", "2001:db8::1", "[2001:db8::1]:443", "192.0.2.1:80"; nothing else.
std::optional<Address> parse_address(std::string_view text);
std::string to_text(const Address& address);

class TrustedProxies {
 public:
  TrustedProxies() = default;
  // Addresses or CIDR blocks; kInvalid names the one that is neither.
  static Result<TrustedProxies> parse(const std::vector<std::string>& blocks);

  [[nodiscard]] bool contains(const Address& address) const;

  struct Client {
    std::string peer;
    bool secure = false;
  };
  // `peer` is a trusted proxy that sent these headers: the client is the right-most address of
  // X-Forwarded-For that is not trusted; it is secure if the last X-Forwarded-Proto is https.
  [[nodiscard]] Client client_behind(const Address& peer, const std::vector<Header>& headers) const;

 private:
  struct Block {
    Address prefix{};
    unsigned bits = 128;
  };
  static std::optional<Block> parse_block(std::string_view text);
  std::vector<Block> blocks_;
};

}  // namespace flawless::http
