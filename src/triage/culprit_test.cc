#include "triage/culprit.h"

#include <gtest/gtest.h>

#include "triage/in_app.h"
#include "triage/raise_line.h"
#include "triage/test_events.h"

namespace flawless::triage {
namespace {

TEST(Culprit, OfTheSeedsExampleIsTheCommit) {
  Event event = seed_event();
  mark_in_app(event);
  auto culprit = find_culprit(event, {});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->exception, 0u);
  EXPECT_EQ(culprit->frame, 4u);
  EXPECT_EQ(event.exceptions[0].frames[culprit->frame].code, "session.commit()");
  EXPECT_EQ(culprit->why, "innermost in-app frame");
}

TEST(Culprit, LibraryCodesCallerIsBlamed) {
  Event event = seed_event();
  mark_in_app(event);
  auto culprit = find_culprit(event, {{"apps/shopkick/pylons/controllers/user.py", "run", ""}});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->frame, 3u);
  culprit = find_culprit(event, {{"apps/shopkick/pylons/controllers/user.py", "", ""}});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->frame, 2u) << "the whole file is library code";
  EXPECT_FALSE(find_culprit(event, {{"apps/shopkick", "", ""}}));
}

TEST(Culprit, RaiseLinesCallerIsBlamed) {
  Event event = event_of(
      "python",
      {exception("E", "m",
                 {own("a.py", "main", "check(x)"), own("b.py", "check", "raise ValueError(x)")})});
  EXPECT_EQ(find_culprit(event, {})->frame, 0u);
}

// Over-blame: every error that any view raises at the program's one main line.
TEST(Culprit, RaiseLineItselfWhenAFrameworkCalls) {
  Event event = event_of(
      "php", {exception("E", "m",
                        {own("public/index.php", "main", "$kernel->handle($request);"),
                         frame("/vendor/laravel/Route.php", "run", "return $this->call();"),
                         own("routes/web.php", "{closure}", "throw new Exception('no');")})});
  auto culprit = find_culprit(event, {});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->frame, 2u);
  EXPECT_EQ(culprit->why, "innermost raise line");
  event.exceptions[0].frames[1].in_app = true;
  EXPECT_EQ(find_culprit(event, {})->frame, 1u);
}

// A decorator of a library stands between caller and function, which changes nothing.
TEST(Culprit, CallerThroughADecoratorIsBlamed) {
  auto culprit_of = [](std::string_view call, std::string_view function) {
    Event event = event_of(
        "python", {exception("E", "m",
                             {own("a.py", "main", call),
                              frame("/v/site-packages/retry/api.py", "wrapper", "return f(*args)"),
                              own("b.py", function, "raise ValueError(x)")})});
    return find_culprit(event, {})->frame;
  };
  EXPECT_EQ(culprit_of("total = g(x)", "g"), 0u);
  EXPECT_EQ(culprit_of("total = cart.total(x)", "Cart.total"), 0u);
  EXPECT_EQ(culprit_of("pool.submit(g).result()", "g"), 0u);
  EXPECT_EQ(culprit_of("app.run()", "g"), 2u) << "a framework that calls";
  EXPECT_EQ(culprit_of("total = gg(x)", "g"), 2u) << "whole names only";
  EXPECT_EQ(culprit_of("", "g"), 2u) << "nothing is known of the caller";
  EXPECT_EQ(culprit_of("serve(lambda: 1)", "<lambda>"), 2u) << "no name";
}

// Go's run-time calls deferred functions from where it panicked: what reports lies innermost.
TEST(Culprit, WhatHandlesAGoPanicIsNotBlamed) {
  Event event = event_of(
      "linux", {exception("runtime.boundsError", "m",
                          {own("main.go", "main.main"), own("cart.go", "cart.total"),
                           frame("/usr/local/go/src/runtime/panic.go", "runtime.gopanic"),
                           own("main.go", "main.main.func1"), own("cart.go", "cart.cleanUp"),
                           frame("/usr/local/go/src/runtime/panic.go", "runtime.gopanic"),
                           own("main.go", "main.report")})});
  event.language = "go";
  ASSERT_TRUE(find_culprit(event, {}));
  EXPECT_EQ(find_culprit(event, {})->frame, 1u) << "the panic that came first";
  event.exceptions[0].frames.erase(event.exceptions[0].frames.begin(),
                                   event.exceptions[0].frames.begin() + 2);
  EXPECT_EQ(find_culprit(event, {})->frame, 4u) << "rather than nobody";
}

TEST(Culprit, WhatCallsSentrysRecoverIsNotBlamed) {
  auto culprit_of = [](std::string_view code, std::string_view sdk) {
    Event event = event_of("go", {exception("runtime.boundsError", "m",
                                            {own("main.go", "main", "total(cart)"),
                                             own("cart.go", "total", "return list[index]"),
                                             own("main.go", "main.func1", code)})});
    event.sdk_name = sdk;
    return find_culprit(event, {})->frame;
  };
  EXPECT_EQ(culprit_of("sentry.CurrentHub().Recover(err)", "sentry.go"), 1u);
  EXPECT_EQ(culprit_of("hub.RecoverWithContext(ctx, err)", "sentry.go.http"), 1u);
  EXPECT_EQ(culprit_of("sentry.CaptureException(err)", "sentry.go"), 2u);
  EXPECT_EQ(culprit_of("journal.Recover(err)", "another"), 2u);
}

TEST(Culprit, CauseIsAskedWhenTheLastExceptionOnlyRaises) {
  Event event =
      event_of("python", {exception("E", "m", {own("b.py", "wrap", "raise Wrapped(e) from e")}),
                          exception("F", "n", {own("c.py", "read", "open(path)")})});
  auto culprit = find_culprit(event, {});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->exception, 1u);
  EXPECT_EQ(culprit->frame, 0u);
  EXPECT_EQ(culprit->why, "innermost in-app frame of the cause");
}

TEST(Culprit, AFrameWithoutAFileCannotBeBlamed) {
  Event event =
      event_of("csharp", {exception("E", "m",
                                    {own("Cart.cs", "Total"), own("(unknown)", "lambda_method"),
                                     own("<string>", "eval"), own("", "run")})});
  auto culprit = find_culprit(event, {});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->frame, 0u);
  event.exceptions[0].frames[3].module = "Shop.Cart";
  EXPECT_EQ(find_culprit(event, {})->frame, 3u);
}

TEST(Culprit, RaiseLineIfThereIsNothingElse) {
  Event event = event_of("python", {exception("E", "m", {own("b.py", "wrap", "raise Wrapped()")})});
  auto culprit = find_culprit(event, {});
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->why, "innermost raise line");
  EXPECT_FALSE(find_culprit(event, {{"b.py", "", ""}})) << "a library's raise line is not blamed";
}

TEST(Culprit, NothingWithoutInAppFrames) {
  EXPECT_FALSE(find_culprit(event_of("python", {exception("E", "m", {frame("x.py", "f")})}), {}));
  EXPECT_FALSE(find_culprit(event_of("python", {}), {}));
}

TEST(IsError, AnExceptionOrAMessageThatSaysSo) {
  Event event;
  event.level = Level::kWarning;
  EXPECT_FALSE(is_error(event));
  event.exceptions.emplace_back().synthetic = true;  // the stack of a message
  EXPECT_FALSE(is_error(event));
  event.exceptions.emplace_back().type = "KeyError";
  EXPECT_TRUE(is_error(event));
  event.exceptions.clear();
  event.level = Level::kError;
  EXPECT_TRUE(is_error(event));
}

TEST(LibraryCode, PathIsAFileADirectoryOrAGlob) {
  Frame sent = frame("/srv/app/shop/db/pool.py", "get");
  EXPECT_TRUE(matches(sent, {"shop/db/pool.py", "", ""}));
  EXPECT_TRUE(matches(sent, {"shop/db", "", ""}));
  EXPECT_TRUE(matches(sent, {"shop/db/", "", ""}));
  EXPECT_TRUE(matches(sent, {"shop/*/pool.py", "", ""}));
  EXPECT_TRUE(matches(sent, {"shop/**.py", "", ""}));
  EXPECT_TRUE(matches(sent, {"/srv/app/**", "", ""}));
  EXPECT_TRUE(matches(sent, {"p??l.py", "", ""}));
  EXPECT_FALSE(matches(sent, {"shop/*.py", "", ""})) << "one star stays in its directory";
  EXPECT_FALSE(matches(sent, {"op/db/pool.py", "", ""})) << "whole directories only";
  EXPECT_FALSE(matches(sent, {"/shop/db", "", ""})) << "anchored";
  EXPECT_FALSE(matches(sent, {"shop/d", "", ""}));
  EXPECT_FALSE(matches(frame("shop/db/pool.py", "get"), {"db/pool.py", "", ""}))
      << "a relative path starts at the root of the project";
}

TEST(LibraryCode, FunctionAndCode) {
  Frame sent = frame("a.py", "Pool.get", "   return   self.pop( )  ");
  EXPECT_TRUE(matches(sent, {"a.py", "Pool.get", ""}));
  EXPECT_TRUE(matches(sent, {"a.py", "get", ""}));
  EXPECT_FALSE(matches(sent, {"a.py", "et", ""}));
  EXPECT_TRUE(matches(sent, {"a.py", "", "return self.pop( )"}));
  EXPECT_TRUE(matches(sent, {"a.py", "", "self.pop"}));
  EXPECT_TRUE(matches(sent, {"a.py", "", "  x = 1; return self.pop( ) # long"}))
      << "either way round";
  EXPECT_FALSE(matches(sent, {"a.py", "", "self.push"}));
  EXPECT_TRUE(matches(sent, {"", "get", ""})) << "a blank path is any path";
  EXPECT_FALSE(matches(sent, {" ", "", " "})) << "an empty rule would silence everything";
  Frame java = frame("Pool.java", "get");
  java.class_name = "com.shop.Pool";
  EXPECT_TRUE(matches(java, {"", "com.shop.Pool.get", ""}));
}

TEST(LibraryCode, HostileGlobIsFast) {
  std::string path(4000, 'a'), rule;
  for (int i = 0; i < 200; ++i) rule += "a*";
  rule += "b";
  EXPECT_FALSE(matches(frame(path, "f"), {rule, "", ""}));
}

TEST(RaiseLine, Python) {
  for (std::string_view line :
       {"raise", "raise ValueError(x)", "\traise\tX", "raise(X)", "if x: raise Y", "else: raise",
        "x = 1; raise Y", "raise errorclass, errorvalue"}) {
    EXPECT_TRUE(raises(line, Language::kPython)) << line;
  }
  for (std::string_view line :
       {"", "raise_for_status()", "r.raise_for_status()", "do('if x: raise Y')",
        "x = f(y)  # raise X", "raised = 1", "foo.raise", "praise(x)", "throw(x)"}) {
    EXPECT_FALSE(raises(line, Language::kPython)) << line;
  }
}

TEST(RaiseLine, OtherLanguages) {
  EXPECT_TRUE(raises("throw new Error('x');", Language::kJavaScript));
  EXPECT_TRUE(raises("if (!x) throw err", Language::kJavaScript));
  EXPECT_TRUE(raises("} else { throw e; }", Language::kJvm));
  EXPECT_TRUE(raises("return x ?? throw new ArgumentNullException();", Language::kDotNet));
  EXPECT_TRUE(raises("throw $e;", Language::kPhp));
  EXPECT_FALSE(raises("gen.throw(e)", Language::kJavaScript));
  EXPECT_FALSE(raises("call(); // throw", Language::kJavaScript));
  EXPECT_FALSE(raises("throwIfMissing(x);", Language::kJvm));
  EXPECT_FALSE(raises(std::string(600, 'x') + ";throw e", Language::kJavaScript))
      << "a bundle's line";
  EXPECT_TRUE(raises("raise ArgumentError, 'x' unless y", Language::kRuby));
  EXPECT_TRUE(raises("find(x) or raise NotFound", Language::kRuby));
  EXPECT_TRUE(raises("fail 'x'", Language::kRuby));
  EXPECT_FALSE(raises("failed = 1", Language::kRuby));
  EXPECT_TRUE(raises("panic(err)", Language::kGo));
  EXPECT_FALSE(raises("dont_panic(err)", Language::kGo));
  EXPECT_TRUE(raises("panic!(\"x\")", Language::kRust));
  EXPECT_FALSE(raises("x.unwrap()", Language::kRust));
}

TEST(RaiseLine, LanguageOfTheFileWins) {
  Event event = event_of("python", {});
  EXPECT_TRUE(is_raise_line(event, frame("web/cart.js", "f", "throw e")));
  EXPECT_FALSE(is_raise_line(event, frame("web/cart.py", "f", "throw e")));
}

}  // namespace
}  // namespace flawless::triage
