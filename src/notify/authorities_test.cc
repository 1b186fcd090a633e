#include "notify/authorities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace flawless::notify {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBiDCCAS+gAwIBAgIUTt7te162BxgSYqOF7hhbho6xoI0wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTMwMTUzNTA3WhgPMjEy
NjExMDYxNTM1MDdaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEx3XUTcNWz+vFsVrILWAw2ifoHql5MpC4147kdEFP
X2HxuzCbpL7dgTnRhkKr6Vc0BzkvOl2dCar2rRl+uf7jIKNTMFEwHQYDVR0OBBYE
FCfLjWrcna8cZiMgME1vb5RYdPSsMB8GA1UdIwQYMBaAFCfLjWrcna8cZiMgME1v
b5RYdPSsMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgUZwDvBRi
7WRxp7/y+02HEfceWFnS6iiTGp9WgTOgsgQCICrv5tyUJRcGc9YoBBlBZ3gfpgyB
trykISgtsPvSAiMI
-----END CERTIFICATE-----
)";
constexpr const char* kKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIIeRPAiIdikm1VzI
thz8wQNN7+Kxs7NgBe5vu0Gv2IuhRANCAATHddRNw1bP68WxWsgtYDDaJ+geqXky
kLjXjuR0QU9fYfG7MJukvt2BOdGGQqvpVzQHOS86XZ0JqvatGX65/uMg
-----END PRIVATE KEY-----
)";

class AuthoritiesTest : public testing::Test {
 protected:
  ~AuthoritiesTest() override { std::filesystem::remove(file_); }
  Status check(const std::string& contents) {
    std::ofstream(file_, std::ios::binary) << contents;
    return check_authorities(file_);
  }
  const std::string file_ =
      testing::TempDir() + "flawless_authorities_test_" + std::to_string(::getpid());
};

TEST_F(AuthoritiesTest, OneOrManyCertificatesWithWhateverStandsBetween) {
  for (const std::string& contents :
       {std::string(kCertificate), std::string("Our authority:\n") + kCertificate + kCertificate,
        std::string(kKey) + kCertificate}) {
    const Status status = check(contents);
    EXPECT_TRUE(status.is_ok()) << status.message();
  }
}

TEST_F(AuthoritiesTest, WhatIsRefusedSaysTheFileAndWhatToDo) {
  const std::string certificate = kCertificate;
  const size_t middle = certificate.size() / 2;
  std::string damaged = certificate;
  damaged.replace(middle, 20, "!!!!!!!!!!!!!!!!!!!!");
  for (const std::string& contents :
       {std::string(), std::string("hello\n"), std::string("\x30\x82\x01\x88\0", 5),
        std::string(kKey), damaged, certificate + damaged, certificate.substr(0, middle)}) {
    const Status status = check(contents);
    EXPECT_EQ(status.code(), Code::kInvalid) << contents;
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr(file_), HasSubstr("BEGIN CERTIFICATE"), HasSubstr("openssl x509")));
  }
}

}  // namespace
}  // namespace flawless::notify
