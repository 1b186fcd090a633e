#include "web/assets.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace flawless::web {
namespace {

using testing::HasSubstr;
using testing::IsNull;
using testing::Not;
using testing::StartsWith;

// Values of src="/…" and href="/…" without the slash.
std::vector<std::string> references(std::string_view page) {
  std::vector<std::string> found;
  for (std::string_view name : {"src=\"/", "href=\"/"}) {
    for (size_t at = page.find(name); at != page.npos; at = page.find(name, at + 1)) {
      size_t from = at + name.size();
      found.emplace_back(page.substr(from, page.find('"', from) - from));
    }
  }
  return found;
}

TEST(Assets, PageAndAllItRefersToAreThere) {
  const Asset* page = find_asset("index.html");
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(page->immutable);
  auto needed = references(page->body);
  EXPECT_GE(needed.size(), 4u);  // script before paint, app, style, icon
  for (const std::string& path : needed) {
    const Asset* asset = find_asset(path);
    ASSERT_NE(asset, nullptr) << path;
    EXPECT_TRUE(asset->immutable) << path;
    EXPECT_FALSE(asset->body.empty()) << path;
  }
}

TEST(Assets, PageObeysAPolicyWithoutInlineCode) {
  std::string_view page = find_asset("index.html")->body;
  EXPECT_THAT(std::string(page), Not(HasSubstr("style=")));
  EXPECT_THAT(std::string(page), Not(HasSubstr("<style")));
  for (size_t at = page.find("<script"); at != page.npos; at = page.find("<script", at + 1)) {
    EXPECT_THAT(std::string(page.substr(at, 12)), StartsWith("<script src="));
  }
}

TEST(Assets, AreSortedAndFoundByWholePathOnly) {
  EXPECT_TRUE(std::ranges::is_sorted(assets(), {}, &Asset::path));
  for (const Asset& asset : assets()) EXPECT_EQ(find_asset(asset.path), &asset);
  EXPECT_THAT(find_asset(""), IsNull());
  EXPECT_THAT(find_asset("/index.html"), IsNull());
  EXPECT_THAT(find_asset("assets/../index.html"), IsNull());
}

TEST(Assets, TagsDifferAndAreQuoted) {
  std::vector<std::string_view> tags;
  for (const Asset& asset : assets()) {
    tags.push_back(asset.etag);
    EXPECT_EQ(asset.etag.front(), '"');
    EXPECT_EQ(asset.etag.back(), '"');
  }
  std::ranges::sort(tags);
  EXPECT_EQ(std::ranges::adjacent_find(tags), tags.end());
}

TEST(Assets, ScriptsAndStylesAreCompressed) {
  size_t compressed_bytes = 0;
  for (const Asset& asset : assets()) {
    if (asset.path.ends_with(".js") && asset.body.size() > 1000) {
      EXPECT_EQ(asset.content_type, "text/javascript; charset=utf-8");
      ASSERT_FALSE(asset.gzip.empty());
      EXPECT_EQ(asset.gzip.substr(0, 2), "\x1f\x8b");
    }
    EXPECT_LT(asset.gzip.size(), asset.body.size());
    compressed_bytes += asset.gzip.empty() ? asset.body.size() : asset.gzip.size();
  }
  EXPECT_LT(compressed_bytes, 80u << 10) << "the first load is over its budget";
}

}  // namespace
}  // namespace flawless::web
