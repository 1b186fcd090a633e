#include "http/router.h"

#include <gmock/gmock.h>

#include <map>
#include <optional>

namespace flawless::http {
namespace {

using ::testing::HasSubstr;

// Keeps the answer, with the headers that were to go with it.
class Recorder : public Responder::Sink {
 public:
  void send(Response response) override { answer = std::move(response); }
  void start_stream(Response head) override { answer = std::move(head); }
  bool write(std::string) override { return false; }
  void add_headers(std::shared_ptr<const std::vector<Header>> headers) override { also = headers; }

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const Header& header : answer->headers) {
      if (header.name == name) return header.value;
    }
    if (also) {
      for (const Header& header : *also) {
        if (header.name == name) return header.value;
      }
    }
    return "";
  }

  std::optional<Response> answer;
  std::shared_ptr<const std::vector<Header>> also;
};

class RouterTest : public ::testing::Test {
 protected:
  // A route that answers with its name and parameters.
  void add(Method method, const std::string& pattern, std::vector<std::string> names = {}) {
    router_.add(method, pattern,
                [pattern, names](Request&& request, const Params& params, Responder responder) {
                  Response response;
                  response.body = pattern + "|" + std::string(method_name(request.method));
                  for (const auto& name : names) response.body += "|" + params.get(name);
                  responder.send(std::move(response));
                });
  }
  std::shared_ptr<Recorder> ask(Method method, const std::string& path) {
    auto recorder = std::make_shared<Recorder>();
    Request request;
    request.method = method;
    request.path = path;
    router_.route(std::move(request), Responder(recorder));
    EXPECT_TRUE(recorder->answer) << path;
    if (!recorder->answer) recorder->answer.emplace();
    return recorder;
  }
  std::string body(Method method, const std::string& path) {
    return ask(method, path)->answer->body;
  }
  Router router_;
};

TEST_F(RouterTest, MatchesLiteralsParametersAndRests) {
  add(Method::kGet, "/");
  add(Method::kPost, "/api/:project/envelope/", {"project"});
  add(Method::kPost, "/api/1/item");
  add(Method::kGet, "/files/*path", {"path"});
  add(Method::kGet, "/p/:a/x/:b", {"a", "b", "absent"});
  EXPECT_EQ(body(Method::kGet, "/"), "/|GET");
  EXPECT_EQ(body(Method::kPost, "/api/7/envelope/"), "/api/:project/envelope/|POST|7");
  EXPECT_EQ(body(Method::kPost, "/api/7/envelope"), "/api/:project/envelope/|POST|7");
  EXPECT_EQ(body(Method::kPost, "//api/7//envelope"), "/api/:project/envelope/|POST|7");
  EXPECT_EQ(body(Method::kPost, "/api/1/item/"), "/api/1/item|POST");
  EXPECT_EQ(body(Method::kGet, "/files/a/b c"), "/files/*path|GET|a/b c");
  EXPECT_EQ(body(Method::kGet, "/p/1/x/2"), "/p/:a/x/:b|GET|1|2|");
}

TEST_F(RouterTest, ALiteralWinsButFallsBackToAParameter) {
  add(Method::kGet, "/api/1/item");
  add(Method::kGet, "/api/:project/envelope", {"project"});
  add(Method::kPost, "/api/:project/item", {"project"});
  add(Method::kGet, "/*rest", {"rest"});
  EXPECT_EQ(body(Method::kGet, "/api/1/envelope"), "/api/:project/envelope|GET|1");
  EXPECT_EQ(body(Method::kPost, "/api/1/item"), "/api/:project/item|POST|1");
  EXPECT_EQ(body(Method::kGet, "/api/1/other"), "/*rest|GET|api/1/other");
}

TEST_F(RouterTest, UnknownPathsAndMethodsSaySo) {
  add(Method::kGet, "/item/:id");
  add(Method::kPatch, "/item/:id");
  EXPECT_EQ(ask(Method::kGet, "/item")->answer->status, 404);
  EXPECT_EQ(ask(Method::kGet, "/item/1/2")->answer->status, 404);
  EXPECT_THAT(body(Method::kGet, "/no"), HasSubstr(R"("code":"not_found")"));
  const auto wrong = ask(Method::kDelete, "/item/1");
  EXPECT_EQ(wrong->answer->status, 405);
  EXPECT_EQ(wrong->header("Allow"), "GET, HEAD, PATCH, OPTIONS");
  EXPECT_THAT(wrong->answer->body, HasSubstr(R"("err":1)"));
  EXPECT_EQ(ask(Method::kOther, "/item/1")->answer->status, 405);
  EXPECT_EQ(ask(Method::kOther, "/no")->answer->status, 501);
}

TEST_F(RouterTest, WhatTheServerRefusesGoesToWhoWantsItWithTheHeadersOfThePath) {
  auto unused = [](Request&&, const Params&, Responder) { FAIL(); };
  router_.add(Method::kPost, "/mine/:id", unused,
              [](Request&&, const Params& params, const Refused& why, Responder responder) {
                Response response;
                response.status = why.status;
                response.body = params.get("id") + " " + why.message;
                responder.send(std::move(response));
              });
  router_.add(Method::kPost, "/common", unused);
  router_.allow_cross_origin("/mine/:id");
  auto refuse = [&](const std::string& path, Method method = Method::kPost) {
    auto recorder = std::make_shared<Recorder>();
    Request request;
    request.method = method;
    request.path = path;
    router_.route_refused(std::move(request), {413, "too_large", "too much"}, Responder(recorder));
    return recorder;
  };
  EXPECT_EQ(refuse("/mine/7/")->answer->body, "7 too much");
  EXPECT_EQ(refuse("/mine/7/")->header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(refuse("/mine/7/", Method::kPut)->header("Access-Control-Allow-Origin"), "*");
  for (const char* path : {"/common", "/nowhere"}) {
    const auto common = refuse(path);
    EXPECT_EQ(common->answer->status, 413) << path;
    EXPECT_TRUE(common->answer->close);
    EXPECT_THAT(common->answer->body, HasSubstr(R"("code":"too_large","message":"too much")"));
  }
}

TEST_F(RouterTest, HeadIsGetAndOptionsIsAnswered) {
  add(Method::kGet, "/item");
  EXPECT_EQ(body(Method::kHead, "/item"), "/item|GET");
  const auto options = ask(Method::kOptions, "/item/");
  EXPECT_EQ(options->answer->status, 204);
  EXPECT_EQ(options->header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(options->header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(ask(Method::kOptions, "/nothing")->answer->status, 404);
}

TEST_F(RouterTest, CrossOriginRequestsAreAllowedWhereSaid) {
  add(Method::kPost, "/api/:project/store");
  add(Method::kPost, "/private");
  router_.allow_cross_origin("/api/:p/store/");
  const auto preflight = ask(Method::kOptions, "/api/1/store/");
  EXPECT_EQ(preflight->answer->status, 204);
  EXPECT_EQ(preflight->header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(preflight->header("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(preflight->header("Access-Control-Max-Age"), "86400");
  for (const char* name : {"X-Rollbar-Access-Token", "X-Sentry-Auth", "Content-Type", "Baggage"}) {
    EXPECT_THAT(preflight->header("Access-Control-Allow-Headers"), HasSubstr(name));
  }
  for (const auto method : {Method::kPost, Method::kGet}) {  // answers and errors alike
    const auto answer = ask(method, "/api/1/store/");
    EXPECT_EQ(answer->header("Access-Control-Allow-Origin"), "*");
    EXPECT_THAT(answer->header("Access-Control-Expose-Headers"), HasSubstr("Retry-After"));
  }
  EXPECT_EQ(ask(Method::kPost, "/private")->header("Access-Control-Allow-Origin"), "");
}

TEST_F(RouterTest, ParamsKeepTheLastValueOfAName) {
  Params params;
  params.set("a", "1");
  params.set("a", "2");
  EXPECT_EQ(params.get("a"), "2");
  EXPECT_EQ(params.get("b"), "");
}

}  // namespace
}  // namespace flawless::http
