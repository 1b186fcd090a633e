#include "server/config_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace flawless::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

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

TEST(ConfigWarnings, AuthoritiesThatNobodyAsks) {
  Config config = mail("mail.shop.example", "none", "");
  config.mail.smtp_ca_file = "/etc/authority.pem";
  EXPECT_THAT(warnings_about(config),
              ElementsAre(AllOf(HasSubstr("'mail.smtp_ca_file'"), HasSubstr("'mail.smtp_tls'"))));
  config.mail.smtp_tls = "starttls";
  EXPECT_THAT(warnings_about(config), IsEmpty());
}

Config repository(const std::string& url, const std::string& credentials_env = {}) {
  Config config;
  Config::Repository& made = config.repositories.emplace_back();
  made.name = "shop";
  made.url = url;
  made.credentials_env = credentials_env;
  return config;
}

TEST(ConfigWarnings, APasswordInAnAddress) {
  for (const char* url : {"https://u:s3cret@h/x", "https://s3cret@h/x", "ssh://git:s3cret@h/x",
                          "https://h/x?private_token=s3cret"}) {
    EXPECT_THAT(warnings_about(repository(url)),
                ElementsAre(AllOf(HasSubstr("'shop'"), HasSubstr("'repository.credentials_file'"),
                                  HasSubstr("'repository.credentials_env'"),
                                  Not(HasSubstr("s3cret")))))
        << url;
  }
  EXPECT_THAT(warnings_about(repository("https://u:s3cret@h/x", "TOKEN")), SizeIs(1));
  for (const char* url : {"https://h/x", "ssh://git@h/x", "git@h:x", "/srv/x.git", ""}) {
    EXPECT_THAT(warnings_about(repository(url)), IsEmpty()) << url;
  }
  EXPECT_THAT(warnings_about(repository("https://ada@h/x", "TOKEN")), IsEmpty());  // a name
}

TEST(ConfigWarnings, AFileWithAPasswordThatOthersCanRead) {
  const std::string file = ::testing::TempDir() + "flawless_config_warnings_test.cfg";
  std::ofstream(file) << "[flawless]\ndata_dir = \"data\"\n[mail]\nsmtp_user = \"u\"\n"
                         "smtp_password = \"s3cret\"\n";
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  const Environment password = [](const std::string& name) -> std::optional<std::string> {
    if (name == "FLAWLESS_MAIL_SMTP_PASSWORD") return "s3cret";
    return std::nullopt;
  };
  for (const mode_t mode : {0644U, 0640U, 0604U}) {
    ::chmod(file.c_str(), mode);
    EXPECT_THAT(warnings_about(*load_config(file, nothing)),
                ElementsAre(AllOf(HasSubstr("chmod 600 " + file), Not(HasSubstr("s3cret")))));
  }
  ::chmod(file.c_str(), 0600);
  EXPECT_THAT(warnings_about(*load_config(file, nothing)), IsEmpty());
  std::ofstream(file) << "[flawless]\ndata_dir = \"data\"\n[mail]\nsmtp_user = \"u\"\n";
  ::chmod(file.c_str(), 0644);
  EXPECT_THAT(warnings_about(*load_config(file, password)), IsEmpty());
  std::filesystem::remove(file);
}

TEST(ConfigWarnings, VariablesThatWouldBeIgnored) {
  Config config = repository("https://h/x", "FLAWLESS_SHOP_SECRET");
  config.mail.smtp_password_env = "FLAWLESS_MAIL_SECRET";
  const auto said = [&](const std::string& name) {
    const std::vector<std::string> names = {name};
    const auto warnings = warnings_about_variables(names, config);
    return warnings.empty() ? std::string() : warnings.front();
  };
  EXPECT_THAT(said("FLAWLESS_HTTP_PROT"),
              HasSubstr("FLAWLESS_HTTP_PROT is no key and is ignored; did you mean "
                        "FLAWLESS_HTTP_PORT?"));
  EXPECT_THAT(said("FLAWLESS_DATA_DRI"), HasSubstr("did you mean FLAWLESS_DATA_DIR?"));
  EXPECT_THAT(said("FLAWLESS_REPOSITORY_1_ULR"), HasSubstr("FLAWLESS_REPOSITORY_1_URL?"));
  EXPECT_THAT(said("FLAWLESS_REPOSITORY_2_ULR"), HasSubstr("FLAWLESS_REPOSITORY_2_URL?"));
  EXPECT_THAT(said("FLAWLESS_SOMETHING_QUITE_DIFFERENT"),
              AllOf(HasSubstr("is no key"), Not(HasSubstr("did you mean"))));
  EXPECT_THAT(said("FLAWLESS_REPOSITORY_3_URL"), HasSubstr("numbered from 2"));
  EXPECT_THAT(said("FLAWLESS_KNOWN_ERROR_0_FILENAME"), HasSubstr("numbered from 1"));
  for (const char* name :
       {"FLAWLESS_HTTP_PORT", "FLAWLESS_DATA_DIR", "FLAWLESS_FLAWLESS_DATA_DIR", "FLAWLESS_CONF",
        "FLAWLESS_DSN", "FLAWLESS_BINARY", "FLAWLESS_REPOSITORY_1_URL", "FLAWLESS_SHOP_SECRET",
        "FLAWLESS_MAIL_SECRET", "PATH", "FLAWLESSLY"}) {
    EXPECT_EQ(said(name), "") << name;
  }
}

}  // namespace
}  // namespace flawless::server
