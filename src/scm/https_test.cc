// A mirror over https from a server that wants a password.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "scm/mirror.h"
#include "scm/test_repository.h"

namespace flawless::scm {
namespace {

using testing::HasSubstr;
using testing::Not;

class HttpsTest : public MirrorTest {
 protected:
  void SetUp() override {
    const std::string certificate =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " +
        at("key.pem") + " -out " + at("cert.pem") + " 2>/dev/null";
    ASSERT_EQ(std::system(certificate.c_str()), 0);
    // Popened for writing, so that closing it ends the server; its port comes through a file.
    const std::string command = "/usr/bin/python3 " FLAWLESS_SOURCE_DIR
                                "/src/scm/testdata/https_git_server.py " +
                                directory_.path() + " bob 's3cr€t word' " + at("cert.pem") + " " +
                                at("key.pem") + " " + at("log") + " > " + at("port");
    server_ = ::popen(command.c_str(), "we");
    for (int i = 0; i < 500 && port().empty(); ++i) ::usleep(10'000);
    ASSERT_FALSE(port().empty());
    ::setenv("GIT_SSL_CAINFO", at("cert.pem").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("GIT_SSL_CAINFO");
    if (server_ != nullptr) ::pclose(server_);
  }

  [[nodiscard]] std::string port() const {
    std::ifstream file(at("port"));
    std::string line;
    return std::getline(file, line) && !file.eof() ? line : "";
  }
  [[nodiscard]] MirrorOptions https(const std::string& credentials) const {
    MirrorOptions options = this->options();
    options.url = "https://127.0.0.1:" + port() + "/remote/.git";
    std::ofstream(at("credentials")) << credentials;
    options.credentials_file = at("credentials");
    return options;
  }

  FILE* server_ = nullptr;
};

TEST_F(HttpsTest, SignsInWithWhatTheFileSaysAtEachFetch) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  auto mirror = open(https("bob:s3cr€t word\n"));
  ASSERT_TRUE(mirror->update().is_ok()) << mirror->status().error;
  EXPECT_EQ(*mirror->tip(), one);
  std::ifstream config(at("mirrors/shop.git/config"));
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(config), {}), Not(HasSubstr("s3cr")));

  std::ofstream(at("credentials")) << "bob:wr0ng\n";
  const Status refused = mirror->update();
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("Authentication failed"));
  EXPECT_THAT(refused.message(), Not(HasSubstr("wr0ng")));
  std::ofstream(at("credentials")) << "bob:s3cr€t word\n";
  EXPECT_TRUE(mirror->update().is_ok());
}

TEST_F(HttpsTest, FailsAtOnceWithoutCredentials) {
  MirrorOptions anonymous = https("");
  anonymous.credentials_file.clear();
  const Status refused = open(anonymous)->update();
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("check credentials_file"));
}

}  // namespace
}  // namespace flawless::scm
