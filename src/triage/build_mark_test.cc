#include "triage/build_mark.h"

#include <gtest/gtest.h>

#include <string>

namespace flawless::triage {
namespace {

TEST(BuildMark, BundlersHashes) {
  for (std::string_view hash : {"5ZJQY4TN", "MLXYPQWE", "BxY12abC", "DiwrgTda", "CsJ4vdCR",
                                "DadYNm1I", "Cj-9xy_Z", "BSjZa4pk", "a5XoALAZ"}) {
    EXPECT_TRUE(is_bundler_hash(hash)) << hash;
  }
  for (std::string_view name :
       {"UserList", "ItemView", "formData", "Settings", "Profile1", "URLParse", "HTTPPool",
        "MyWidget", "my-Table", "settings", "date-fns", "v1alpha1", "Abstract", "Scripts2",
        "GoToPage", "UserIdDb", "BxY12abCd", "BxY12ab", "BxY.2abC", ""}) {
    EXPECT_FALSE(is_bundler_hash(name)) << name;
  }
}

TEST(BuildMark, Hashes) {
  for (std::string_view hash : {"4f2a9c1b", "85f78c1d2a", "a1b2c3d", "1234face", "12ab34cd",
                                "da39a3ee5e6b4b0d3255bfef95601890afd80709"}) {
    EXPECT_TRUE(is_hash(hash)) << hash;
  }
  for (std::string_view name : {"face1234", "ed25519", "deadbeef", "20260101", "a1b2c3",
                                "AppleIntelHD4000GraphicsGLDriver", ""}) {
    EXPECT_FALSE(is_hash(name)) << name;
  }
}

TEST(BuildMark, Versions) {
  for (std::string_view version : {"1.2", "1.2.3", "v1.2.3", "1.0.0.1", "1.2.3-rc1", "18.2.0_x"})
    EXPECT_TRUE(is_version(version)) << version;
  for (std::string_view name : {"1", "v1", "v", "1.", "1..2", "1.x", "a1.2", ""})
    EXPECT_FALSE(is_version(name)) << name;
  EXPECT_EQ(version_size("1.2.3.min.js"), 5u);
  EXPECT_EQ(version_size("1.2.3-rc.1.js"), 10u);
  EXPECT_EQ(version_size("1.2.3a.js"), 0u);
  EXPECT_EQ(version_size("2.js"), 0u);
}

TEST(BuildMark, Deploys) {
  for (std::string_view deploy : {"20260101", "2026-01-01_12-30", "123456", "1.2.3", "abc1234"})
    EXPECT_TRUE(is_deploy(deploy)) << deploy;
  for (std::string_view name : {"12", "v2", "create", "tax2023", "defaced", "2026-01", ""})
    EXPECT_FALSE(is_deploy(name)) << name;
}

}  // namespace
}  // namespace flawless::triage
