#include "render/link_signer.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "base/bytes.h"

namespace flawless::render {
namespace {

constexpr char kVersion = 1;
constexpr size_t kMacBytes = 16;
constexpr size_t kMaxToken = 1024;
constexpr std::string_view kPurpose = "flawless link grant\n";  // the key may sign other things too

void append_number(std::string& out, int64_t number) {
  auto rest = static_cast<uint64_t>(number);
  do {
    const auto low = static_cast<char>(rest & 0x7FU);
    rest >>= 7U;
    out += static_cast<char>(rest != 0 ? low | 0x80 : low);
  } while (rest != 0);
}

bool take_number(std::string_view& in, int64_t& number) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) {
      number = static_cast<int64_t>(value);
      return true;
    }
  }
  return false;
}

std::string encode(const Grant& grant) {
  std::string out(1, kVersion);
  const auto expires = std::chrono::floor<std::chrono::seconds>(grant.expires);
  for (const int64_t number : {grant.project.v, grant.item_number, grant.occurrence.v, grant.line.v,
                               static_cast<int64_t>(expires.time_since_epoch().count())}) {
    append_number(out, number);
  }
  return out + grant.email;
}

bool decode(std::string_view in, Grant& grant) {
  if (in.empty() || in.front() != kVersion) return false;
  in.remove_prefix(1);
  int64_t expires = 0;
  if (!take_number(in, grant.project.v) || !take_number(in, grant.item_number) ||
      !take_number(in, grant.occurrence.v) || !take_number(in, grant.line.v) ||
      !take_number(in, expires)) {
    return false;
  }
  grant.expires = Time(std::chrono::seconds(expires));
  grant.email = in;
  return true;
}

std::string mac_of(std::string_view body, const std::string& key) {
  crypto_auth_hmacsha256_state state;
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_init(&state, as_bytes(key).data(), key.size());
  crypto_auth_hmacsha256_update(&state, as_bytes(kPurpose).data(), kPurpose.size());
  crypto_auth_hmacsha256_update(&state, as_bytes(body).data(), body.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return std::string(as_text(mac).substr(0, kMacBytes));
}

std::string to_base64(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), as_bytes(bytes).data(), bytes.size(), kVariant);
  out.pop_back();  // the terminating zero
  return out;
}

std::string from_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  size_t size = 0;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                       text.data(), text.size(), nullptr, &size, nullptr,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.resize(failed == 0 ? size : 0);
  return out;
}

}  // namespace

LinkSigner::LinkSigner(std::string key) {
  FLAWLESS_CHECK(sodium_init() >= 0);
  set_key(std::move(key));
}

void LinkSigner::set_key(std::string key) {
  FLAWLESS_CHECK(key.size() == 32);
  *key_.lock() = std::move(key);
}

std::string LinkSigner::sign(const Grant& grant) const {
  const std::string body = encode(grant);
  return to_base64(mac_of(body, key_.copy()) + body);
}

Result<Grant> LinkSigner::verify(std::string_view token, Time now) const {
  const Status denied(Code::kDenied, "This link is not valid; sign in to see the page.");
  if (token.size() > kMaxToken) return denied;
  const std::string bytes = from_base64(token);
  if (bytes.size() <= kMacBytes) return denied;
  const std::string_view body = std::string_view(bytes).substr(kMacBytes);
  const std::string_view mac = std::string_view(bytes).substr(0, kMacBytes);
  if (!equal_constant_time(mac_of(body, key_.copy()), mac)) return denied;
  Grant grant;
  if (!decode(body, grant)) return denied;
  if (grant.expires <= now) {
    return Status(Code::kDenied, "This link has expired; sign in to see the page.");
  }
  return grant;
}

}  // namespace flawless::render
