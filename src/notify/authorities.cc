#include "notify/authorities.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

namespace flawless::notify {
namespace {

struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};

// Not of revocation lists, which the file may hold besides.
bool has_certificate(X509_STORE* store) {
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_X509) return true;
  }
  return false;
}

std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "no certificate found" : reason;
}

}  // namespace

// Read as libcurl reads it, so that what passes here is not refused when mail is to go.
Status check_authorities(const std::string& file) {
  ERR_clear_error();
  const std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
  if (store && X509_STORE_load_file(store.get(), file.c_str()) == 1 &&
      has_certificate(store.get())) {
    return Status::ok();
  }
  return {Code::kInvalid,
          fmt::format("{} holds no usable certificates in PEM form ({}); each is a block from "
                      "-----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, which "
                      "`openssl x509 -inform der -in FILE` makes of other forms",
                      file, last_reason())};
}

}  // namespace flawless::notify
