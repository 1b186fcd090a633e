// Whatever is reported, mails and pages keep the markup that we gave them.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "render/links.h"
#include "render/pages.h"
#include "render/test_incident.h"

namespace flawless::render {
namespace {

constexpr std::array kCorpus = std::to_array<std::string_view>({
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "</title></style></textarea></pre><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{project}}{{{s.wrap}}}{{> incident.html}}{{=<% %>=}}<%project%>",
    "&lt;script&gt; &amp; &#60;b&#62;",
    "<!--<script>-->\x1b[31m\r\nBcc: eve@evil.example\r\n\r\n.\r\n",
    "\xff\xfe<b>\xc0\xbc",
    "\u202e\u2066<i>",
});

// An event with `text` in every field that mails or pages show.
Event hostile_event(std::string_view text) {
  Event event;
  event.platform = event.environment = event.release = event.host = event.title = text;
  event.message = event.sdk_name = text;
  Exception exception;
  exception.type = exception.message = exception.module = text;
  Frame bad = frame(text, text, 3, text);
  bad.class_name = bad.module = bad.abs_path = text;
  bad.code_before = bad.code_after = {text, text, text};
  Value object;
  object.kind = Value::Kind::kObject;
  object.members.push_back({text, Value::string(text)});
  bad.variables = {variable(text, Value::string(text), Variable::Role::kArgument),
                   variable(text, object)};
  exception.frames = {bad, bad};
  event.exceptions = {exception, exception};
  Request request;
  request.method = request.url = request.query = request.user_ip = text;
  request.headers = {{text, text}};
  request.body = object;
  event.request = request;
  event.person.id = event.person.username = event.person.email = text;
  event.tags = {{text, text}};
  event.custom = object;
  return event;
}

MailFacts hostile_facts(const Event* event, std::string_view view) {
  const std::string text(view);
  MailFacts facts;
  Incident& incident = facts.incident;
  incident.project = incident.title = incident.status = incident.environment = text;
  incident.release = incident.host = text;
  incident.item_number = 1;
  incident.count = incident.people = 2;
  incident.place = {text, text, text, 3};
  incident.event = event;
  Verdict& verdict = incident.verdict;
  verdict.repository = verdict.path = verdict.revision = verdict.commit = verdict.summary = text;
  verdict.author_name = verdict.author_email = verdict.developer = verdict.problem = text;
  verdict.source = {{3, text}};
  verdict.reasons = {text};
  incident.links = {text, text, text, text, text};
  facts.why = facts.recipient = facts.intended_for = facts.header = text;
  return facts;
}

const std::set<std::string> kTags = {
    "!doctype", "html",     "head",   "meta",   "title",    "body",   "div",   "p",     "h1",
    "h2",       "strong",   "a",      "ul",     "li",       "span",   "br",    "style", "main",
    "dl",       "dt",       "dd",     "table",  "tr",       "th",     "td",    "form",  "input",
    "label",    "textarea", "select", "option", "fieldset", "legend", "button"};
const std::set<std::string> kAttributes = {
    "lang", "charset", "name",  "content",  "style", "class",    "href",
    "rel",  "id",      "html",  "scope",    "role",  "method",   "action",
    "type", "for",     "value", "required", "rows",  "selected", "inputmode"};

// Reads markup as a browser does and fails on any tag, attribute or address that is not ours.
class Checker {
 public:
  explicit Checker(std::string_view html) : rest_(html) {}

  void check() {
    for (size_t at; (at = rest_.find('<')) != rest_.npos;) {
      rest_.remove_prefix(at + 1);
      if (rest_.starts_with("style>")) {
        rest_.remove_prefix(std::min(rest_.size(), rest_.find("</style>")));
        continue;
      }
      const bool closing = take('/');
      const std::string tag = word();
      ASSERT_TRUE(kTags.contains(tag)) << "<" << tag << rest_.substr(0, 80);
      if (!closing) attributes(tag);
      ASSERT_TRUE(take('>')) << tag << ": " << rest_.substr(0, 80);
    }
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string word() {
    std::string found;
    while (!rest_.empty() &&
           std::string_view(" \n\t=>/\"'<").find(rest_.front()) == std::string_view::npos) {
      found += rest_.front();
      rest_.remove_prefix(1);
    }
    return found;
  }
  void attributes(const std::string& tag) {
    while (take(' ')) {
      const std::string name = word();
      ASSERT_TRUE(kAttributes.contains(name)) << tag << " " << name << rest_.substr(0, 80);
      if (!take('=')) continue;
      ASSERT_TRUE(take('"')) << tag << " " << name;
      const std::string_view value = rest_.substr(0, rest_.find('"'));
      rest_.remove_prefix(value.size() + 1);
      if (name == "href") {
        EXPECT_EQ(safe_url(value), value);
      }
    }
  }

  std::string_view rest_;
};

class Hostile : public testing::TestWithParam<std::string_view> {};

TEST_P(Hostile, MailKeepsItsMarkupAndHeader) {
  const Event event = hostile_event(GetParam());
  for (const Event* shown : {&event, static_cast<const Event*>(nullptr)}) {
    const Mail mail = render_mail(hostile_facts(shown, GetParam()));
    Checker(mail.html).check();
    EXPECT_EQ(mail.subject.find_first_of("\r\n\x1b"), std::string::npos);
    for (const std::string& part : {mail.subject, mail.html, mail.text}) {
      EXPECT_EQ(part.find_first_of("\r\x1b"), std::string::npos);
      EXPECT_EQ(part.find("\u202e"), std::string::npos);
      EXPECT_EQ(part.find('\xff'), std::string::npos);
    }
  }
}

TEST_P(Hostile, RollupAndUndeliverableKeepTheirMarkup) {
  const std::string text(GetParam());
  const Mail rollup =
      render_rollup({text, text, text, text, {2, hostile_facts(nullptr, GetParam())}});
  Checker(rollup.html).check();
  EXPECT_EQ(rollup.subject.find_first_of("\r\n"), std::string::npos);
  const Mail bounce = render_undeliverable({text, text, text, text, text, text, text});
  Checker(bounce.html).check();
  EXPECT_EQ(bounce.subject.find_first_of("\r\n"), std::string::npos);
}

TEST_P(Hostile, PagesKeepTheirMarkup) {
  const std::string text(GetParam());
  const Event event = hostile_event(text);
  TracebackPage traceback;
  traceback.incident = hostile_facts(&event, text).incident;
  Checker(traceback_page(traceback)).check();

  ReportPage report;
  report.project = report.only_for = text;
  report.views = {{text, text}};
  ReportPage::Line line;
  line.developer = line.project = line.mailed_to = line.traceback_url = line.item_url = text;
  line.place = {text, text, text, 3};
  line.mailed_at = Time{};
  report.lines = {line};
  Checker(report_page(report)).check();

  KnownErrorForm form;
  form.filename = form.function_name = form.code_fragment = form.type = text;
  form.min_alert_threshold = form.max_alert_threshold = form.alert_every_n_occurrences = text;
  form.email_recipients = form.email_header = form.error = form.project = text;
  form.hidden = {{text, text}};
  Checker(known_error_page(form)).check();

  Checker(notice_page({NoticePage::Kind::kError, text, {text}, {{text, text}}})).check();
  Checker(health_page({false, {text}, {{text, {{text, text}}}}})).check();
}

INSTANTIATE_TEST_SUITE_P(Corpus, Hostile, testing::ValuesIn(kCorpus));

TEST(Checker, WouldNotice) {
  for (const char* bad : {"<p onclick=\"x\">", "<script>", "<a href=\"javascript:x\">",
                          "<p class=x>", "<img src=\"x\">"}) {
    testing::TestPartResultArray found;
    {
      testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &found);
      Checker(bad).check();
    }
    EXPECT_GT(found.size(), 0) << bad;
  }
}

}  // namespace
}  // namespace flawless::render
