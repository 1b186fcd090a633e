// Event: what was reported, whichever client sent it. Plain values; every room above `wire` speaks
// of reports in these terms only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "event/arena.h"
#include "event/value.h"

namespace flawless {

// Numbers are Rollbar's, so that comparisons and stored values agree. Sentry's "fatal" is critical.
enum class Level : uint8_t { kDebug = 10, kInfo = 20, kWarning = 30, kError = 40, kCritical = 50 };
std::string_view level_name(Level level);  // "error"
std::optional<Level> parse_level(
    std::string_view name);  // also "fatal", "warn", "log", any letter case

struct Variable {
  enum class Role : uint8_t { kLocal, kArgument, kVarArgs, kKeywordArgs };
  std::string_view name;
  Role role = Role::kLocal;
  Value value;
};
std::string_view role_name(Variable::Role role);  // "local" "argument" "varargs" "kwargs"

struct Frame {
  std::string_view path;      // as the SDK names it: relative if it knows, else absolute
  std::string_view abs_path;  // where the file was on the host, if sent apart
  std::string_view module;    // "shop.banner", Java class, …
  std::string_view function;  // "pick_banner"; with class_name for languages that send it apart
  std::string_view class_name;
  std::string_view package;                                  // native: the image's path
  std::string_view address;                                  // native: "0x…"
  uint32_t line = 0;                                         // from 1; 0 = unknown
  uint32_t column = 0;                                       // from 1; 0 = unknown
  uint32_t function_first_line = 0, function_last_line = 0;  // 0 = unknown
  std::string_view code;                                     // the source line, indentation kept
  std::vector<std::string_view> code_before, code_after;
  std::vector<Variable> variables;  // arguments first, in the order of the signature
  std::optional<bool> in_app_sent;  // what the SDK said
  bool in_app = false;              // decided by triage: the SDK's word, else path rules
};

struct Exception {
  std::string_view type;    // class, as sent: "IndexError", "java.lang.IllegalStateException"
  std::string_view module;  // "builtins"
  std::string_view message;
  std::string_view mechanism;   // how it was caught: "excepthook", "generic" …
  std::optional<bool> handled;  // by the application
  bool synthetic = false;       // the type says how it was caught, not what it is
  std::vector<Frame> frames;    // outermost call first, the frame that raised last
};

struct Thread {
  std::string_view id, name, state;
  bool crashed = false, current = false;
  std::vector<Frame> frames;
};

struct Request {
  std::string_view method, url, query;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  Value cookies, body, params, env, session;
  std::string_view user_ip;
  [[nodiscard]] std::string_view header(std::string_view name) const;  // letter case aside
};

// The user of the failing program who was affected.
struct Person {
  std::string_view id, username, email, ip;
  Value extra;
  [[nodiscard]] bool empty() const { return id.empty() && username.empty() && email.empty(); }
};

struct Breadcrumb {
  std::optional<Time> at;
  std::string_view type, category, message;
  std::optional<Level> level;
  Value data;
};

// What was changed or left out while the report was read; shown on the occurrence.
struct Warning {
  std::string_view field;  // "exception.values[0].stacktrace.frames", "body", "level"
  std::string_view text;   // "1200 frames, the 200 outermost and innermost kept"
};

struct Event {
  Arena arena;  // owns the text of every string_view below that is not a literal

  ReportId id;
  ProjectId project;
  Time received_at;
  std::optional<Time> occurred_at;  // by the client's clock
  Level level = Level::kError;
  bool level_sent = false;
  uint64_t count = 1;            // occurrences that this report stands for, itself included
  uint32_t error_threshold = 0;  // occurrences that make a mail, by the sender's wish; 0: none

  std::string_view platform;  // "python", "javascript", "browser" …
  std::string_view language;  // "python 3.12.1"
  std::string_view framework;
  std::string_view environment;  // "production" if the client said nothing
  std::string_view release;      // code version
  std::string_view host;
  std::string_view logger;
  std::string_view context;  // Rollbar's context, Sentry's transaction: "shop.views.home"
  std::string_view title;    // only if the client set one
  std::string_view sdk_name, sdk_version;
  std::string_view browser, browser_version, os, os_version, device;  // of the affected user
  std::string_view server_root;  // where the code lies on the host, without a trailing slash
  std::string_view trace_id;
  std::vector<std::string_view> fingerprint;  // as sent; may hold "{{ default }}"

  std::string_view message;           // formatted; of a report without exception, or beside one
  std::string_view message_template;  // "user %s not found", if the client sent it apart
  std::vector<Exception>
      exceptions;  // [0] is the one raised last; each next one is a cause of the one before
  std::vector<Thread> threads;
  std::string_view crash_report;  // raw text (Apple's format)

  std::optional<Request> request;
  Person person;
  std::vector<std::pair<std::string_view, std::string_view>> tags;
  std::vector<std::pair<std::string_view, std::string_view>> modules;  // name, version
  std::vector<Breadcrumb> breadcrumbs;
  Value custom;    // the application's own data
  Value contexts;  // device, runtime, app …
  Value server;    // what else the sender said about the host (pid, argv, branch …)
  std::vector<Warning> warnings;

  // Keeps text of any lifetime by copying it into the arena.
  std::string_view keep(std::string_view text) { return arena.copy(text); }
  void warn(std::string_view field, std::string_view text) {
    warnings.push_back({keep(field), keep(text)});
  }
};

// The event as JSON, as API v2 and the golden files show it (docs/report-format.md lists the keys).
void write_event(JsonWriter& json, const Event& event);

}  // namespace flawless
