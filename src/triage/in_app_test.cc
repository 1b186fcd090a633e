#include "triage/in_app.h"

#include <gtest/gtest.h>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

bool in_app(std::string_view platform, Frame frame, std::string_view root = {}) {
  Event event = event_of(platform, {exception("E", "m", {std::move(frame)})});
  event.server_root = root;
  mark_in_app(event);
  return event.exceptions[0].frames[0].in_app;
}
bool in_app(std::string_view platform, std::string_view path, std::string_view root = {}) {
  return in_app(platform, frame(path, "run"), root);
}
bool module_in_app(std::string_view platform, std::string_view module) {
  Frame sent = frame("", "run");
  sent.module = module;
  return in_app(platform, std::move(sent));
}

TEST(InApp, TheSdksWordWins) {
  Frame sent = frame("/opt/app/lib/python3.11/site-packages/shop/cart.py", "total");
  sent.in_app_sent = true;
  EXPECT_TRUE(in_app("python", sent));
  sent = frame("shop/banner.py", "pick");
  sent.in_app_sent = false;
  EXPECT_FALSE(in_app("python", sent));
}

// Older Python clients call the standard library in-app: it would be blamed for what it is given.
TEST(InApp, PythonsStandardLibraryIsNobodysApplication) {
  Frame sent = frame("json/decoder.py", "decode");
  sent.abs_path = "/usr/lib/python3.11/json/decoder.py";
  sent.in_app_sent = true;
  EXPECT_FALSE(in_app("python", sent));
  sent.path = sent.abs_path = "<frozen runpy>";
  EXPECT_FALSE(in_app("python", sent));
}

// Browser and Java clients that were not told which frames are the application's deny all.
TEST(InApp, ADenialOfEveryFrameIsNotBelieved) {
  auto marked = [](std::string_view platform, std::vector<Frame> frames, bool first = false,
                   std::string_view sdk = {}) {
    for (Frame& frame : frames) frame.in_app_sent = false;
    frames[0].in_app_sent = first;
    Event event = event_of(platform, {exception("E", "m", std::move(frames))});
    event.sdk_name = sdk;
    mark_in_app(event);
    std::vector<bool> marks;
    for (const Frame& frame : event.exceptions[0].frames) marks.push_back(frame.in_app);
    return marks;
  };
  std::vector<Frame> script = {frame("https://h/app.js", "run"), frame("https://h/app.js", "eval"),
                               frame("https://h/vendor.js", "call")};
  EXPECT_EQ(marked("javascript", script), (std::vector<bool>{true, false, false}));
  script.push_back(frame("https://h/app.js", "other"));
  EXPECT_EQ(marked("javascript", script, true), (std::vector<bool>{true, false, false, false}))
      << "one yes, and its word counts";
  EXPECT_EQ(marked("python", {frame("shop/a.py", "f")}), (std::vector<bool>{false}));
  std::vector<Frame> trimmed = {
      frame("example.com/shop/main.go", "main"), frame("net/http/server.go", "ServeHTTP"),
      frame("github.com/gin-gonic/gin@v1.9.0/context.go", "Next"),
      frame("example.com/shop/cart/cart.go", "(*Cart).Total"), frame("log/log.go", "Fatal")};
  EXPECT_EQ(marked("go", trimmed, false, "sentry.go.http"),
            (std::vector<bool>{true, false, false, true, false}));
  EXPECT_EQ(marked("go", trimmed), std::vector<bool>(5)) << "another client means what it says";
}

TEST(InApp, RustsYesIsNotBelieved) {
  Frame sent = frame("lib.rs", "actix_web::server::run");
  sent.abs_path = "/home/u/.cargo/registry/src/actix-web-0.7.18/src/lib.rs";
  sent.in_app_sent = true;
  EXPECT_FALSE(in_app("rust", sent));
  EXPECT_FALSE(in_app("native", sent));
  Frame macros = frame("<::log::macros::log macros>", "actix_web::run");
  macros.in_app_sent = true;
  Event event = event_of("native", {exception("E", "m", {macros})});
  event.sdk_name = "sentry-rust";
  mark_in_app(event);
  EXPECT_FALSE(event.exceptions[0].frames[0].in_app);
  sent.function = "sentry_panic::panic_handler";
  for (std::string_view path :
       {"/usr/local/cargo/registry/src/github.com-1ecc6299db9ec823/sentry-panic-0.31.0/src/lib.rs",
        "/usr/local/cargo/git/checkouts/sentry-rust-1949cf8c6b5b557f/a1b2c3d/src/lib.rs",
        "/opt/crates/src/crates.example-1949cf8c6b5b557f/sentry-panic-0.49.5/src/lib.rs",
        "/home/u/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/option.rs",
        "./misc/../sysdeps/unix/sysv/linux/x86_64/clone3.S"}) {
    sent.abs_path = path;
    EXPECT_FALSE(in_app("rust", sent)) << path;
  }
  Frame libc = own("libc-start.c", "__libc_start_main_impl");
  libc.abs_path = "./csu/../csu/libc-start.c";
  EXPECT_FALSE(in_app("rust", libc)) << "known where its debug information is installed";
  sent.function = "shop::run";
  for (std::string_view path : {"/srv/shop/src/lib.rs", "/srv/shop/registry/src/lib.rs"}) {
    sent.abs_path = path;
    EXPECT_TRUE(in_app("rust", sent)) << path;
  }
}

TEST(InApp, GosYesIsNotBelieved) {
  auto sent = [](std::string_view path, std::string_view module) {
    Frame frame = own(path, "MustParse");
    frame.module = module;
    Event event = event_of("go", {exception("E", "m", {frame})});
    event.sdk_name = "sentry.go";
    mark_in_app(event);
    return event.exceptions[0].frames[0].in_app;
  };
  EXPECT_FALSE(sent("/root/go/pkg/mod/golang.org/x/text@v0.14.0/language/tags.go",
                    "golang.org/x/text/language"));
  EXPECT_FALSE(sent("golang.org/x/text@v0.14.0/language/tags.go", "golang.org/x/text/language"));
  EXPECT_FALSE(sent("/opt/go1.26/src/log/log.go", "log"));
  EXPECT_FALSE(sent("/opt/go1.26/src/container/heap/heap.go", "container/heap"));
  EXPECT_FALSE(sent("internal/poll/fd_unix.go", "internal/poll"));
  EXPECT_TRUE(sent("/home/ada@vienna/shop/main.go", "main"));
  EXPECT_TRUE(sent("/srv/shop/logistics/route.go", "logistics"));
}

TEST(InApp, Python) {
  EXPECT_TRUE(in_app("python", "/srv/shop/shop/banner.py"));
  EXPECT_TRUE(in_app("python", "shop/vendoring.py"));
  EXPECT_FALSE(in_app("python", "/srv/venv/lib/python3.11/site-packages/django/core/handlers.py"));
  EXPECT_FALSE(in_app("python", "/usr/lib/python3/dist-packages/apt/cache.py"));
  EXPECT_FALSE(in_app("python", "/opt/py/lib/python3.12/json/decoder.py"));
  EXPECT_FALSE(in_app("python", "C:\\Python39\\Lib\\site-packages\\flask\\app.py"));
  EXPECT_FALSE(in_app("python", "<frozen importlib._bootstrap>"));
  EXPECT_FALSE(in_app("python", "<string>"));
}

TEST(InApp, AbsolutePathTellsWhatARelativeOneHides) {
  Frame sent = frame("django/core/handlers.py", "inner");
  sent.abs_path = "/venv/lib/python3.11/site-packages/django/core/handlers.py";
  EXPECT_FALSE(in_app("python", sent));
}

TEST(InApp, ServerRootWinsOverWhereItLies) {
  EXPECT_TRUE(in_app("python", "/usr/local/lib/shop/banner.py", "/usr/local/lib/shop"));
  EXPECT_TRUE(in_app("python", "/x/site-packages/apps/user.py", "/x/site-packages/"));
  EXPECT_FALSE(in_app("python", "/srv/shop/venv/lib/python3.11/site-packages/x.py", "/srv/shop"));
  EXPECT_FALSE(in_app("python", "/usr/local/lib/shopping/x.py", "/usr/local/lib/shop"));
}

TEST(InApp, JavaScript) {
  EXPECT_TRUE(in_app("javascript", "https://shop.example/static/js/main.4f2a9c1b.js"));
  EXPECT_TRUE(in_app("node", "/app/src/internal/cart.js"))
      << "a directory of that name is nobody's";
  EXPECT_TRUE(in_app("node", "app:///pages/[slug].js"));
  EXPECT_FALSE(in_app("node", "node:internal/process/task_queues"));
  EXPECT_FALSE(in_app("node", "internal/modules/cjs/loader.js"));
  EXPECT_FALSE(in_app("node", "/app/node_modules/express/lib/router/layer.js"));
  EXPECT_FALSE(in_app("javascript", "webpack:///./~/react/index.js"));
  EXPECT_FALSE(in_app("javascript", "https://shop.example/static/js/vendors~main.1234.js"));
  EXPECT_FALSE(in_app("javascript", "chrome-extension://abcdef/content.js"));
  EXPECT_FALSE(in_app("javascript", "https://cdn.jsdelivr.net/npm/vue"));
  EXPECT_FALSE(in_app("javascript", "[native code]"));
  EXPECT_FALSE(in_app("javascript", "<anonymous>"));
}

TEST(InApp, OtherPlatformsByPath) {
  EXPECT_FALSE(in_app("ruby", "/usr/local/bundle/gems/rails-7.0.1/lib/rails.rb"));
  EXPECT_FALSE(in_app("ruby", "/home/u/.rbenv/versions/3.2.0/lib/ruby/3.2.0/set.rb"));
  EXPECT_TRUE(in_app("ruby", "app/models/cart.rb"));
  EXPECT_FALSE(in_app("php", "/var/www/shop/vendor/laravel/framework/src/x.php"));
  EXPECT_FALSE(in_app("php", "[internal function]"));
  EXPECT_TRUE(in_app("php", "/var/www/shop/app/Cart.php"));
  EXPECT_FALSE(in_app("go", "/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.0/context.go"));
  EXPECT_FALSE(in_app("go", "/usr/local/go/src/runtime/panic.go"));
  EXPECT_FALSE(in_app("go", "net/http/server.go"));
  EXPECT_TRUE(in_app("go", "/src/shop/internal/cart.go"));
  EXPECT_TRUE(in_app("go", "internal/cart.go"));
  EXPECT_FALSE(in_app("rust", "/rustc/9fc6b431/library/std/src/panicking.rs"));
  EXPECT_FALSE(in_app("rust", "/home/u/.cargo/registry/src/tokio-1.2/src/lib.rs"));
  EXPECT_FALSE(in_app("native", "/usr/include/c++/12/bits/stl_vector.h"));
}

TEST(InApp, JvmAndDotNetByModule) {
  EXPECT_FALSE(module_in_app("java", "java.util.ArrayList"));
  EXPECT_FALSE(module_in_app("java", "org.springframework.web.Filter"));
  EXPECT_TRUE(module_in_app("java", "javascript.Runner")) << "only whole packages";
  EXPECT_TRUE(module_in_app("java", "com.shop.Cart"));
  EXPECT_FALSE(module_in_app("csharp", "System.Linq.Enumerable"));
  EXPECT_TRUE(module_in_app("csharp", "SystemOfShops.Cart"));
  EXPECT_FALSE(in_app("csharp", frame("(unknown)", "System.Int32.Parse(String s)")));
  EXPECT_TRUE(in_app("csharp", frame("(unknown)", "Shop.Cart.Total()")));
  EXPECT_FALSE(module_in_app("java", "com.google.android.material.appbar.AppBar"));
  Frame rollbar = frame("ArrayList.java", "get");
  rollbar.class_name = "java.util.ArrayList";
  EXPECT_FALSE(in_app("java", rollbar));
}

TEST(InApp, NativeByImage) {
  Frame system = frame("", "abort");
  system.package = "/usr/lib/x86_64-linux-gnu/libc.so.6";
  EXPECT_FALSE(in_app("native", system));
  system.package = "/opt/shop/bin/shopd";
  EXPECT_TRUE(in_app("native", system));
  for (std::string_view image : {"C:\\WINDOWS\\System32\\ntdll.dll", "d:/windows/system32/x.dll",
                                 "KERNELBASE.dll", "UIKitCore", "libsystem_kernel.dylib"}) {
    system.package = image;
    EXPECT_FALSE(in_app("cocoa", system)) << image;
  }
  for (std::string_view image : {"C:\\WindowsShop\\shop.exe", "/opt/shop/UIKitCore", "shop.exe"}) {
    system.package = image;
    EXPECT_TRUE(in_app("native", system)) << image;
  }
}

// Templates of libraries are compiled into the application's image.
TEST(InApp, NativeLibrarySymbolsAndToolchains) {
  EXPECT_FALSE(in_app("native", frame("functional", "std::__1::function<T>::operator()")));
  EXPECT_FALSE(in_app("native", frame("boost/function.hpp", "boost::function0<T>::operator()")));
  EXPECT_FALSE(in_app("native", frame("crashpad_client_win.cc", "crashpad::Handle")));
  EXPECT_FALSE(in_app("native", frame("f:\\dd\\vctools\\crt\\free.c", "free")));
  EXPECT_TRUE(in_app("native", frame("src/std.cc", "stdx::run")));
}

TEST(InApp, ApplicationInSitePackagesBesideEggs) {
  Event event = seed_event();
  mark_in_app(event);
  std::vector<bool> marks;
  for (const Frame& frame : event.exceptions[0].frames) marks.push_back(frame.in_app);
  EXPECT_EQ(marks, (std::vector<bool>{false, false, true, true, true, false, false, false}));
}

TEST(InApp, SitePackagesStayForeignBesideAnApplication) {
  Event event =
      event_of("python", {exception("E", "m",
                                    {frame("/srv/shop/app.py", "run"),
                                     frame("/v/site-packages/Beaker-1.6.egg/beaker/a.py", "a"),
                                     frame("/v/site-packages/six.py", "b")})});
  mark_in_app(event);
  EXPECT_TRUE(event.exceptions[0].frames[0].in_app);
  EXPECT_FALSE(event.exceptions[0].frames[2].in_app);
}

TEST(InApp, ThreadsAreMarkedToo) {
  Event event = event_of("python", {});
  event.threads.emplace_back().frames = {frame("/srv/shop/app.py", "run"),
                                         frame("/usr/lib/x.py", "y")};
  mark_in_app(event);
  EXPECT_TRUE(event.threads[0].frames[0].in_app);
  EXPECT_FALSE(event.threads[0].frames[1].in_app);
}

}  // namespace
}  // namespace flawless::triage
