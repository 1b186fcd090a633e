#include "server/config_warnings.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <strings.h>

namespace flawless::server {
namespace {

// Names are not looked up: what they mean may change while the server runs.
bool is_loopback(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return ::strcasecmp(host.c_str(), "localhost") == 0;
}

bool sends_password_in_clear(const Config::Mail& mail) {
  return !mail.smtp_host.empty() && !mail.smtp_password.empty() && mail.smtp_tls == "none" &&
         !is_loopback(mail.smtp_host);
}

}  // namespace

std::vector<std::string> warnings_about(const Config& config) {
  std::vector<std::string> warnings;
  if (sends_password_in_clear(config.mail)) {
    warnings.push_back(
        fmt::format("the mail password goes to {} in clear, readable on the way, since "
                    "'mail.smtp_tls' is \"none\"; set it to \"starttls\" or \"tls\"",
                    config.mail.smtp_host));
  }
  return warnings;
}

}  // namespace flawless::server
