#include "http/proxies.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "http/text.h"

namespace flawless::http {
namespace {

bool is_mapped_v4(const Address& address) {
  static constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(address.begin(), address.begin() + 12, kMapped.begin());
}

// Without "[…]" and without a port.
std::string_view bare_address(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const size_t end = text.find(']');
    return end == text.npos ? std::string_view() : text.substr(1, end - 1);
  }
  const size_t colon = text.find(':');
  const bool one_colon = colon != text.npos && text.find(':', colon + 1) == text.npos;
  return one_colon ? text.substr(0, colon) : text;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string bare(bare_address(trim(text)));
  Address address{};
  if (inet_pton(AF_INET6, bare.c_str(), address.data()) == 1) return address;
  in_addr v4{};
  if (inet_pton(AF_INET, bare.c_str(), &v4) != 1) return std::nullopt;
  address.fill(0);
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, &v4, 4);
  return address;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = is_mapped_v4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), text, sizeof text);
  return text;
}

std::optional<TrustedProxies::Block> TrustedProxies::parse_block(std::string_view text) {
  text = trim(text);
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Block block{*address, 128};
  if (slash == text.npos) return block;
  const std::string_view digits = text.substr(slash + 1);
  const unsigned most = is_mapped_v4(*address) ? 32 : 128;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool all_read = error == std::errc() && end == digits.data() + digits.size();
  if (!all_read || bits > most) return std::nullopt;
  block.bits = bits + 128 - most;
  return block;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& blocks) {
  TrustedProxies proxies;
  for (const std::string& text : blocks) {
    const auto block = parse_block(text);
    if (!block) {
      return {Code::kInvalid, "trusted proxy \"" + text + "\" is no address and no CIDR block"};
    }
    proxies.blocks_.push_back(*block);
  }
  return proxies;
}

bool TrustedProxies::contains(const Address& address) const {
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    const size_t whole = block.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, block.prefix.begin())) return false;
    const unsigned rest = block.bits % 8;
    const auto mask = static_cast<uint8_t>(0xff00u >> rest);
    return rest == 0 || ((address[whole] ^ block.prefix[whole]) & mask) == 0;
  });
}

TrustedProxies::Client TrustedProxies::client_behind(const Address& peer,
                                                     const std::vector<Header>& headers) const {
  Client client;
  Address nearest = peer;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!equals_ignoring_case(header->name, "x-forwarded-for")) continue;
    std::string_view list = header->value;
    while (contains(nearest) && !list.empty()) {
      const size_t comma = list.rfind(',');
      const auto entry = parse_address(comma == list.npos ? list : list.substr(comma + 1));
      if (!entry) break;
      nearest = *entry;
      list = comma == list.npos ? std::string_view() : list.substr(0, comma);
    }
    if (!list.empty()) break;  // an untrusted address, or nonsense that nothing left of it survives
  }
  client.peer = to_text(nearest);
  for (const Header& header : headers) {
    if (!equals_ignoring_case(header.name, "x-forwarded-proto")) continue;
    const std::string_view last =
        std::string_view(header.value).substr(header.value.rfind(',') + 1);
    client.secure = equals_ignoring_case(trim(last), "https");
  }
  return client;
}

}  // namespace flawless::http
