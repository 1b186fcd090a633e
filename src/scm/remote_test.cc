#include "scm/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "scm/test_repository.h"

namespace flawless::scm {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ParseRemote, TakesThePasswordOutOfTheAddress) {
  const auto remote = parse_remote("https://bob:p%40ss@git.example:8443/shop.git");
  ASSERT_TRUE(remote);
  EXPECT_EQ(remote->url, "https://git.example:8443/shop.git");
  EXPECT_EQ(remote->host, "git.example:8443");
  EXPECT_EQ(remote->user, "bob");
  EXPECT_EQ(remote->password, "p@ss");
  EXPECT_EQ(parse_remote("ssh://git:pw@h:22/x.git")->url, "ssh://git@h:22/x.git");
  EXPECT_EQ(local_path(*parse_remote("file:///srv/a%20b.git")), "/srv/a b.git");
  EXPECT_EQ(local_path(*parse_remote("/srv/a%20b.git")), "/srv/a%20b.git");
}

TEST(ParseRemote, KnowsTheTransports) {
  EXPECT_EQ(parse_remote("git@host:shop.git")->transport, Transport::kSsh);
  EXPECT_EQ(parse_remote("host:dir/shop.git")->transport, Transport::kSsh);
  EXPECT_EQ(parse_remote("ssh://git@host/shop")->transport, Transport::kSsh);
  EXPECT_EQ(parse_remote("/srv/shop.git")->transport, Transport::kFile);
  EXPECT_EQ(parse_remote("file:///srv/shop.git")->transport, Transport::kFile);
  EXPECT_EQ(parse_remote("https://host/shop")->transport, Transport::kHttps);
}

TEST(ParseRemote, RefusesTheRestWithoutRepeatingIt) {
  for (std::string_view url :
       {"", "shop", "./shop", "http://u:s3cret@h/x", "git://h/x", "ext::sh -c s3cret", "fd::3",
        "--upload-pack=s3cret", "-oProxyCommand=s3cret:x", "ssh://-oProxyCommand=s3cret/x",
        "git@-oProxyCommand=s3cret:x", "git@:s3cret/x@", "https:///x", "https://host", "https://h/a\nb",
        "ftp://u:s3cret@h/x", "file://host/x"}) {
    const auto remote = parse_remote(url);
    EXPECT_EQ(remote.code(), Code::kInvalid) << url;
    EXPECT_THAT(remote.message(), Not(HasSubstr("s3cret"))) << url;
  }
}

class CredentialsTest : public MirrorTest {
 protected:
  std::string file(const std::string& text) {
    std::ofstream(at("credentials")) << text;
    return at("credentials");
  }
  const Remote https_ = *parse_remote("https://host/x");
  const Remote ssh_ = *parse_remote("git@host:x");
};

TEST_F(CredentialsTest, ReadsWhatIsReferredTo) {
  auto read = load_credentials(https_, file("bob:pa:ss\nmore\n"), "");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "bob");
  EXPECT_EQ(read->password, "pa:ss");
  EXPECT_EQ(load_credentials(https_, file("tok3n\r\n"), "")->password, "tok3n");
  ::setenv("FLAWLESS_TEST_GIT", "eve:w0rd", 1);
  EXPECT_EQ(load_credentials(https_, "", "FLAWLESS_TEST_GIT")->password, "w0rd");
  const std::string key = file("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n");
  EXPECT_EQ(load_credentials(ssh_, key, "")->key_file, key);
}

TEST_F(CredentialsTest, FallsBackToTheAddress) {
  EXPECT_EQ(load_credentials(*parse_remote("https://u:p@h/x"), "", "")->password, "p");
  EXPECT_EQ(load_credentials(*parse_remote("https://tok3n@h/x"), "", "")->password, "tok3n");
  EXPECT_EQ(load_credentials(https_, "", "")->password, "");
}

TEST_F(CredentialsTest, SaysWhatIsMissingNeverWhatWasRead) {
  EXPECT_EQ(load_credentials(https_, at("none"), "").code(), Code::kNotFound);
  EXPECT_EQ(load_credentials(https_, file(""), "").code(), Code::kInvalid);
  EXPECT_EQ(load_credentials(https_, "", "FLAWLESS_TEST_UNSET").code(), Code::kNotFound);
  const auto key = load_credentials(https_, file("-----BEGIN s3cret"), "");
  EXPECT_EQ(key.code(), Code::kInvalid);
  EXPECT_THAT(key.message(), Not(HasSubstr("s3cret")));
}

TEST_F(CredentialsTest, ReachOnlyTheTransportTheyAreFor) {
  EXPECT_THAT(remote_environment(*git_, https_, {"bob", "pw", ""}, "ssh"),
              Contains("FLAWLESS_GIT_PASSWORD=pw"));
  EXPECT_THAT(remote_environment(*git_, ssh_, {"bob", "pw", ""}, "ssh"),
              ElementsAre(AllOf(HasSubstr("GIT_SSH_COMMAND='ssh'"), Not(HasSubstr("pw")))));
  EXPECT_THAT(remote_environment(*git_, ssh_, {"", "", "/k/it's"}, "ssh"),
              ElementsAre(HasSubstr("-i '/k/it'\\''s'")));
  EXPECT_THAT(remote_environment(*git_, *parse_remote("/x"), {"bob", "pw", ""}, "ssh"), IsEmpty());
  EXPECT_THAT(secrets_of({"bob", "p@ss", ""}), ElementsAre("p@ss", "p%40ss"));
}

}  // namespace
}  // namespace flawless::scm
