#include "server/config_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Config mail(const std::string& host, const std::string& tls, const std::string& password) {
  Config config;
  config.mail.smtp_host = host;
  config.mail.smtp_tls = tls;
  config.mail.smtp_user = "flawless";
  config.mail.smtp_password = password;
  return config;
}

TEST(ConfigWarnings, APasswordThatWouldCrossTheNetworkInClear) {
  for (const char* host : {"mail.shop.example", "10.0.0.7", "126.255.255.255", "fe80::1",
                           "localhost.shop.example", "127.0.0.1.shop.example"}) {
    EXPECT_THAT(warnings_about(mail(host, "none", "s3cret")),
                ElementsAre(AllOf(HasSubstr(host), HasSubstr("mail.smtp_tls"),
                                  HasSubstr("\"starttls\""), Not(HasSubstr("s3cret")))))
        << host;
  }
}

TEST(ConfigWarnings, NothingIsSaidOfWhatIsInOrder) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", ""}) {
    EXPECT_THAT(warnings_about(mail(host, "none", "s3cret")), IsEmpty()) << host;
  }
  EXPECT_THAT(warnings_about(mail("mail.shop.example", "starttls", "s3cret")), IsEmpty());
  EXPECT_THAT(warnings_about(mail("mail.shop.example", "tls", "s3cret")), IsEmpty());
  EXPECT_THAT(warnings_about(mail("mail.shop.example", "none", "")), IsEmpty());
  EXPECT_THAT(warnings_about({}), IsEmpty());
}

}  // namespace
}  // namespace flawless::server
