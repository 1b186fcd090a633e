#include "api/app.h"

#include <gmock/gmock.h>

#include "api/test_support.h"

namespace flawless::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

constexpr web::Asset kIndex{
    "index.html", "text/html; charset=utf-8", "<!doctype html>app", "zipped app", "\"i1\"", false};
constexpr web::Asset kScript{"assets/app-ab12.js", "text/javascript", "let a", "", "\"s1\"", true};
constexpr web::Asset kIcon{"favicon.svg", "image/svg+xml", "<svg/>", "", "\"f1\"", false};

const web::Asset* find(std::string_view path) {
  for (const web::Asset* asset : {&kIndex, &kScript, &kIcon}) {
    if (asset->path == path) return asset;
  }
  return nullptr;
}

class AppTest : public testing::Test {
 protected:
  AppTest() {
    router_.add(Method::kPost, "/api/1/item",
                [](http::Request&&, const http::Params&, http::Responder responder) {
                  responder.send({});
                });
  }
  http::Response send(Method method, std::string_view path,
                      std::vector<http::Header> headers = {}) {
    http::Request request = make_request(method, path, "");
    for (auto& header : headers) request.headers.push_back(std::move(header));
    auto sink = std::make_shared<AnswerSink>();
    auto answer = sink->answer();
    handler_(std::move(request), http::Responder(sink));
    return answer.get();
  }
  http::Response get(std::string_view path, std::vector<http::Header> headers = {}) {
    return send(Method::kGet, path, std::move(headers));
  }
  http::Response visit(std::string_view path) {
    return get(path, {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}});
  }

  http::Router router_;
  http::Handler handler_ = with_app(router_, find);
};

TEST_F(AppTest, ItsOwnAddressesAreTheApp) {
  for (const char* path : {"/", "/signin", "/welcome?link=x", "/p/1/items", "/p/1/items/49?a=b",
                           "/settings/rules", "/index.html"}) {
    http::Response reply = get(path);
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.body, kIndex.body) << path;
    EXPECT_EQ(header_of(reply, "Cache-Control"), "no-cache") << path;
  }
}

TEST_F(AppTest, OtherAddressesAreTheAppForBrowsersOnly) {
  EXPECT_EQ(visit("/people/7").body, kIndex.body);
  EXPECT_EQ(get("/people/7").status, 404);
  EXPECT_EQ(get("/robots.txt", {{"Accept", "*/*"}}).status, 404);
}

TEST_F(AppTest, TheApiStaysTheApi) {
  for (const char* path : {"/api/2/nothing", "/api", "/api/", "//api/2/nothing", "/item/x"}) {
    http::Response reply = visit(path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_THAT(reply.body, HasSubstr("\"error\"")) << path;
  }
  EXPECT_EQ(visit("/api/1/item").status, 405);
  EXPECT_EQ(send(Method::kPost, "/api/1/item").status, 200);
  for (const char* page : {"/view_traceback", "/metrics", "/check_health"}) {
    EXPECT_THAT(visit(page).body, Not(HasSubstr("doctype"))) << page;
  }
  EXPECT_EQ(send(Method::kPost, "/people/1").status, 404);
}

TEST_F(AppTest, PagesAreOnlyRead) {
  for (const char* path : {"/", "/p/1", "/favicon.svg"}) {
    for (Method method : {Method::kPost, Method::kDelete, Method::kOther}) {
      http::Response reply = send(method, path);
      EXPECT_EQ(reply.status, 405) << path;
      EXPECT_EQ(header_of(reply, "Allow"), "GET, HEAD") << path;
    }
  }
}

TEST_F(AppTest, ContentIsOursAlone) {
  for (const char* path : {"/", "/assets/app-ab12.js"}) {
    http::Response reply = get(path);
    const std::string policy = header_of(reply, "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  }
}

TEST_F(AppTest, FilesWithAHashAreKeptForEver) {
  http::Response reply = get("/assets/app-ab12.js");
  EXPECT_EQ(reply.body, "let a");
  EXPECT_EQ(reply.content_type, "text/javascript");
  EXPECT_EQ(header_of(reply, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(visit("/assets/app-gone.js").status, 404);
  EXPECT_EQ(header_of(get("/favicon.svg"), "Cache-Control"), "no-cache");
}

TEST_F(AppTest, CompressedForWhoAcceptsIt) {
  const auto body = [&](const char* accepted) {
    return get("/", {{"Accept-Encoding", accepted}}).body;
  };
  EXPECT_EQ(body("gzip, deflate, br"), kIndex.gzip);
  EXPECT_EQ(body("br, *"), kIndex.gzip);
  EXPECT_EQ(body("gzip;q=0.5"), kIndex.gzip);
  EXPECT_EQ(body("br"), kIndex.body);
  EXPECT_EQ(body("gzip;q=0"), kIndex.body);
  EXPECT_EQ(body("gzip;q=0.0"), kIndex.body);
  http::Response zipped = get("/", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(header_of(zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(header_of(zipped, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header_of(get("/"), "Content-Encoding"), "");
  EXPECT_EQ(header_of(get("/"), "Vary"), "Accept-Encoding");
}

TEST_F(AppTest, UnchangedIs304) {
  const std::string plain = header_of(get("/"), "ETag");
  const std::string zipped = header_of(get("/", {{"Accept-Encoding", "gzip"}}), "ETag");
  EXPECT_EQ(plain, "\"i1\"");
  EXPECT_NE(plain, zipped);
  http::Response reply = get("/", {{"If-None-Match", "\"old\", W/" + plain}});
  EXPECT_EQ(reply.status, 304);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "ETag"), plain);
  EXPECT_EQ(get("/", {{"If-None-Match", zipped}}).status, 200);
  EXPECT_EQ(get("/", {{"If-None-Match", zipped}, {"Accept-Encoding", "gzip"}}).status, 304);
}

TEST_F(AppTest, HeadIsAsGet) {
  EXPECT_EQ(send(Method::kHead, "/signin").status, 200);
  EXPECT_EQ(send(Method::kHead, "/assets/app-ab12.js").content_type, "text/javascript");
}

}  // namespace
}  // namespace flawless::api
