#include "store/sqlite/token_value.h"

#include <sodium.h>

#include "base/bytes.h"

namespace flawless::store::sqlite {

std::string make_token_value(Scope scope) {
  return is_post(scope) ? random_hex(16) : "flw_" + random_hex(20);
}

std::string sha256(std::string_view text) {
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hash;
}

}  // namespace flawless::store::sqlite
