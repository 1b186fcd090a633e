#include "triage/path.h"

#include <gtest/gtest.h>

#include <string>

#include "triage/grouping.h"

namespace flawless::triage {
namespace {

using Cases = std::vector<std::pair<std::string_view, std::string_view>>;

void expect_normalised(const Cases& cases) {
  for (auto [sent, expected] : cases) EXPECT_EQ(normalise_path(sent), expected) << sent;
}
std::string below(std::string_view root, std::string_view path) {
  std::string out;
  append_normalised_path(out, path, root);
  return out;
}

TEST(Path, HashesOfBundlersAreRecognised) {
  expect_normalised({
      {"https://x/main-5ZJQY4TN.js", "main-<hash>.js"},
      {"https://x/main-MLXYPQWE.js", "main-<hash>.js"},
      {"https://x/chunk-QRSTUVWX.js", "chunk-<hash>.js"},
      {"https://x/index-DiwrgTda.js", "index-<hash>.js"},
      {"https://x/index-Cj-9xy_Z.css", "index-<hash>.css"},
      {"https://x/app-BxY12abC.min.js", "app-<hash>.min.js"},
      {"https://x/main.abcdefab.js", "main.<hash>.js"},
      {"https://x/main.12345678.js", "main.<hash>.js"},
      {"https://x/main.a1b2c3d.js", "main.<hash>.js"},
      {"https://x/vendors~main.face1234.chunk.js", "vendors~main.<hash>.chunk.js"},
      {"https://x/31.4f2a9c1b.js", "<number>.<hash>.js"},
      {"https://x/31.chunk.js", "<number>.chunk.js"},
      {"https://x/pages/index-1a2b3c4d5e6f7a8b.js", "pages/index-<hash>.js"},
  });
}

TEST(Path, NamesOfScriptsAreNoHashes) {
  for (std::string_view path :
       {"src/store.CartItemList.js", "src/store.UserRoleMap.js", "src/app-UserList.js",
        "src/user-Settings.js", "src/user-Profile1.js", "src/app-formData.js",
        "src/app-HTTPPool.js", "src/date-formatter.js", "src/k8s-v1alpha1.js", "pages/404.js",
        "src/tax-2024.js", "src/step-000001.js", "src/Oauth2Client.js", "src/a.deadbeat.js"}) {
    EXPECT_EQ(normalise_path(path), path);
  }
}

TEST(Path, VersionsAreNormalised) {
  expect_normalised({
      {"https://x/v1.2.3/app.js", "<version>/app.js"},
      {"https://x/1.2.3/app.js", "<version>/app.js"},
      {"https://x/app-1.2.3.min.js", "app-<version>.min.js"},
      {"https://x/app-1.2.3-rc.1.min.js", "app-<version>.min.js"},
      {"https://x/app.1.2.3.js", "app.<version>.js"},
      {"https://x/build/20260101/app.js", "build/<number>/app.js"},
      {"/usr/lib/ruby/3.2.0/set.rb", "ruby/<version>/set.rb"},
      {"lib/libcart-2.31.so", "lib/libcart-<version>.so"},
  });
}

TEST(Path, NumbersInNamesOfSourcesStay) {
  for (std::string_view path :
       {"api-v1/a.py", "api/v2/a.py", "day-2/a.py", "tax/2023/a.py", "tax/20230131/a.py",
        "face1234/a.py", "m/0001_a.py", "m/V20260101__a.py", "m/20260101120000_create.rb",
        "step-000001.py", "python3/a.py"}) {
    EXPECT_EQ(normalise_path(path), path);
  }
  EXPECT_EQ(normalise_path("releases/20260101120000/shop/a.py"), "releases/<number>/shop/a.py");
}

// Over-split: no client told where the application lies.
TEST(Path, DeploysInAbsolutePathsComeOff) {
  expect_normalised({
      {"/opt/shop/1.2.3/shop/v.py", "shop/v.py"},
      {"/srv/shop/v1.2.3/shop/v.py", "shop/v.py"},
      {"C:\\app\\1.0.0.1\\v.py", "v.py"},
      {"/deploy/abc1234/shop/v.py", "shop/v.py"},
      {"/data/v20260101/v.py", "v.py"},
      {"/srv/shop/2026-01-01_12-30/v.py", "v.py"},
      {"/tmp/build_1a2b3c4d/shop/v.py", "shop/v.py"},
      {"/var/www/shop/releases/12/shop/v.py", "shop/v.py"},
      {"/var/www/shop/current/shop/v.py", "shop/v.py"},
      {"/home/u/apps/shop/current/shop/v.py", "shop/v.py"},
      {"/x/builds/20260101/shop/v.py", "shop/v.py"},
  });
  for (std::string_view name : {"shop_1.2.3", "shop-1.2.3-rc1", "shop-a1b2c3d", "shop_r123",
                                "shop.20260101", "shop-2026-01-01", "shop"}) {
    EXPECT_EQ(normalise_path("/srv/" + std::string(name) + "/v.py"), "shop/v.py") << name;
  }
}

// Over-merge: directories of the application that are called like a deploy's.
TEST(Path, DirectoriesInsideTheApplicationStay) {
  expect_normalised({
      {"/srv/shop/api/versions/v1/users.py", "shop/api/versions/v1/users.py"},
      {"/srv/shop/api/versions/v2/users.py", "shop/api/versions/v2/users.py"},
      {"/srv/app/releases/create/a.py", "app/releases/create/a.py"},
      {"/srv/ci/builds/run/api.py", "ci/builds/run/api.py"},
      {"/srv/shop/orders/current/api.py", "shop/orders/current/api.py"},
      {"/app/orders/current/api.py", "orders/current/api.py"},
      {"/srv/shop/schemas/1.2/a.py", "shop/schemas/<version>/a.py"},
      {"/srv/shop/tax/202301/a.py", "shop/tax/202301/a.py"},
      {"/srv/a/app.py", "a/app.py"},
      {"/srv/day-1/app.py", "day-1/app.py"},
  });
}

TEST(Path, WellKnownRootsComeOff) {
  for (std::string_view root :
       {"/app", "/code", "/src", "/usr/src/app", "/workspace", "/github/workspace",
        "/home/runner/work/shop/shop", "/__w/shop/shop", "/builds/group/shop", "D:\\a\\1\\s",
        "/home/ann", "/var/www/html"}) {
    EXPECT_EQ(normalise_path(std::string(root) + "/shop/v.py"), "shop/v.py") << root;
  }
}

TEST(Path, APythonProjectIsNamedLikeItsPackage) {
  EXPECT_EQ(normalise_path("/srv/shop/shop/v.py"), "shop/v.py");
  EXPECT_EQ(normalise_path("/opt/shop-1.2.3/shop/v.py"), "shop/v.py");
  EXPECT_EQ(normalise_path("/srv/shop/shopping/v.py"), "shop/shopping/v.py");
  EXPECT_EQ(normalise_path("/srv/shop/shop/index.js"), "shop/shop/index.js")
      << "elsewhere a directory inside may be called the same";
  EXPECT_EQ(normalise_path("/app/shop/shop/v.py"), "shop/shop/v.py") << "/app is the root";
}

TEST(Path, BelowAKnownRootOnlyADeploysDirectoryComesOff) {
  EXPECT_EQ(below("/srv/shop", "/srv/shop/current/api.py"), "api.py");
  EXPECT_EQ(below("/srv/shop", "/srv/shop/1.2.3/api.py"), "api.py");
  EXPECT_EQ(below("/srv/shop", "/srv/shop/releases/20260101120000/api.py"), "api.py");
  EXPECT_EQ(below("/srv/shop", "/srv/shop/orders/current/api.py"), "orders/current/api.py");
  EXPECT_EQ(below("/srv/shop", "/srv/shop/orders/1.2/api.py"), "orders/<version>/api.py");
  EXPECT_EQ(below("/srv/shop", "/srv/shop/app/api.py"), "app/api.py");
}

}  // namespace
}  // namespace flawless::triage
