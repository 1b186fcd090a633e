// Nothing that an Event holds as text gets past the scrubber. The structured bindings name every
// member: who adds one makes this file fail to compile, and adds it here.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "triage/scrub.h"

namespace flawless::triage {
namespace {

constexpr std::string_view kSecret = "https://u:hunter2@h/?token=hunter2";

template <typename... Text>
void fill(Text&... texts) {
  ((texts = kSecret), ...);
}

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;
const Pairs kPairs = {{kSecret, kSecret}, {"token", "hunter2"}};

Value tree() {
  Value list;
  list.kind = Value::Kind::kArray;
  list.members = {{{}, Value::string(kSecret)}};
  Value value;
  value.kind = Value::Kind::kObject;
  value.members = {{kSecret, Value::string(kSecret)}, {"list", list}};
  return value;
}

std::vector<Frame> full_frames() {
  std::vector<Frame> frames(1);
  auto& [path, abs_path, module, function, class_name, package, address, line, column, first, last,
         code, code_before, code_after, variables, in_app_sent, in_app] = frames[0];
  fill(path, abs_path, module, function, class_name, package, address);
  auto& [name, role, value] = variables.emplace_back();
  fill(name);
  value = tree();
  return frames;  // source code is no report of values
}

Exception full_exception() {
  Exception exception;
  auto& [type, module, message, mechanism, handled, synthetic, frames] = exception;
  fill(type, module, message, mechanism);
  frames = full_frames();
  return exception;
}

Thread full_thread() {
  Thread thread;
  auto& [id, name, state, crashed, current, frames] = thread;
  fill(id, name, state);
  frames = full_frames();
  return thread;
}

Request full_request() {
  Request request;
  auto& [method, url, query, headers, cookies, body, params, env, session, user_ip] = request;
  fill(method, url, query, user_ip);
  headers = kPairs;
  cookies = body = params = env = session = tree();
  return request;
}

Person full_person() {
  Person person;
  auto& [id, username, email, ip, extra] = person;
  fill(id, username, email, ip);
  extra = tree();
  return person;
}

Breadcrumb full_breadcrumb() {
  Breadcrumb crumb;
  auto& [at, type, category, message, level, data] = crumb;
  fill(type, category, message);
  data = tree();
  return crumb;
}

Warning full_warning() {
  Warning warning;
  auto& [field, text] = warning;
  fill(field, text);
  return warning;
}

Event full_event() {
  Event event;
  auto& [arena, id, project, received_at, occurred_at, level, level_sent, count, error_threshold,
         platform, language, framework, environment, release, host, logger, context, title,
         sdk_name, sdk_version, browser, browser_version, os, os_version, device, server_root,
         trace_id, fingerprint, message, message_template, exceptions, threads, crash_report,
         request, person, tags, modules, breadcrumbs, custom, contexts, server, warnings] = event;
  fill(platform, language, framework, environment, release, host, logger, context, title, sdk_name,
       sdk_version, browser, browser_version, os, os_version, device, server_root, trace_id,
       message, message_template, crash_report);
  fingerprint = {kSecret};
  exceptions.push_back(full_exception());
  threads.push_back(full_thread());
  request = full_request();
  person = full_person();
  tags = kPairs;
  modules = {{kSecret, kSecret}};
  breadcrumbs.push_back(full_breadcrumb());
  custom = contexts = server = tree();
  warnings.push_back(full_warning());
  return event;
}

std::string json(const Event& event) {
  JsonWriter writer;
  write_event(writer, event);
  return writer.take();
}

TEST(ScrubEvent, NoTextIsForgotten) {
  Event event = full_event();
  ASSERT_NE(json(event).find("hunter2"), std::string::npos);
  Scrubber{ScrubRules{}}.scrub(event);
  const std::string shown = json(event);
  for (size_t at = shown.find("hunter2"); at != std::string::npos;
       at = shown.find("hunter2", at + 1)) {
    ADD_FAILURE() << shown.substr(at - std::min(at, size_t{80}), 100);
  }
}

TEST(ScrubEvent, AModuleMayBeCalledLikeASecret) {
  Event event;
  event.modules = {{"jwt", "2.8"}, {"shop", "git+https://tok:hunter2@h/shop"}};
  Scrubber{ScrubRules{}}.scrub(event);
  EXPECT_EQ(event.modules[0].second, "2.8");
  EXPECT_EQ(event.modules[1].second, "git+https://tok:[scrubbed]@h/shop");
}

}  // namespace
}  // namespace flawless::triage
