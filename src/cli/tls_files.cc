#include "cli/tls_files.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace flawless::cli {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

Status tls_error(std::string_view what) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return {Code::kInvalid,
          fmt::format("{}: {}", what, reason == nullptr ? "no reason given" : reason)};
}

}  // namespace

Status check_tls_files(const std::string& certificate, const std::string& key) {
  const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return tls_error("TLS cannot be used on this machine");
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return tls_error(fmt::format("{} is not a certificate in PEM form", certificate));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return tls_error(fmt::format("{} is not the private key of {}", key, certificate));
  }
  const X509* leaf = SSL_CTX_get0_certificate(context.get());
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
    return {Code::kInvalid, fmt::format("{} has expired", certificate)};
  }
  return Status::ok();
}

std::string openssl_version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

}  // namespace flawless::cli
