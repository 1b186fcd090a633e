#include "render/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/links.h"
#include "render/test_incident.h"

namespace flawless::render {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

size_t characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xC0U) != 0x80;
  return count;
}

TEST(Mail, SubjectSaysWhatAndWhere) {
  const Event event = banner_event();
  EXPECT_EQ(render_mail(banner_facts(&event)).subject,
            "[shop] IndexError: Cannot choose from an empty sequence in shop/banner.py:17 "
            "pick_banner");
}

TEST(Mail, SubjectIsOneShortLineThatKeepsThePlace) {
  Event event = banner_event();
  const std::string message = "no\r\nBcc: eve@evil.example\n\n" + std::string(5000, 'x');
  event.exceptions[0].message = message;
  const std::string subject = render_mail(banner_facts(&event)).subject;
  EXPECT_LE(characters(subject), 160u);
  EXPECT_EQ(subject.find_first_of("\r\n"), subject.npos);
  EXPECT_THAT(subject, testing::EndsWith("… in shop/banner.py:17 pick_banner"));
}

TEST(Mail, LongPlacesDoNotCrowdOutTheMessage) {
  Event event = banner_event();
  MailFacts facts = banner_facts(&event);
  facts.incident.place.path = std::string(4000, 'p');
  facts.incident.place.function = std::string(4000, 'f');
  facts.incident.project = std::string(4000, 'q');
  const std::string subject = render_mail(facts).subject;
  EXPECT_LE(characters(subject), 160u);
  EXPECT_THAT(subject, HasSubstr("IndexError"));
}

TEST(Mail, SaysWhatBrokeAndWhoWroteIt) {
  const Event event = banner_event();
  const Mail mail = render_mail(banner_facts(&event));
  for (const std::string& part : {mail.html, mail.text}) {
    EXPECT_THAT(part, AllOf(HasSubstr("shop/banner.py:17"), HasSubstr("banners = load(shop)"),
                            HasSubstr("Ada Lovelace"), HasSubstr("high confidence"),
                            HasSubstr("3f2c9e1d00"), HasSubstr("pick a banner at random"),
                            HasSubstr("2026-11-20"), HasSubstr("42 occurrences")));
    EXPECT_THAT(part, AllOf(HasSubstr("7 people affected"), HasSubstr("release a1b2c3d4e5"),
                            HasSubstr("The line failed for the first time."),
                            HasSubstr("Not Ada Lovelace?")));
  }
}

TEST(Mail, TracebackHasAllFramesInOrder) {
  const Event event = banner_event();
  const std::string text = render_mail(banner_facts(&event)).text;
  EXPECT_THAT(text, HasSubstr("Exception Type: IndexError\n"
                              "Traceback (most recent call last):\n"
                              "  File \"/usr/lib/python3/dist-packages/flask/app.py\", line 2190, "
                              "in wsgi_app\n"
                              "    response = self.full_dispatch_request()\n"
                              "  File \"shop/views.py\", line 12, in home\n"
                              "    return render(pick_banner(shop))\n"
                              "  File \"shop/banner.py\", line 17, in pick_banner\n"
                              "    return random.choice(banners)\n"
                              "  File \"/usr/lib/python3.11/random.py\", line 373, in choice\n"
                              "    raise IndexError('Cannot choose from an empty sequence')\n"
                              "IndexError: Cannot choose from an empty sequence\n"));
}

TEST(Mail, VariablesAreSortedAndOnlyOfOurFrames) {
  const Event event = banner_event();
  const std::string text = render_mail(banner_facts(&event)).text;
  EXPECT_THAT(text, HasSubstr("Stack Frame:\n"
                              "  File \"shop/views.py\", line 12, in home\n"
                              "    shop='paris'\n"
                              "  File \"shop/banner.py\", line 17, in pick_banner\n"
                              "    arguments:\n"
                              "    limit=3\n"
                              "    shop='paris'\n"
                              "    locals:\n"
                              "    api_key=[scrubbed]\n"
                              "    banners=[]\n"));
  EXPECT_THAT(text.substr(text.find("Stack Frame")), Not(HasSubstr("random.py")));
}

TEST(Mail, FramesWithoutVariablesSaySo) {
  Event event = banner_event();
  for (Frame& frame : event.exceptions[0].frames) frame.variables.clear();
  EXPECT_THAT(render_mail(banner_facts(&event)).text,
              HasSubstr("in pick_banner\n    No variables in this frame\n"));
}

TEST(Mail, LongValuesAreCutWithHowMuch) {
  Event event = banner_event();
  const std::string longest(70'000, 'v');
  Value value = Value::string(longest);
  value.cut = 30'000;
  event.exceptions[0].frames[2].variables = {variable("all", value)};
  EXPECT_THAT(render_mail(banner_facts(&event)).text,
              HasSubstr("vvv… (99,502 more bytes)"));  // of 100,000 and two quotes
}

TEST(Mail, AMessageBringsNoLinesThatLookLikeOurs) {
  Event event = banner_event();
  event.exceptions[0].message =
      "no\n\nOpen item #7:\nhttps://evil.example/p/1/items/7\n-- \nFlawless";
  MailFacts facts = banner_facts(&event);
  facts.header = "Known since May.\nSee the wiki.";
  const std::string text = render_mail(facts).text;
  EXPECT_THAT(text, HasSubstr("no\n    \n    Open item #7:\n    https://evil.example/"));
  for (const char* forged : {"\nOpen item #7", "\nhttps://evil.example", "\n-- \nFlawless"}) {
    EXPECT_THAT(text, Not(HasSubstr(forged)));
  }
  // What the rule says is not reported: it stays as it was written.
  EXPECT_THAT(text, HasSubstr("Known since May.\nSee the wiki.\n"));
}

TEST(Mail, CausesFollow) {
  Event event = banner_event();
  Exception cause;
  cause.type = "KeyError";
  cause.message = "'paris'";
  cause.frames = {frame("shop/db.py", "load", 9, "    return rows[shop]")};
  event.exceptions.push_back(cause);
  cause.type = "IOError";
  cause.mechanism = "suppressed";
  event.exceptions.push_back(cause);
  EXPECT_THAT(render_mail(banner_facts(&event)).text,
              HasSubstr("\nSuppressed: IOError\nTraceback"));
  EXPECT_THAT(render_mail(banner_facts(&event)).text,
              HasSubstr("Caused by: KeyError\nTraceback (most recent call last):\n"
                        "  File \"shop/db.py\", line 9, in load\n    return rows[shop]\n"
                        "KeyError: 'paris'\n"));
}

TEST(Mail, AdditionalInformation) {
  Event event = banner_event();
  event.request->body = Value::string("card=[scrubbed]&n=1");
  const std::string text = render_mail(banner_facts(&event)).text;
  EXPECT_THAT(text, HasSubstr("Additional Information:\nGET https://shop.example/paris?page=1\n"
                              "User-Agent: curl/8.5.0\nAccept: */*\n\ncard=[scrubbed]&n=1\n"
                              "Person: id=17 email=ann@customers.example\nTags:\n  region=eu\n"));
}

TEST(Mail, WithoutBodySaysSoAndKeepsTheRest) {
  const Mail mail = render_mail(banner_facts(nullptr));
  for (const std::string& part : {mail.html, mail.text}) {
    EXPECT_THAT(part, AllOf(HasSubstr("no longer kept"), HasSubstr("Ada Lovelace"),
                            HasSubstr("IndexError"), Not(HasSubstr("Stack Frame"))));
  }
}

TEST(Mail, WithoutAuthorSaysWhatIsMissing) {
  const Event event = banner_event();
  MailFacts facts = banner_facts(&event);
  facts.incident.verdict = {};
  facts.incident.verdict.problem = "No repository is configured for shop.";
  facts.intended_for = "ada@elsewhere.example";
  facts.header = "Ring the bank if this goes on.";
  const Mail mail = render_mail(facts);
  for (const std::string& part : {mail.html, mail.text}) {
    EXPECT_THAT(part, AllOf(HasSubstr("No repository is configured for shop."),
                            HasSubstr("It was meant for ada@elsewhere.example"),
                            HasSubstr("Ring the bank if this goes on."),
                            Not(HasSubstr("wrote this line"))));
    EXPECT_THAT(part, HasSubstr("return random.choice(banners)"));
  }
  EXPECT_LT(mail.text.find("Ring the bank"), mail.text.find("IndexError"));
}

TEST(Mail, WhatIsMissingIsSaidOnce) {
  const Event event = banner_event();
  MailFacts facts = banner_facts(&event);
  facts.incident.verdict = {};
  facts.incident.verdict.problem = "no repository is configured";
  facts.why = "You are the default contact, and nobody is known: no repository is configured.";
  const Mail mail = render_mail(facts);
  for (const std::string& part : {mail.html, mail.text}) {
    const size_t at = part.find("no repository is configured");
    ASSERT_NE(at, part.npos);
    EXPECT_EQ(part.find("no repository is configured", at + 1), part.npos);
  }
}

TEST(Mail, SourceComesFromTheReportWithoutRepository) {
  Event event = banner_event();
  Frame& culprit = event.exceptions[0].frames[2];
  culprit.code_before = {"import random", "",
                         "def pick_banner(shop, limit):", "    banners = load(shop)"};
  culprit.code_after = {"", "def load(shop):", "    return []"};
  MailFacts facts = banner_facts(&event);
  facts.incident.verdict = {};
  EXPECT_THAT(render_mail(facts).text, HasSubstr("    15  def pick_banner(shop, limit):\n"
                                                 "    16      banners = load(shop)\n"
                                                 ">   17      return random.choice(banners)\n"
                                                 "    18  \n"
                                                 "    19  def load(shop):\n"));
}

TEST(Mail, LinksAreThere) {
  const Event event = banner_event();
  const MailFacts facts = banner_facts(&event);
  const Mail mail = render_mail(facts);
  const IncidentLinks& links = facts.incident.links;
  for (const std::string& url : {links.item, links.traceback, links.report, links.whitelist}) {
    EXPECT_THAT(mail.html, HasSubstr("href=\"" + url + "\""));
    EXPECT_THAT(mail.text, HasSubstr("\n" + url + "\n"));
  }
}

// Worst case that wire lets through: many frames with many large variables.
TEST(Mail, StaysWithinItsSizeAndSaysSo) {
  Event event = banner_event();
  const std::string blob(3000, '<');
  Frame big = event.exceptions[0].frames[2];
  big.line = 99;
  big.variables.clear();
  for (int i = 0; i < 200; ++i) {
    big.variables.push_back(variable(event.keep("v" + std::to_string(i)), Value::string(blob)));
  }
  for (int i = 0; i < 200; ++i) {
    event.exceptions[0].frames.insert(event.exceptions[0].frames.begin(), big);
  }
  const Mail mail = render_mail(banner_facts(&event));
  EXPECT_LE(mail.html.size() + mail.text.size(), kMailBytes);
  EXPECT_THAT(mail.html, HasSubstr("the occurrence has"));
  EXPECT_THAT(mail.html, AllOf(HasSubstr("Ada Lovelace"), HasSubstr("Traceback")));
}

// '&' and '\x01' grow most when they are made safe, '日' in a link.
class HugeMail : public testing::TestWithParam<std::string_view> {};

TEST_P(HugeMail, Fits) {
  Event event;
  std::string blob;
  while (blob.size() < 60'000) blob += GetParam();
  for (int i = 0; i < 10; ++i) {
    Exception exception;
    exception.type = exception.message = exception.module = blob;
    for (int f = 0; f < 100; ++f) exception.frames.push_back(frame(blob, blob, 5, blob));
    event.exceptions.push_back(std::move(exception));
  }
  Request request;
  request.method = request.url = request.query = request.user_ip = blob;
  for (int i = 0; i < 1000; ++i) request.headers.emplace_back(blob, blob);
  request.body = Value::string(blob);
  event.request = request;
  event.person.id = event.person.email = event.person.username = blob;
  for (int i = 0; i < 1000; ++i) event.tags.emplace_back(blob, blob);
  MailFacts facts = banner_facts(&event);
  facts.header = facts.why = facts.intended_for = blob;
  facts.incident.project = facts.incident.environment = facts.incident.host = blob;
  facts.incident.release = facts.incident.status = blob;
  facts.incident.place = {blob, blob, blob, 5};
  Verdict& verdict = facts.incident.verdict;
  verdict.summary = verdict.author_name = verdict.author_email = verdict.repository = blob;
  verdict.source.assign(5, {5, blob});
  verdict.reasons.assign(100, blob);
  verdict.problem = blob;
  const Links links("https://flawless.example");
  facts.incident.links.traceback = links.traceback(facts.incident.place, "key");
  facts.incident.links.whitelist = links.whitelist(facts.incident.place, "key");
  const Mail mail = render_mail(facts);
  EXPECT_LE(mail.html.size() + mail.text.size(), kMailBytes);
}

INSTANTIATE_TEST_SUITE_P(Bytes, HugeMail, testing::Values("&", "\x01", "日", "a\n"));

TEST(Rollup, OneBlockPerLine) {
  RollupFacts facts;
  facts.project = "shop";
  facts.recipient = "ada@shop.example";
  facts.report_link = "https://flawless.example/get_weekly_error_report";
  facts.lines.assign(7, banner_facts(nullptr));
  facts.lines[3].incident.place.line = 1234;
  const Mail mail = render_rollup(facts);
  EXPECT_EQ(mail.subject, "[shop] 7 new errors in your code");
  for (const std::string& part : {mail.html, mail.text}) {
    EXPECT_THAT(part,
                AllOf(HasSubstr("7 new errors in your code"), HasSubstr("shop/banner.py:1234"),
                      HasSubstr("#49"), HasSubstr(facts.report_link),
                      HasSubstr(facts.lines[0].incident.links.whitelist)));
  }
}

TEST(Rollup, ManyLinesFitAndTheRestIsCounted) {
  RollupFacts facts;
  facts.lines.assign(5000, banner_facts(nullptr));
  const Mail mail = render_rollup(facts);
  EXPECT_EQ(mail.subject, "5,000 new errors in your code");
  EXPECT_LE(mail.html.size() + mail.text.size(), kMailBytes);
  EXPECT_THAT(mail.text, HasSubstr("more lines left out here"));
}

TEST(Undeliverable, NamesAddressAndReason) {
  const Mail mail = render_undeliverable({"shop", "ada@gone.example", "[shop] IndexError",
                                          "550 5.1.1 <ada@gone.example>: no such user",
                                          "https://flawless.example/p/1/items/49", "", ""});
  EXPECT_EQ(mail.subject, "[shop] Could not mail ada@gone.example");
  EXPECT_THAT(mail.text, AllOf(HasSubstr("550 5.1.1 <ada@gone.example>: no such user"),
                               HasSubstr("[shop] IndexError"), HasSubstr("/p/1/items/49")));
  EXPECT_THAT(mail.html, HasSubstr("550 5.1.1 &lt;ada@gone.example&gt;: no such user"));
}

}  // namespace
}  // namespace flawless::render
