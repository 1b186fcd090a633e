#include "api/secrets.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace flawless::api {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr size_t kMemoryBytes = 19U << 20U;

bool library_ready() { return sodium_init() >= 0; }

// The hash of a password nobody has.
std::string_view dummy_hash() {
  return "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

// Of UTF-8.
size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

Status check_password(std::string_view password) {
  if (characters(password) < kFewestPasswordCharacters) {
    return {Code::kInvalid,
            fmt::format("The password needs {} characters at least.", kFewestPasswordCharacters)};
  }
  if (password.size() > kMostPasswordBytes) {
    return {Code::kInvalid, fmt::format("The password is longer than {} bytes.",
                                        kMostPasswordBytes)};
  }
  return Status::ok();
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  RETURN_IF_ERROR(check_password(password));
  if (!library_ready()) return {Code::kInternal, "libsodium cannot be used on this machine"};
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {Code::kUnavailable, "not enough memory to hash a password (19 MiB are needed)"};
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool password_matches(std::string_view hash, std::string_view password) {
  if (!library_ready()) return false;
  const bool usable = !hash.empty() && hash.size() < crypto_pwhash_STRBYTES;
  const std::string stored(usable ? hash : dummy_hash());
  const bool same = crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
  return usable && same;
}

std::string random_token() {
  std::array<uint8_t, 32> bytes{};
  random_bytes(bytes);
  std::string text(
      sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminating NUL
  return text;
}

std::string sha256(std::string_view text) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return digest;
}

}  // namespace flawless::api
