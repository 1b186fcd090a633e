// Incidents for this room's tests. Text given must outlive the event (literals do).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/mail.h"

namespace flawless::render {

inline Time at(const char* text) { return *parse_rfc3339(text); }

inline Variable variable(std::string_view name, Value value,
                         Variable::Role role = Variable::Role::kLocal) {
  Variable result;
  result.name = name;
  result.role = role;
  result.value = std::move(value);
  return result;
}

inline Frame frame(std::string_view path, std::string_view function, uint32_t line,
                   std::string_view code, bool in_app = true) {
  Frame result;
  result.path = path;
  result.function = function;
  result.line = line;
  result.code = code;
  result.in_app = in_app;
  return result;
}

// The walkthrough's error: random.choice([]) in a shop.
inline Event banner_event() {
  Event event;
  event.platform = "python";
  event.environment = "production";
  event.host = "web-1";
  Exception exception;
  exception.type = "IndexError";
  exception.module = "builtins";
  exception.message = "Cannot choose from an empty sequence";
  exception.frames = {
      frame("/usr/lib/python3/dist-packages/flask/app.py", "wsgi_app", 2190,
            "        response = self.full_dispatch_request()", false),
      frame("shop/views.py", "home", 12, "    return render(pick_banner(shop))"),
      frame("shop/banner.py", "pick_banner", 17, "    return random.choice(banners)"),
      frame("/usr/lib/python3.11/random.py", "choice", 373,
            "            raise IndexError('Cannot choose from an empty sequence')", false)};
  Frame& culprit = exception.frames[2];
  Value empty;
  empty.kind = Value::Kind::kArray;
  culprit.variables = {variable("shop", Value::string("paris"), Variable::Role::kArgument),
                       variable("limit", Value::of_integer(3), Variable::Role::kArgument),
                       variable("banners", empty), variable("api_key", Value::scrubbed())};
  exception.frames[1].variables = {variable("shop", Value::string("paris"))};
  event.exceptions.push_back(std::move(exception));
  Request request;
  request.method = "GET";
  request.url = "https://shop.example/paris?page=1";
  request.headers = {{"User-Agent", "curl/8.5.0"}, {"Accept", "*/*"}};
  event.request = std::move(request);
  event.person.id = "17";
  event.person.email = "ann@customers.example";
  event.tags = {{"region", "eu"}};
  return event;
}

inline Verdict banner_verdict() {
  Verdict verdict;
  verdict.repository = "shop";
  verdict.path = "shop/banner.py";
  verdict.line = 17;
  verdict.revision = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
  verdict.at_release = true;
  verdict.source = {{15, "def pick_banner(shop, limit):"},
                    {16, "    banners = load(shop)"},
                    {17, "    return random.choice(banners)"},
                    {18, ""},
                    {19, "def load(shop):"}};
  verdict.commit = "3f2c9e1d00112233445566778899aabbccddeeff";
  verdict.summary = "pick a banner at random";
  verdict.author_name = "Ada Lovelace";
  verdict.author_email = "ada@shop.example";
  verdict.authored_at = at("2026-11-20T09:30:00Z");
  verdict.developer = "ada@shop.example";
  verdict.confidence = 0.9;
  verdict.reasons = {"The line is at the deployed revision exactly as it was reported.",
                     "Your commit changed it last, two days before it first failed."};
  return verdict;
}

inline MailFacts banner_facts(const Event* event) {
  MailFacts facts;
  Incident& incident = facts.incident;
  incident.project = "shop";
  incident.item_number = 49;
  incident.title = "IndexError: Cannot choose from an empty sequence";
  incident.status = "active";
  incident.environment = "production";
  incident.release = "a1b2c3d4e5";
  incident.host = "web-1";
  incident.count = 42;
  incident.people = 7;
  incident.first_seen = at("2026-11-22T14:02:11Z");
  incident.last_seen = at("2026-11-22T14:05:11Z");
  incident.place = {"shop/banner.py", "pick_banner", "    return random.choice(banners)", 17};
  incident.verdict = banner_verdict();
  incident.event = event;
  incident.links = {"https://flawless.example/p/1/items/49",
                    "https://flawless.example/view_traceback?filename=shop%2Fbanner.py",
                    "https://flawless.example/get_weekly_error_report#ada%40shop.example",
                    "https://flawless.example/add_known_error?filename=shop%2Fbanner.py",
                    "https://flawless.example"};
  facts.why = "The line failed for the first time.";
  facts.recipient = "ada@shop.example";
  return facts;
}

}  // namespace flawless::render
