#include "triage/in_app.h"

#include <algorithm>
#include <iterator>

#include "triage/in_app_native.h"
#include "triage/language.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

// Not files at all, or files of the run-time.
constexpr std::string_view kForeignStarts[] = {
    "<",
    "[native",
    "[internal",
    "[builtin",
    "node:",
    "native:",
    "native ",
    "(webpack)",
    "webpack/",
    "dart:",
    "package:flutter/",
    "/rustc/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/lib/",
    "/lib64/",
    "/usr/include/",
    "/usr/share/",
    "/usr/local/go/src/",
    "/usr/local/lib/",
    "/System/",
    "/nix/store/",
    "/opt/homebrew/",
    "/apex/",
    "/system/",
    "../sysdeps/",
    "./sysdeps/",
    "../csu/",
    "./csu/",
    "./misc/../sysdeps/",
    "./nptl/",
    "../nptl/",
    "C:\\Windows\\",
    "C:/Windows/",
    "C:\\Program Files\\dotnet\\",
    "eval at ",
    "chrome-extension://",
    "moz-extension://",
    "safari-extension://",
    "safari-web-extension://",
    "ms-browser-extension://",
    "webkit-masked-url:",
    "chrome://",
    "resource://",
    "extensions::",
    "laravel-serializable-closure:",
};
constexpr std::string_view kForeignWhole[] = {
    "native",  "internal", "anonymous", "Unknown Source", "Native Method",
    "unknown", "-e",       "eval code", "native code"};
constexpr std::string_view kForeignHosts[] = {
    "cdn.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "ajax.googleapis.com",
    "code.jquery.com",
    "connect.facebook.net",
    "www.googletagmanager.com",
    "www.google-analytics.com",
    "js.stripe.com",
    "maps.googleapis.com",
    "www.gstatic.com",
};
constexpr std::string_view kForeignScripts[] = {
    "vendor.",       "vendor-",  "vendors.",      "vendors-",        "vendors~",
    "chunk-vendors", "polyfill", "runtime~",      "jquery",          "react-dom",
    "angular.min",   "lodash",   "bootstrap.min", "webpack-runtime", "framework-",
};
constexpr std::string_view kJvmModules[] = {
    "java.",
    "javax.",
    "jakarta.",
    "sun.",
    "com.sun.",
    "jdk.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "clojure.",
    "android.",
    "androidx.",
    "dalvik.",
    "com.android.",
    "libcore.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.",
    "org.jboss.",
    "org.codehaus.",
    "org.slf4j.",
    "org.junit.",
    "junit.",
    "io.netty.",
    "io.undertow.",
    "io.micronaut.",
    "io.quarkus.",
    "io.vertx.",
    "reactor.",
    "rx.",
    "io.reactivex.",
    "akka.",
    "play.api.",
    "com.fasterxml.",
    "com.google.common.",
    "com.google.gson.",
    "com.google.inject.",
    "com.google.android.",
    "com.google.firebase.",
    "com.google.crypto.",
    "com.google.protobuf.",
    "org.chromium.",
    "okhttp3.",
    "okio.",
    "retrofit2.",
    "com.zaxxer.",
    "com.mysql.",
    "org.postgresql.",
    "oracle.",
    "net.bytebuddy.",
    "net.sf.cglib.",
    "ch.qos.logback.",
    "com.rollbar.",
    "io.sentry.",
};
constexpr std::string_view kDotNetModules[] = {
    "System", "Microsoft", "mscorlib", "Newtonsoft", "Npgsql",  "MySql", "Dapper",
    "Castle", "Autofac",   "Serilog",  "NLog",       "log4net", "Polly", "Hangfire",
    "Grpc",   "RestSharp", "Rollbar",  "Sentry",     "Xunit",   "NUnit",
};
constexpr std::string_view kPythonModules[] = {"sentry_sdk", "rollbar",   "flawless",  "importlib",
                                               "asyncio",    "threading", "concurrent"};
constexpr std::string_view kGoModules[] = {
    "runtime", "net", "reflect", "testing", "syscall", "encoding", "io", "sync", "strconv",
    "strings", "bytes", "errors", "regexp", "unicode", "slices", "compress", "os",
    "database", "context", "fmt", "bufio", "crypto", "html", "text", "log", "sort", "time",
    "math"};
// As a module nobody else's, as a directory a name like any.
constexpr std::string_view kGoPackages[] = {
    "archive", "cmp", "container", "debug", "embed", "expvar", "flag", "go", "hash",
    "image", "index", "internal", "iter", "maps", "mime", "path", "plugin", "structs",
    "unique", "unsafe", "weak"};
constexpr std::string_view kRustFunctions[] = {
    "std::",         "core::",   "alloc::",  "<std::",
    "<core::",       "<alloc::", "tokio::",  "rust_begin_unwind",
    "__rust",        "actix_",   "hyper::",  "futures_",
    "<tokio",        "<actix_",  "<hyper::", "<futures",
    "log::__private"};

// `segment` names a place where other people's code is kept; `next` is what follows it.
bool keeps_vendored(std::string_view segment, std::string_view next, Language language) {
  switch (segment.size()) {
    case 1:
      return segment == "~" && language == Language::kJavaScript;
    case 3:
      return segment == "mod" && next.find('.') != std::string_view::npos &&
             language == Language::kGo;
    case 4:
      return segment == "gems" || segment == "Pods" ||
             (segment == "deps" && language == Language::kElixir);
    case 5:
      return segment == "cargo" && (next == "registry" || next == "git") &&
             language == Language::kRust;
    case 6:
      return segment == "vendor" || segment == ".cargo";
    case 7:
      return segment == "rustlib" && language == Language::kRust;
    case 8:
      return segment == "Carthage" || segment == "bundler";
    case 12:
      return segment == "node_modules" || segment == "vendor.bundle";
    case 13:
      return segment == "site-packages" || segment == "dist-packages" || segment == ".pub-cache";
    case 16:
      return segment == "bower_components" || segment == "jspm_packages";
    default:
      return false;
  }
}

// "python3.11", "ruby" below "lib": the language's own library.
bool is_language_library(std::string_view before, std::string_view segment) {
  if (before != "lib" && before != "lib64" && before != "Lib") return false;
  if (segment == "ruby") return true;
  return segment.starts_with("python") && segment.size() > 6 && is_digit(segment[6]);
}

bool is_egg(std::string_view segment) {
  return segment == "egg" || segment.ends_with(".egg") || segment.ends_with(".whl");
}

// Cargo names a registry's folder by its host and 16 hex digits: "crates.example-6f17d22bba15001f".
bool is_cargo_registry(std::string_view segment) {
  constexpr size_t kDigits = 16;
  if (segment.size() < kDigits + 2 || segment[segment.size() - kDigits - 1] != '-') return false;
  const std::string_view hash = segment.substr(segment.size() - kDigits);
  return segment.find('.') < segment.size() - kDigits &&
         std::all_of(hash.begin(), hash.end(), is_hex);
}

// Where a module ("gin@v1.9.0") or a crate was downloaded to.
bool is_download(std::string_view segment, Language language) {
  if (language == Language::kRust) return is_cargo_registry(segment);
  if (language != Language::kGo) return false;
  size_t at = segment.find("@v");
  return at != std::string_view::npos && at + 2 < segment.size() && is_digit(segment[at + 2]);
}

// One pass over the directories of `path`.
bool is_vendored(std::string_view path, Language language) {
  std::string_view before;
  for (size_t at = 0; at < path.size();) {
    size_t end = end_of_segment(path, at);
    std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (end == path.size()) return false;  // the file itself
    size_t next_end = end_of_segment(path, at);
    if (keeps_vendored(segment, path.substr(at, next_end - at), language) ||
        is_language_library(before, segment) || is_egg(segment) ||
        is_download(segment, language)) {
      return true;
    }
    before = segment;
  }
  return false;
}

std::string_view base_name(std::string_view path) {
  path = strip_query(path);
  size_t at = path.size();
  while (at > 0 && !is_slash(path[at - 1])) --at;
  return path.substr(at);
}

bool is_foreign_script(std::string_view path) {
  if (path.starts_with("internal/") || path.find("/webpack/") != std::string_view::npos)
    return true;
  if (starts_with_any(base_name(path), kForeignScripts)) return true;
  size_t scheme = path.find("://");
  if (scheme == std::string_view::npos) return false;
  std::string_view host = path.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  return one_of(host, kForeignHosts);
}

bool is_foreign_path(std::string_view path, Language language) {
  if (path.empty()) return false;
  if (starts_with_any(path, kForeignStarts)) return true;
  if (one_of(path, kForeignWhole)) return true;
  if (language == Language::kJavaScript && is_foreign_script(path)) return true;
  return is_vendored(path, language);
}

template <size_t N>
bool below_any(std::string_view module, const std::string_view (&packages)[N], char separator) {
  return std::any_of(std::begin(packages), std::end(packages), [&](std::string_view package) {
    return is_or_below(module, package, separator);
  });
}

bool is_foreign_module(const Frame& frame, Language language) {
  std::string_view module = frame.module.empty() ? frame.class_name : frame.module;
  switch (language) {
    case Language::kJvm:
      return starts_with_any(module, kJvmModules);
    case Language::kDotNet:
      return below_any(module.empty() ? frame.function : module, kDotNetModules, '.');
    case Language::kPython:
      return below_any(module, kPythonModules, '.');
    case Language::kGo:
      return below_any(module.empty() ? frame.path : module, kGoModules, '/') ||
             below_any(module, kGoPackages, '/');
    case Language::kRust:
      return starts_with_any(frame.function, kRustFunctions);
    default:
      return false;
  }
}

bool is_foreign_code(const Frame& frame, Language language) {
  if (language == Language::kJavaScript) return frame.function == "eval";
  if (language != Language::kNative && language != Language::kSwift) return false;
  return is_system_image(frame.package) || is_library_symbol(frame.function) ||
         is_toolchain_file(frame.abs_path) || is_toolchain_file(frame.path);
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') || (path.size() > 2 && path[1] == ':');
}

// What is left of the frame's path below the server's root, if it lies there.
std::string_view below_root(const Frame& frame, std::string_view root) {
  while (!root.empty() && (root.back() == '/' || root.back() == '\\')) root.remove_suffix(1);
  if (root.empty()) return {};
  for (std::string_view path : {frame.abs_path, frame.path}) {
    if (is_absolute(path) && path.size() > root.size() + 1 && starts_with_folded(path, root) &&
        (path[root.size()] == '/' || path[root.size()] == '\\')) {
      return path.substr(root.size() + 1);
    }
  }
  return {};
}

bool by_rules(const Frame& frame, std::string_view root, Language of_event) {
  if (frame.path.empty() && frame.abs_path.empty() && frame.module.empty() &&
      frame.class_name.empty() && frame.package.empty()) {
    return of_event != Language::kNative && of_event != Language::kRust && !frame.function.empty();
  }
  Language language = language_of(frame, of_event);
  if (is_foreign_code(frame, language)) return false;
  if (std::string_view rest = below_root(frame, root); !rest.empty()) {
    return !is_vendored(rest, language);
  }
  return !is_foreign_path(frame.path, language) && !is_foreign_path(frame.abs_path, language) &&
         !is_foreign_path(frame.package, language) && !is_foreign_module(frame, language);
}

template <typename Visit>
void each_frame(Event& event, Visit visit) {
  for (Exception& exception : event.exceptions) {
    for (Frame& frame : exception.frames) visit(frame);
  }
  for (Thread& thread : event.threads) {
    for (Frame& frame : thread.frames) visit(frame);
  }
}

bool mentions_egg(const Frame& frame) {
  return frame.path.find(".egg/") != std::string_view::npos ||
         frame.abs_path.find(".egg/") != std::string_view::npos;
}

// The part of the path below site-packages that is no egg.
bool is_loose_in_site_packages(const Frame& frame, Language language) {
  constexpr std::string_view kMarker = "/site-packages/";
  std::string_view path = frame.abs_path.empty() ? frame.path : frame.abs_path;
  size_t at = path.rfind(kMarker);
  if (at == std::string_view::npos) return false;
  return !is_vendored(path.substr(at + kMarker.size()), language);
}

// An application that lives in site-packages itself, its libraries beside it as eggs: the
// original's kind of install.
void look_into_site_packages(Event& event, Language language) {
  bool any_in_app = false, any_egg = false;
  each_frame(event, [&](Frame& frame) { any_in_app |= frame.in_app; });
  if (any_in_app) return;
  each_frame(event, [&](Frame& frame) { any_egg |= mentions_egg(frame); });
  if (!any_egg) return;
  each_frame(event, [&](Frame& frame) {
    if (!frame.in_app_sent) frame.in_app = is_loose_in_site_packages(frame, language);
  });
}

// ".../lib/python3.11/json/decoder.py", "<frozen runpy>": not what is installed below it.
bool is_python_standard_library(std::string_view path) {
  if (path.starts_with("<frozen")) return true;
  constexpr std::string_view kMarker = "/lib/python";
  size_t at = path.find(kMarker);
  if (at == std::string_view::npos) return false;
  std::string_view version_on = path.substr(at + kMarker.size());
  return !version_on.empty() && is_digit(version_on.front()) &&
         version_on.find("-packages/") == std::string_view::npos;
}

// Sentry's Go client calls everything in-app but what lies in GOROOT, and nothing when the program
// was built with -trimpath, which leaves no GOROOT.
bool is_sentry_go(const Event& event) { return event.sdk_name.starts_with("sentry.go"); }

// The Rust client calls everything in-app but the standard library and itself; older Python clients
// the standard library too.
bool decide(const Frame& frame, const Event& event, Language of_event) {
  if (!frame.in_app_sent) return by_rules(frame, event.server_root, of_event);
  if (!*frame.in_app_sent) return false;
  Language language = language_of(frame, of_event);
  if (language == Language::kPython) {
    return !is_python_standard_library(frame.abs_path.empty() ? frame.path : frame.abs_path);
  }
  bool rust = language == Language::kRust || of_event == Language::kRust;
  if (!rust && !is_sentry_go(event)) return true;
  return by_rules(frame, event.server_root, of_event);
}

// Browser and Java clients deny every frame when they were not told which are the application's.
void look_at_denied(Event& event, Language language) {
  if (language != Language::kJavaScript && language != Language::kJvm && !is_sentry_go(event)) {
    return;
  }
  bool all_denied = true;
  each_frame(event, [&](Frame& frame) { all_denied &= !frame.in_app_sent.value_or(true); });
  if (!all_denied) return;
  each_frame(event,
             [&](Frame& frame) { frame.in_app = by_rules(frame, event.server_root, language); });
}

}  // namespace

void mark_in_app(Event& event) {
  Language language = language_of(event);
  each_frame(event, [&](Frame& frame) { frame.in_app = decide(frame, event, language); });
  look_at_denied(event, language);
  if (language == Language::kPython) look_into_site_packages(event, language);
}

}  // namespace flawless::triage
