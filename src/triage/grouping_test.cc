#include "triage/grouping.h"

#include <gtest/gtest.h>

#include <string>

#include "triage/in_app.h"
#include "triage/test_events.h"

namespace flawless::triage {
namespace {

std::string canonical(Event event) {
  mark_in_app(event);
  return group(event).canonical;
}
std::string canonical(std::string_view platform, std::vector<Exception> exceptions) {
  return canonical(event_of(platform, std::move(exceptions)));
}
std::string one_frame(std::string_view platform, std::string_view path, std::string_view function) {
  std::string text = canonical(platform, {exception("E", "m", {own(path, function)})});
  constexpr std::string_view kBefore = "exception E\nframe ";
  EXPECT_TRUE(text.starts_with(kBefore));
  return text.substr(kBefore.size(), text.size() - kBefore.size() - 1);
}

TEST(Grouping, OfTheSeedsExample) {
  Event event = seed_event();
  mark_in_app(event);
  Grouping grouping = group(event);
  EXPECT_EQ(grouping.canonical,
            "exception IntegrityError\n"
            "frame apps/shopkick/pylons/lib/json_api.py wrapped\n"
            "frame apps/shopkick/pylons/controllers/user.py create_web_registration\n"
            "frame apps/shopkick/pylons/controllers/user.py run\n");
  EXPECT_EQ(grouping.reason, "exception class and 3 in-app frames");
  EXPECT_EQ(grouping.hash, hash128(grouping.canonical));
}

TEST(Grouping, LineNumbersMessagesAndSourceTextDoNotCount) {
  auto sent = [](uint32_t line, std::string_view message, std::string_view code) {
    Frame frame = own("shop/a.py", "f", code);
    frame.line = line;
    return canonical("python", {exception("E", message, {frame})});
  };
  EXPECT_EQ(sent(1, "x", "a()"), sent(2, "y", "b()"));
}

TEST(Grouping, DifferentClassesFilesAndFunctionsAreDifferent) {
  auto base = canonical("python", {exception("E", "m", {own("a.py", "f")})});
  EXPECT_NE(base, canonical("python", {exception("F", "m", {own("a.py", "f")})}));
  EXPECT_NE(base, canonical("python", {exception("E", "m", {own("b.py", "f")})}));
  EXPECT_NE(base, canonical("python", {exception("E", "m", {own("a.py", "g")})}));
  EXPECT_NE(base,
            canonical("python", {exception("E", "m", {own("a.py", "f")}), exception("G", "n")}));
}

TEST(Grouping, WhatWasSuppressedDoesNotCount) {
  const Exception thrown = exception("E", "m", {own("a.B", "run")});
  const Exception cause = exception("F", "m", {own("a.B", "load")});
  Exception suppressed = exception("IOException", "n", {own("a.B", "close")});
  suppressed.mechanism = "suppressed";
  EXPECT_EQ(canonical("java", {thrown, cause, suppressed}), canonical("java", {thrown, cause}));
  EXPECT_NE(canonical("java", {suppressed}), canonical("java", {}));
}

TEST(Grouping, LibraryFramesDoNotCountBesideInAppOnes) {
  EXPECT_EQ(
      canonical("python",
                {exception("E", "m", {frame("/v/site-packages/x.py", "g"), own("a.py", "f")})}),
      canonical("python",
                {exception("E", "m", {own("a.py", "f"), frame("/v/site-packages/y.py", "h")})}));
}

// Over-merge: "no in-app frames, everything in one issue".
TEST(Grouping, WithoutInAppFramesAllOfThemCount) {
  auto sent = [](std::string_view function) {
    Event event =
        event_of("python", {exception("E", "m", {frame("/v/site-packages/x.py", function)})});
    mark_in_app(event);
    return group(event);
  };
  EXPECT_NE(sent("f").hash, sent("g").hash);
  EXPECT_EQ(sent("f").reason, "exception class and the only frame (none is in-app)");
}

// Over-merge: pages of identical titles that are different bugs.
TEST(Grouping, SameMessageAtOtherPlacesIsAnotherItem) {
  EXPECT_NE(canonical("csharp", {exception("NullReferenceException", "Object reference not set",
                                           {own("A.cs", "F")})}),
            canonical("csharp", {exception("NullReferenceException", "Object reference not set",
                                           {own("B.cs", "G")})}));
}

// Over-split: variable text in errors without a stack.
TEST(Grouping, WithoutStackClassAndMessageCount) {
  auto sent = [](std::string_view type, std::string_view message) {
    return canonical("python", {exception(type, message)});
  };
  EXPECT_EQ(sent("SMTPDataError", "user 17 bounced"), sent("SMTPDataError", "user 18 bounced"));
  EXPECT_EQ(sent("E", "user 17"), "exception E\nmessage user <number>\n");
  EXPECT_NE(sent("E", "user 17"), sent("F", "user 17"));
  EXPECT_NE(sent("E", "status 404"), sent("E", "status 500"));
}

// Over-split: releases in other directories, hosts with other roots.
TEST(Grouping, HostsAndDeploysAgree) {
  EXPECT_EQ(one_frame("python", "/srv/app/releases/20260101120000/shop/x.py", "f"), "shop/x.py f");
  EXPECT_EQ(one_frame("python", "/srv/app/releases/20260202120000/shop/x.py", "f"), "shop/x.py f");
  EXPECT_EQ(one_frame("python", "/srv/app/current/shop/x.py", "f"), "shop/x.py f");
  EXPECT_EQ(one_frame("python", "shop/x.py", "f"), "shop/x.py f");
  EXPECT_EQ(one_frame("python", "C:\\app\\shop\\x.py", "f"), "shop/x.py f");
  Event event = event_of("python", {exception("E", "m", {own("/weird/place/shop/x.py", "f")})});
  event.server_root = "/weird/place/";
  EXPECT_EQ(canonical(std::move(event)), "exception E\nframe shop/x.py f\n");
}

// Over-split: the same JavaScript error on many pages, by other browsers, in other builds.
TEST(Grouping, JavaScriptBuildsPagesAndBrowsers) {
  EXPECT_EQ(one_frame("javascript", "https://a.example/static/main.4f2a9c1b.js?v=3", "render"),
            one_frame("javascript", "https://b.example/static/main.99bce01a.js", "t.render"));
  EXPECT_EQ(one_frame("javascript", "https://a.example/orders/17", "go"), "<page> go");
  EXPECT_EQ(one_frame("javascript", "https://a.example/shop/red-shoes.html", "go"), "<page> go");
  EXPECT_EQ(
      one_frame("javascript", "https://h/_next/static/Abc-dEf_ghi123456789x/pages/cart.js", "go"),
      "_next/static/<hash>/pages/cart.js go");
  auto chrome = canonical("javascript",
                          {exception("E", "m",
                                     {own("app:///x.js", "Object.save [as click]"),
                                      frame("<anonymous>", "Array.map"), own("app:///x.js", "")})});
  auto firefox =
      canonical("javascript",
                {exception("E", "m", {own("app:///x.js", "save"), own("app:///x.js", "save/<")})});
  EXPECT_EQ(chrome, firefox);
}

// A callback, eval and a page: as five browsers name them.
TEST(Grouping, BrowsersThatDenyEveryFrameAgree) {
  auto sent = [](std::vector<std::pair<std::string_view, std::string_view>> frames,
                 std::string_view page) {
    std::vector<Frame> denied;
    for (auto [path, function] : frames) {
      Frame one = frame(path.empty() ? "/test.html" : path, function);
      if (path.empty()) one.abs_path = page;
      one.in_app_sent = false;
      denied.push_back(one);
    }
    return canonical("javascript", {exception("Error", "bad", std::move(denied))});
  };
  auto chrome = sent({{"", "Foo.run"}, {"", "eval"}, {"<anonymous>", "Array.map"}, {"", ""}},
                     "http://localhost:4001/test.html");
  EXPECT_EQ(chrome, "exception Error\nframe <page> run\nframe <page> <anonymous>\n");
  EXPECT_EQ(chrome, sent({{"", "Foo.prototype.run"},
                          {"eval code", "eval code"},
                          {"native code", "Array.prototype.map"},
                          {"", "Anonymous function"}},
                         "file://mac/test.html"));
  EXPECT_EQ(chrome, sent({{"", "run"}, {"", "eval"}, {"", "run/<"}}, "file:///tmp/test.html"));
}

// Over-merge: every crash without symbols in one item.
TEST(Grouping, CrashesWithoutSymbolsAreToldApartByTheSignal) {
  auto sent = [](std::string_view type) {
    Event event = event_of("native", {exception(type, "at 0x10", {frame("", ""), frame("", "")})});
    event.exceptions[0].synthetic = true;
    return canonical(std::move(event));
  };
  EXPECT_EQ(sent("SIGSEGV"), "exception\nframe <unknown>\ncaught as SIGSEGV\nmessage at <hex>\n");
  EXPECT_NE(sent("SIGSEGV"), sent("SIGABRT"));
}

// Over-split: hosts with other symbols, other directories, other letter case.
TEST(Grouping, SystemImagesAgreeOnAllHosts) {
  auto sent = [](std::vector<std::pair<std::string_view, std::string_view>> frames) {
    std::vector<Frame> list;
    for (auto [image, function] : frames) {
      list.push_back(frame("", function));
      list.back().package = image;
    }
    return canonical("native", {exception("E", "m", std::move(list))});
  };
  EXPECT_EQ(sent({{"C:\\WINDOWS\\SYSTEM32\\ntdll.dll", "RtlFreeHeap"}}),
            sent({{"D:\\windows\\System32\\NTDLL.DLL", "RtlFreeHeap"}}));
  EXPECT_EQ(sent({{"/usr/lib/dyld", "dlopen"}}),
            sent({{"/usr/lib/dyld", ""}, {"/usr/lib/dyld", "dlopen"}}));
  EXPECT_EQ(sent({{"libdispatch.dylib", "_dispatch_main$VARIANT$mp"}}),
            sent({{"/usr/lib/system/libdispatch.dylib", "_dispatch_main$VARIANT$armv81"}}));
  EXPECT_EQ(sent({{"/System/Library/Extensions/AppleIntelHD4000GraphicsGLDriver", "SwapFlush"}}),
            "exception E\nframe AppleIntelHD4000GraphicsGLDriver SwapFlush\n");
  EXPECT_NE(sent({{"/opt/shop/liba.so", ""}, {"/opt/shop/shopd", "main"}}),
            sent({{"/opt/shop/libb.so", ""}, {"/opt/shop/shopd", "main"}}))
      << "the application's own images count";
}

TEST(Grouping, ScriptsThatRunAsMainAreToldApart) {
  auto sent = [](std::string_view path) {
    Frame script = own(path, "main");
    script.module = "__main__";
    return canonical("python", {exception("E", "m", {script})});
  };
  EXPECT_EQ(sent("import.py"), "exception E\nframe import.py main\n");
  EXPECT_NE(sent("import.py"), sent("export.py"));
}

TEST(Grouping, BelowTheServersRootNothingMoreIsTakenOff) {
  Event event = event_of("ruby", {exception("E", "m", {own("/app/app/models/cart.rb", "total")})});
  event.server_root = "/app";
  EXPECT_EQ(canonical(std::move(event)), "exception E\nframe app/models/cart.rb total\n");
}

TEST(Grouping, MinifiedStacksAreToldApartByMessage) {
  auto sent = [](std::string_view function, std::string_view message) {
    return canonical("javascript", {exception("TypeError", message,
                                              {own("https://h/main.4f2a9c1b.js", function)})});
  };
  EXPECT_EQ(sent("t", "x is undefined"), sent("e", "x is undefined")) << "the next build's names";
  EXPECT_NE(sent("t", "Cannot read properties of null (reading 'cart')"),
            sent("t", "Cannot read properties of null (reading 'user')"));
  EXPECT_EQ(sent("t", "item 5"), sent("t", "item 6"));
  EXPECT_EQ(sent("renderCart", "a"), sent("renderCart", "b")) << "a telling name needs no help";
}

TEST(Grouping, FunctionsArePlain) {
  EXPECT_EQ(one_frame("python", "a.py", "outer.<locals>.inner"), "a.py outer.inner");
  EXPECT_EQ(one_frame("ruby", "a.rb", "block (2 levels) in Cart#total"), "a.rb total");
  EXPECT_EQ(one_frame("ruby", "a.erb", "_app_views_cart_html_erb__123_456"),
            "a.erb _app_views_cart_html_erb");
  EXPECT_EQ(one_frame("php", "a.php", "App\\Cart::{closure:/srv/a.php:12}"),
            "a.php App\\Cart::{closure}");
  EXPECT_EQ(one_frame("go", "a.go", "shop.(*Cart).Total.func1.2"), "a.go shop.(*Cart).Total");
  EXPECT_EQ(one_frame("csharp", "a.cs", "<Run>b__12_0"), "a.cs <Run>b");
  EXPECT_EQ(one_frame("native", "a.cc",
                      "shop::Cart<int, std::pair<a, b>>::total(std::vector<int> const&) const"),
            "a.cc shop::Cart::total");
  EXPECT_EQ(one_frame("native", "a.cc", "shop::operator<<(std::ostream&, Cart const&)"),
            "a.cc shop::operator<<");
  EXPECT_EQ(one_frame("native", "a.cc", "run.constprop.0"), "a.cc run");
  EXPECT_EQ(one_frame("native", "a.cc", "shop::(anonymous namespace)::run()"),
            one_frame("native", "a.cc", "shop::`anonymous namespace'::run"));
  EXPECT_EQ(one_frame("native", "a.cc", "<lambda_1a2b>::operator()"), "a.cc lambda::operator()");
  EXPECT_EQ(one_frame("node", "src/a.js", "Object../src/cart.js"), "src/a.js ./src/cart.js");
  EXPECT_EQ(one_frame("node", "src/a.js", "run</total"), "src/a.js total");
  EXPECT_EQ(one_frame("rust", "a.rs", "shop::cart::total::h0123456789abcdef"),
            "a.rs shop::cart::total");
  EXPECT_EQ(one_frame("rust", "a.rs", "<shop::Cart<T> as core::iter::Iterator<X>>::next"),
            "a.rs shop::Cart::next");
  EXPECT_EQ(one_frame("rust", "a.rs", "<shop::Cart<fn(u8) -> u8>>::next"), "a.rs shop::Cart::next");
  EXPECT_EQ(one_frame("rust", "a.rs", "<unclosed"), "a.rs <unclosed");
  EXPECT_EQ(one_frame("node", "a.js", "_callee12$"), "a.js _callee$");
  EXPECT_EQ(one_frame("node", "src/a.js", ""), "src/a.js <anonymous>\nmessage m");
}

TEST(Grouping, JvmGoesByModule) {
  auto sent = [](std::string_view module, std::string_view function) {
    Frame frame = own("Cart.java", function);
    frame.module = module;
    return canonical("java", {exception("E", "m", {frame})});
  };
  EXPECT_EQ(sent("com.shop.Cart$$EnhancerBySpringCGLIB$$1a2b", "lambda$run$3"),
            "exception E\nframe com.shop.Cart lambda$run$\n");
  EXPECT_EQ(sent("com.shop.Cart$1", "run"), sent("com.shop.Cart$2", "run"));
  EXPECT_EQ(sent("com.shop.Cart$$Lambda$14/0x0000000800", "run"),
            sent("com.shop.Cart$$Lambda$15/0x01", "run"));
  EXPECT_NE(sent("com.shop.Cart", "run"), sent("com.shop.Order", "run"));
}

TEST(Grouping, RecursionIsCollapsed) {
  auto sent = [](int times, std::vector<std::string_view> functions, std::string_view type) {
    std::vector<Frame> frames = {own("a.py", "main")};
    for (int i = 0; i < times; ++i) {
      for (std::string_view function : functions) frames.push_back(own("a.py", function));
    }
    return canonical("python", {exception(type, "m", std::move(frames))});
  };
  EXPECT_EQ(sent(1, {"f"}, "E"), sent(9, {"f"}, "E"));
  EXPECT_EQ(sent(1, {"f", "g"}, "E"), sent(9, {"f", "g"}, "E"));
  EXPECT_EQ(sent(1, {"f", "g", "h"}, "E"), sent(4, {"f", "g", "h"}, "E"));
  EXPECT_NE(sent(1, {"f", "g"}, "E"), sent(1, {"g", "f"}, "E"));
  EXPECT_EQ(
      canonical("python", {exception("RecursionError", "m",
                                     {own("a.py", "f"), own("a.py", "g"), own("a.py", "f")})}),
      canonical("python", {exception("RecursionError", "m", {own("a.py", "f"), own("a.py", "g")})}))
      << "an overflow is cut anywhere";
}

TEST(Grouping, SyntheticTypeDoesNotCount) {
  auto sent = [](std::string_view type) {
    Event event = event_of("cocoa", {exception(type, "m", {own("a.m", "-[Cart total]")})});
    event.exceptions[0].synthetic = true;
    return canonical(std::move(event));
  };
  EXPECT_EQ(sent("SIGABRT"), sent("EXC_CRASH"));
}

TEST(Grouping, AnonymousClassesArePlain) {
  EXPECT_EQ(canonical("php", {exception(std::string_view("class@anonymous\0/srv/a.php:3$0", 31),
                                        "m", {own("a.php", "f")})}),
            "exception class@anonymous\nframe a.php f\n");
}

TEST(Grouping, ClientFingerprint) {
  auto sent = [](std::vector<std::string_view> fingerprint, std::string_view function) {
    Event event = event_of("python", {exception("E", "m", {own("a.py", function)})});
    event.fingerprint = std::move(fingerprint);
    return group(event);
  };
  EXPECT_EQ(sent({"checkout"}, "f").hash, sent({"checkout"}, "g").hash);
  EXPECT_EQ(sent({"checkout"}, "f").canonical, "fingerprint checkout\n");
  EXPECT_EQ(sent({"checkout"}, "f").reason, "client fingerprint");
  EXPECT_EQ(sent({"{{ default }}"}, "f").hash, sent({}, "f").hash);
  EXPECT_EQ(sent({"{{default}}"}, "f").reason, sent({}, "f").reason);
  EXPECT_EQ(sent({"{{ default }}", "eu"}, "f").canonical,
            "exception E\nframe a.py f\nfingerprint eu\n");
  EXPECT_EQ(sent({"{{ default }}", "eu"}, "f").reason,
            "client fingerprint and exception class and 1 in-app frame");
  EXPECT_NE(sent({"{{ default }}", "eu"}, "f").hash, sent({"{{ default }}", "us"}, "f").hash);
  EXPECT_NE(sent({"ab", "c"}, "f").hash, sent({"a", "bc"}, "f").hash);
  EXPECT_NE(sent({"a", "b"}, "f").hash, sent({"a\nfingerprint b"}, "f").hash);
  EXPECT_NE(sent({"a\nb"}, "f").hash, sent({"a\n b"}, "f").hash);
  EXPECT_EQ(sent({"a\nfingerprint b"}, "f").canonical, "fingerprint a\n fingerprint b\n");
}

TEST(Grouping, Messages) {
  auto sent = [](std::string_view message, std::string_view from = {}) {
    Event event;
    event.message = message;
    event.message_template = from;
    return group(event);
  };
  EXPECT_EQ(sent("user 1 gone").hash, sent("user 2 gone").hash);
  EXPECT_EQ(sent("user 1 gone").reason, "message, numbers and ids left out");
  EXPECT_EQ(sent("user anna gone", "user %s gone").hash,
            sent("user berta gone", "user %s gone").hash);
  EXPECT_NE(sent("user 1 gone").hash, sent("user 1 came").hash);
  std::string dump(5000, 'x');
  EXPECT_EQ(sent("bad reply " + dump + "1a").hash, sent("bad reply " + dump + "2b").hash)
      << "a dump's end";
}

TEST(Grouping, CrashReports) {
  auto sent = [](std::string_view address) {
    Event event;
    std::string text = "Exception Type:  EXC_BAD_ACCESS\n\nThread 0 Crashed:\n0   Shop   0x" +
                       std::string(address) + " -[Cart total] + 132\n1   UIKit  0x" +
                       std::string(address) + "f run + 4\n\nThread 1:\n";
    event.crash_report = event.keep(text);
    return group(event);
  };
  EXPECT_EQ(sent("10a").canonical,
            "exception EXC_BAD_ACCESS\nframe Shop -[Cart total]\nframe UIKit run\n");
  EXPECT_EQ(sent("10a").hash, sent("20b").hash);
}

TEST(Grouping, CrashedThreadStandsInForAMissingStack) {
  Event event = event_of("native", {exception("SIGSEGV", "at 0x10")});
  Thread thread;
  thread.crashed = true;
  thread.frames = {own("a.cc", "run")};
  event.threads = {Thread{}, thread};
  EXPECT_EQ(group(event).canonical, "exception SIGSEGV\nframe a.cc run\n");
}

TEST(Grouping, NothingKnownStillGroups) {
  Event event;
  event.logger = "shop.mail";
  EXPECT_EQ(group(event).canonical, "logger shop.mail\n");
  EXPECT_FALSE(group(Event()).reason.empty());
}

TEST(Grouping, CanonicalTextIsBoundedButAllOfItCounts) {
  auto sent = [](std::string_view last) {
    std::vector<Frame> frames;
    Event event;
    for (int i = 0; i < 250; ++i) {
      frames.push_back(
          own(event.keep("shop/some/longer/path/module_" + std::to_string(i) + ".py"), "function"));
    }
    frames.push_back(own("a.py", last));
    event.exceptions.push_back(exception("E", "m", std::move(frames)));
    return group(event);
  };
  EXPECT_LE(sent("f").canonical.size(), 4200u);
  EXPECT_TRUE(sent("f").canonical.ends_with(" more lines\n"));
  EXPECT_EQ(sent("f").canonical, sent("g").canonical);
  EXPECT_NE(sent("f").hash, sent("g").hash);
}

TEST(NormalisePath, Examples) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"app/main.4f2a9c1b.js", "app/main.<hash>.js"},
      {"assets/index-BxY12abC.js", "assets/index-<hash>.js"},
      {"assets/date-formatter.js", "assets/date-formatter.js"},
      {"static/js/2.4f2a9c1b.chunk.js", "static/js/<number>.<hash>.chunk.js"},
      {"webpack:///./src/cart.tsx?a1b2", "src/cart.tsx"},
      {"app:///dist/cart.js", "dist/cart.js"},
      {"file:///home/anna/shop/cart.js", "shop/cart.js"},
      {"https://cdn.example/assets/app.js#x", "assets/app.js"},
      {"/usr/local/bundle/gems/rails-7.0.1/lib/rails.rb", "rails/lib/rails.rb"},
      {"/v/lib/python3.11/site-packages/django/http.py", "django/http.py"},
      {"/opt/python3.11/json.py", "python/json.py"},
      {"Beaker-1.6.4-py2.6.egg/beaker/a.py", "Beaker/beaker/a.py"},
      {"/home/u/go/pkg/mod/github.com/gin-gonic/gin@v1.9.0/context.go",
       "go/pkg/mod/github.com/gin-gonic/gin/context.go"},
      {"/home/anna/shop/cart.py", "shop/cart.py"},
      {"/var/www/html/index.php", "index.php"},
      {"/srv/85f78c1d2a/shop/cart.py", "shop/cart.py"},
      {"C:\\inetpub\\wwwroot\\Shop\\Cart.cs", "Shop/Cart.cs"},
      {"shop/migrations/0001_initial.py", "shop/migrations/0001_initial.py"},
      {"../../src/./cart.cc", "src/cart.cc"},
      {"orders/17/0b8e8a5c-5a3f-4a63-8a0e-2f1d5f3b7c11/x.js", "orders/17/<uuid>/x.js"},
      {"shop/facade.py", "shop/facade.py"},
      {"", ""},
      {"/", ""},
  };
  for (auto [sent, expected] : kCases) EXPECT_EQ(normalise_path(sent), expected) << sent;
}

}  // namespace
}  // namespace flawless::triage
