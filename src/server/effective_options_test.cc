#include "server/effective_options.h"

#include <gmock/gmock.h>

namespace flawless::server {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(EffectiveOptions, ShowsEveryKeyAndNoSecret) {
  Config config;
  config.http.port = 8123;
  config.mail.smtp_password = "hunter22";
  Config::Repository& repository = config.repositories.emplace_back();
  repository.name = "shop";
  repository.url = "https://ada:s3cret@git.example/shop.git?private_token=qtok77";
  auto rows = effective_options(config);
  EXPECT_THAT(rows, Contains(Pair("http.port", "8123")));
  EXPECT_THAT(rows, Contains(Pair("mail.smtp_password", "(secret)")));
  EXPECT_THAT(rows, Contains(Pair("repository.1.name", "\"shop\"")));
  EXPECT_THAT(rows, Contains(Pair("repository.1.url",
                                  "\"https://git.example/shop.git?private_token=…\"")));
  for (const auto& [name, value] : rows) {
    EXPECT_THAT(value, Not(HasSubstr("hunter22"))) << name;
    EXPECT_THAT(value, Not(HasSubstr("s3cret"))) << name;
    EXPECT_THAT(value, Not(HasSubstr("qtok77"))) << name;
  }
}

// Nobody set it: that is worth seeing.
TEST(EffectiveOptions, ASecretThatIsNotSetIsEmpty) {
  EXPECT_THAT(effective_options({}), Contains(Pair("mail.smtp_password", "\"\"")));
}

}  // namespace
}  // namespace flawless::server
