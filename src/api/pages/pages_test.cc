// The plain pages, on a real store and journal.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/pages/page.h"
#include "api/v2/world.h"

namespace flawless::api {
namespace {

using http::Method;
using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

constexpr char kReport[] = "/get_weekly_error_report";
constexpr char kForm[] = "/add_known_error";
constexpr char kAda[] = "ada@shop.example";
const store::Visible kAll{.all = true, .projects = {}};

const render::Place kBanner{"shop/banner.py", "pick_banner", "return banners[i]", 17};

// "&#47;" and friends as what they stand for, as far as addresses need it.
std::string unescaped(std::string text) {
  for (auto [from, to] :
       {std::pair("&#x2F;", "/"), {"&#47;", "/"}, {"&#61;", "="}, {"&amp;", "&"}}) {
    for (size_t at; (at = text.find(from)) != std::string::npos;) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

class PagesTest : public testing::Test {
 protected:
  PagesTest() {
    shown_ = world_.report(shop_, {.uuid = "1", .host = "web1"});
    world_.report(other_, {.uuid = "2", .message = "other's secret", .host = "hidden-host"});
    world_.decide(kAda);
  }

  // A grant as the mail about shop's line has it.
  render::Grant grant() {
    auto line = world_.store().lines().line_of(kAll, shown_.occurrence);
    FLAWLESS_CHECK(line.is_ok());
    return {shop_.id,
            shown_.item_number,
            shown_.occurrence,
            line->id,
            kAda,
            world_.clock.now() + render::kGrantLife};
  }
  std::string key(const render::Grant& of) { return world_.signer.sign(of); }
  // Of `place` in a mail, without the public address.
  static std::string local(const std::string& url) { return url.substr(World::kPublicUrl.size()); }
  std::string traceback(const render::Place& place, std::string_view with_key = "",
                        int64_t week = 0) {
    return local(links_.traceback(place, with_key, week));
  }

  http::Response visit(std::string_view target, std::string_view cookie = "") {
    return world_.browse(Method::kGet, target, cookie, "", "");
  }
  http::Response post(std::string_view form, std::string_view cookie = "",
                      std::string_view origin = World::kPublicUrl) {
    return world_.browse(Method::kPost, kForm, cookie, form, origin);
  }
  size_t rules() { return world_.store().lines().rules(kAll)->size(); }

  World world_;
  World::Project shop_ = world_.make_project("shop");
  World::Project other_ = world_.make_project("other");
  render::Links links_{std::string(World::kPublicUrl)};
  store::Applied shown_;
};

TEST_F(PagesTest, NobodyIsSentToSignIn) {
  for (const std::string& target : {std::string(kReport), traceback(kBanner), std::string(kForm),
                                    std::string("/save_known_error")}) {
    http::Response reply = visit(target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_THAT(reply.body, HasSubstr("href=\"/signin\"")) << target;
    EXPECT_THAT(reply.body, Not(HasSubstr("banner"))) << target;
  }
  EXPECT_EQ(post("filename=shop/banner.py").status, 401);
  EXPECT_EQ(rules(), 0u);
}

TEST_F(PagesTest, PagesKeepToThemselves) {
  const std::string cookie = world_.browser(kAda);
  for (const std::string& target :
       {std::string(kReport), traceback(kBanner), std::string("/view_traceback")}) {
    http::Response reply = visit(target, cookie);
    const std::string policy = header_of(reply, "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; style-src 'sha256-")) << target;
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'")) << target;
    EXPECT_THAT(policy, Not(HasSubstr("script"))) << target;
    EXPECT_EQ(header_of(reply, "Referrer-Policy"), "no-referrer") << target;
    EXPECT_EQ(header_of(reply, "Cache-Control"), "no-store") << target;
    EXPECT_THAT(reply.content_type, HasSubstr("text/html")) << target;
  }
}

// --- the report ---

TEST_F(PagesTest, TheReportListsLinesByDeveloperWithLinksThatWork) {
  const std::string cookie = world_.browser("grace@shop.example");
  http::Response reply = visit(kReport, cookie);
  ASSERT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(std::string("id=\"") + kAda + "\""));
  EXPECT_THAT(reply.body, HasSubstr("pick_banner"));
  const std::string page = unescaped(reply.body);
  const size_t at = page.find("https://flawless.example/view_traceback?");
  ASSERT_NE(at, std::string::npos) << page;
  const std::string link = local(page.substr(at, page.find('"', at) - at));
  EXPECT_EQ(visit(link, cookie).status, 200) << link;
}

TEST_F(PagesTest, TheReportIsOfOneWeek) {
  const std::string cookie = world_.browser(kAda);
  const int64_t now = unix_ms(world_.clock.now()) / 1000;
  world_.clock.advance(days(7));
  EXPECT_THAT(visit(kReport, cookie).body, HasSubstr("no errors"));
  const auto of = [&](const std::string& timestamp) {
    return visit(fmt::format("{}?timestamp={}", kReport, timestamp), cookie);
  };
  for (const std::string& same :
       {fmt::format("{}", now), fmt::format("{}.75", now), fmt::format("{}123", now)}) {
    EXPECT_THAT(of(same).body, HasSubstr("pick_banner")) << same;
  }
  for (const char* bad : {"x", "17x", "-5", "nan", "inf", "1e99", "2026-01-01", "0x10"}) {
    EXPECT_EQ(of(bad).status, 400) << bad;
  }
}

TEST_F(PagesTest, WeeksBeginOnSundayAtMidnightUtc) {
  const Week week = week_of(*parse_rfc3339("2026-11-25T13:00:00Z"));
  EXPECT_EQ(to_rfc3339(week.from), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(week.to), "2026-11-29T00:00:00.000Z");
  EXPECT_EQ(week_of(week.from).from, week.from);
  EXPECT_EQ(week_of(week.from - std::chrono::milliseconds(1)).to, week.from);
}

TEST_F(PagesTest, FlagsAreWordsForYes) {
  const Fields fields(
      {{"a", "False"}, {"b", "0"}, {"c", ""}, {"d", "True"}, {"e", "1"}, {"f", "off"}});
  for (const char* no : {"a", "b", "c", "f", "absent"}) EXPECT_FALSE(fields.flag(no)) << no;
  for (const char* yes : {"d", "e"}) EXPECT_TRUE(fields.flag(yes)) << yes;
}

TEST_F(PagesTest, KnownErrorsAndOldCodeAreShownWhenAskedFor) {
  world_.report(shop_, {.uuid = "3", .function = "known_one"});
  world_.decide_as({.known = true});
  world_.report(shop_, {.uuid = "4", .function = "old_one"});
  world_.decide_as({.changed_at = world_.clock.now() - days(400)});
  ApiParts parts = world_.parts();
  parts.report_only_after = world_.clock.now() - days(365);
  http::Router router;
  mount(router, parts);
  const auto page = [&](std::string_view query) {
    return ask(router,
               make_request(Method::kGet, std::string(kReport) + std::string(query), shop_.read))
        .body;
  };
  EXPECT_THAT(page(""), AllOf(Not(HasSubstr("known_one")), Not(HasSubstr("old_one"))));
  EXPECT_THAT(page("?include_known_errors=False&include_modified_before_min_date=0"),
              AllOf(Not(HasSubstr("known_one")), Not(HasSubstr("old_one"))));
  EXPECT_THAT(page("?include_known_errors=True"),
              AllOf(HasSubstr("known_one"), Not(HasSubstr("old_one"))));
  EXPECT_THAT(page("?include_modified_before_min_date=True"),
              AllOf(Not(HasSubstr("known_one")), HasSubstr("old_one")));
  EXPECT_THAT(page("?include_known_errors=1&include_modified_before_min_date=1"),
              AllOf(HasSubstr("known_one"), HasSubstr("old_one"), HasSubstr("pick_banner")));
}

// --- the traceback ---

TEST_F(PagesTest, TheTracebackIsOfTheNewestOccurrence) {
  const std::string cookie = world_.browser(kAda);
  world_.clock.advance(hours(1));
  world_.report(shop_, {.uuid = "5", .message = "a newer one", .host = "web7"});
  http::Response reply = visit(traceback(kBanner), cookie);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, AllOf(HasSubstr("a newer one"), HasSubstr("web7")));
  EXPECT_THAT(reply.body, HasSubstr("Ada &quot;&lt;b&gt;&quot; Lovelace"));
  EXPECT_THAT(reply.body, Not(HasSubstr("key-secret")));
}

TEST_F(PagesTest, TheTracebackNeedsAllThatNamesALine) {
  const std::string cookie = world_.browser(kAda);
  const std::vector<std::pair<std::string, std::string>> all = {{"filename", "shop%2Fbanner.py"},
                                                                {"function_name", "pick_banner"},
                                                                {"line_number", "17"},
                                                                {"text", "return+banners%5Bi%5D"}};
  for (const auto& [missing, unused] : all) {
    std::string target = "/view_traceback?x=1";
    for (const auto& [name, value] : all) {
      if (name != missing) target += "&" + name + "=" + value;
    }
    http::Response reply = visit(target, cookie);
    EXPECT_EQ(reply.status, 400) << missing;
    EXPECT_THAT(reply.body, HasSubstr(missing)) << missing;
  }
  render::Place elsewhere = kBanner;
  elsewhere.path = "shop/nothing.py";
  http::Response reply = visit(traceback(elsewhere), cookie);
  EXPECT_EQ(reply.status, 404);
  EXPECT_THAT(reply.body, HasSubstr("Not Found"));
  render::Place bad = kBanner;
  EXPECT_EQ(visit(traceback(bad) + "x", cookie).status, 404);
  EXPECT_EQ(visit("/view_traceback?filename=a&function_name=b&line_number=x&text=c", cookie).status,
            400);
}

TEST_F(PagesTest, TheTracebackOfAnOlderWeekAndWithoutItsBody) {
  const std::string cookie = world_.browser(kAda);
  const int64_t then = unix_ms(world_.clock.now()) / 1000;
  world_.clock.advance(days(14));
  EXPECT_EQ(visit(traceback(kBanner), cookie).status, 200);
  EXPECT_EQ(visit(traceback(kBanner, "", then), cookie).status, 200);
  EXPECT_EQ(visit(traceback(kBanner, "", then + 14 * 86'400), cookie).status, 404);
  world_.drop_bodies();
  http::Response reply = visit(traceback(kBanner), cookie);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("pick_banner"));
}

TEST_F(PagesTest, AMovedLineIsFoundByItsText) {
  render::Place moved = kBanner;
  moved.line = 99;
  moved.text = "   return   banners[i]\n";
  EXPECT_EQ(visit(traceback(moved), world_.browser(kAda)).status, 200);
}

// --- links of mails ---

TEST_F(PagesTest, AMailsLinksWorkWithoutAnAccount) {
  const std::string link = key(grant());
  http::Response shown = visit(traceback(kBanner, link));
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_THAT(shown.body, HasSubstr("list index out of range"));
  http::Response report = visit(fmt::format("{}?key={}", kReport, link));
  ASSERT_EQ(report.status, 200);
  EXPECT_THAT(report.body, HasSubstr("pick_banner"));
  http::Response form = visit(local(links_.whitelist(kBanner, link)));
  ASSERT_EQ(form.status, 200);
  EXPECT_THAT(form.body, HasSubstr(link));
  // A page that was reached by a key gives nothing to the addresses it links to.
  EXPECT_EQ(header_of(form, "Referrer-Policy"), "no-referrer");
  const std::string page = unescaped(report.body);
  const size_t at = page.find("https://flawless.example/view_traceback?");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(visit(local(page.substr(at, page.find('"', at) - at))).status, 200);
}

TEST_F(PagesTest, TamperedAndExpiredLinksAreRefused) {
  std::string link = key(grant());
  world_.clock.advance(render::kGrantLife);
  EXPECT_EQ(visit(traceback(kBanner, link)).status, 403);
  link = key(grant());
  link[link.size() / 2] = link[link.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& target :
       {traceback(kBanner, link), fmt::format("{}?key={}", kReport, link),
        local(links_.whitelist(kBanner, link))}) {
    http::Response reply = visit(target);
    EXPECT_EQ(reply.status, 403) << target;
    EXPECT_THAT(reply.body, Not(HasSubstr("pick_banner"))) << target;
  }
  EXPECT_EQ(post("filename=shop%2Fbanner.py&key=" + link).status, 403);
  EXPECT_EQ(rules(), 0u);
  // Who has an account needs no link.
  EXPECT_EQ(visit(traceback(kBanner, link), world_.browser(kAda)).status, 200);
}

TEST_F(PagesTest, ALinkIsForItsLineAndItsAddressOnly) {
  world_.report(shop_, {.uuid = "6", .message = "not hers", .function = "reserve"});
  world_.decide("grace@shop.example");
  render::Place reserve = kBanner;
  reserve.function = "reserve";
  const std::string link = key(grant());
  EXPECT_EQ(visit(traceback(reserve, link)).status, 404);
  EXPECT_EQ(visit(traceback(reserve), world_.browser(kAda)).status, 200);
  EXPECT_THAT(visit(fmt::format("{}?key={}", kReport, link)).body, Not(HasSubstr("reserve")));
  render::Grant nobodys = grant();
  nobodys.email.clear();
  EXPECT_THAT(visit(fmt::format("{}?key={}", kReport, key(nobodys))).body,
              Not(HasSubstr("pick_banner")));
  // A row's own link leads to that row, not to the item with its other lines.
  render::Grant narrow = grant();
  narrow.item_number = 0;
  EXPECT_EQ(visit(traceback(kBanner, key(narrow))).status, 200);
  narrow.line = {9'999};
  EXPECT_EQ(visit(traceback(kBanner, key(narrow))).status, 404);
}

// Every page with the credentials of another project: nothing of ours, whatever is asked.
TEST_F(PagesTest, IsolationOfProjects) {
  render::Grant foreign = grant();
  foreign.project = other_.id;
  const std::string theirs = key(foreign);
  for (const std::string& extra : {"key=" + theirs, "access_token=" + other_.read}) {
    http::Response report = visit(fmt::format("{}?{}&project=shop", kReport, extra));
    EXPECT_EQ(report.status, 404) << extra;
    http::Response own = visit(fmt::format("{}?{}", kReport, extra));
    EXPECT_THAT(own.body, Not(HasSubstr("web1"))) << extra;
    http::Response shown = visit(traceback(kBanner) + "&" + extra);
    EXPECT_THAT(shown.body, Not(HasSubstr("list index out of range"))) << extra;
    EXPECT_THAT(shown.body, Not(HasSubstr("web1"))) << extra;
  }
  for (const std::string& token : {other_.write, other_.read, other_.post, shop_.read}) {
    http::Request request = make_request(Method::kPost, kForm, token,
                                         fmt::format("filename=x.py&project={}", shop_.id.v));
    const int status = world_.ask(std::move(request)).status;
    EXPECT_TRUE(status == 403 || status == 404) << status;
  }
  EXPECT_EQ(rules(), 0u);
}

// What a page links to for a token's bearer is good for looking, also without the token.
TEST_F(PagesTest, ATokensPageGivesNoLinkThatActs) {
  const auto page_of = [&](const std::string& target) {
    return unescaped(world_.ask(make_request(Method::kGet, target, shop_.read)).body);
  };
  EXPECT_THAT(page_of(traceback(kBanner)), Not(HasSubstr(kForm)));
  const std::string page = page_of(kReport);
  const size_t at = page.find("https://flawless.example/view_traceback?");
  ASSERT_NE(at, std::string::npos);
  const std::string link = local(page.substr(at, page.find('"', at) - at));
  ASSERT_EQ(visit(link).status, 200) << link;
  const std::string given = link.substr(link.find("key="));
  for (const char* type : {"known_errors", "building_blocks", "third_party_whitelist"}) {
    EXPECT_EQ(post(fmt::format("filename=shop%2Fbanner.py&type={}&{}", type, given), "", "").status,
              403);
  }
  EXPECT_EQ(rules(), 0u);
}

// --- known errors ---

TEST_F(PagesTest, TheFormIsFilledInAndChangesNothing) {
  const std::string link = key(grant());
  render::Place odd = kBanner;
  odd.text = "  x = \"a+b&c\" < '\u00e4'\n";
  for (const std::string& cookie : {std::string(), world_.browser(kAda)}) {
    http::Response reply = visit(local(links_.whitelist(odd, link)), cookie);
    ASSERT_EQ(reply.status, 200);
    EXPECT_THAT(unescaped(reply.body), HasSubstr("value=\"shop/banner.py\""));
    EXPECT_THAT(reply.body, HasSubstr("a+b&amp;c"));
    EXPECT_THAT(reply.body, HasSubstr("&lt;"));
  }
  EXPECT_EQ(visit(kForm, world_.browser("grace@shop.example")).status, 200);
  EXPECT_EQ(rules(), 0u);
}

TEST_F(PagesTest, PostingTheFormMakesTheRule) {
  const std::string link = key(grant());
  http::Response reply = post(
      "filename=shop%2Fbanner.py&function_name=pick_banner&code_fragment=+return+banners%5Bi%5D%0D%"
      "0A"
      "&type=known_errors&min_alert_threshold=&max_alert_threshold=0&alert_every_n_occurrences=100"
      "&email_recipients=ops%40shop.example%2C+&email_header=Known&key=" +
          link,
      "", "");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr("SUCCESS"));
  auto made = *world_.store().lines().rules(kAll);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].path, "shop/banner.py");
  EXPECT_EQ(made[0].code, "return banners[i]");
  EXPECT_EQ(made[0].project, shop_.id);
  EXPECT_EQ(made[0].created_by, std::string("mail to ") + kAda);
  EXPECT_EQ(made[0].max_alert_threshold, 0);
  EXPECT_EQ(made[0].min_alert_threshold, std::nullopt);
  EXPECT_EQ(made[0].alert_every_n_occurrences, 100);
  EXPECT_THAT(made[0].email_recipients, testing::ElementsAre("ops@shop.example"));
  EXPECT_EQ(world_.rules_changed, 1);
}

TEST_F(PagesTest, AMailsLinkSilencesItsOwnFileOnly) {
  const std::string link = key(grant());
  EXPECT_EQ(post("filename=shop%2Fdb.py&key=" + link, "", "").status, 403);
  EXPECT_EQ(post("filename=other%2Fshop%2Fbanner.py&key=" + link, "", "").status, 403);
  EXPECT_EQ(rules(), 0u);
  render::Place elsewhere = kBanner;
  elsewhere.path = "shop/db.py";
  EXPECT_EQ(visit(local(links_.whitelist(elsewhere, link))).status, 403);
  // The whole file, by leaving the rest blank.
  EXPECT_EQ(post("filename=shop%2Fbanner.py&key=" + link, "", "").status, 200);
  EXPECT_EQ(rules(), 1u);
}

// What is reported is anybody's to choose: a link with it must not silence a whole project.
TEST_F(PagesTest, AMailsLinkIsForNoPatternAndNoFolder) {
  int reports = 100;
  const auto form = [&](const std::string& path) {
    const auto sent = world_.report(shop_, {.uuid = std::to_string(++reports), .path = path});
    world_.decide(kAda);
    render::Grant of = grant();
    of.occurrence = sent.occurrence;
    of.line = world_.store().lines().line_of(kAll, sent.occurrence)->id;
    return "filename=" + render::percent_encode(path) + "&key=" + key(of);
  };
  for (const char* path : {"*", "**/*.py", "shop", "/", "shop/?????.py", "a.js?*", "a.js?/b"}) {
    EXPECT_EQ(post(form(path), "", "").status, 403) << path;
    EXPECT_EQ(visit(std::string(kForm) + "?" + form(path)).status, 403) << path;
  }
  EXPECT_EQ(rules(), 0u);
  size_t made = 0;
  for (const char* path : {"pages/index.js?a1b2", "/srv/app/shop/banner.py", "shop/a.b/c.rb"}) {
    EXPECT_EQ(post(form(path), "", "").status, 200) << path;
    EXPECT_EQ(rules(), ++made) << path;
  }
}

TEST_F(PagesTest, BadFormsComeBackWithWhatIsWrong) {
  const std::string cookie = world_.browser(kAda);
  const std::pair<const char*, const char*> bad[] = {
      {"function_name=f", "file name"},
      {"filename=x&min_alert_threshold=many", "min_alert_threshold"},
      {"filename=x&alert_every_n_occurrences=-1", "alert_every_n_occurrences"},
      {"filename=x&email_recipients=nobody", "address"},
      {"filename=x&type=watch", "type"}};
  for (auto [form, hint] : bad) {
    http::Response reply = post(form, cookie);
    EXPECT_EQ(reply.status, 400) << form;
    EXPECT_THAT(reply.body, HasSubstr(hint)) << form;
    EXPECT_THAT(reply.body, HasSubstr("<form")) << form;
  }
  EXPECT_EQ(post("filename=x&project=nothing", cookie).status, 404);
  EXPECT_EQ(post(std::string(70'000, 'x'), cookie).status, 413);
  EXPECT_EQ(rules(), 0u);
}

TEST_F(PagesTest, OtherSitesPostNothingInOnesName) {
  const std::string cookie = world_.browser(kAda);
  EXPECT_EQ(post("filename=x", cookie, "https://evil.example").status, 403);
  EXPECT_EQ(post("filename=x", cookie, "").status, 403);
  EXPECT_EQ(rules(), 0u);
  // So that browsers say where our own form comes from.
  EXPECT_EQ(header_of(visit(kForm, cookie), "Referrer-Policy"), "same-origin");
  EXPECT_EQ(post("filename=x", cookie).status, 200);
  auto made = *world_.store().lines().rules(kAll);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_FALSE(made[0].project);
  EXPECT_EQ(made[0].created_by, kAda);
}

TEST_F(PagesTest, TheOldAddressSavesToo) {
  http::Response reply = world_.browse(Method::kPost, "/save_known_error", world_.browser(kAda),
                                       "filename=x.py&type=building_blocks");
  EXPECT_EQ(reply.status, 200);
  auto made = *world_.store().lines().rules(kAll);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].kind, store::RuleKind::kLibraryCode);
}

// --- hostile text ---

TEST_F(PagesTest, WhatIsReportedStaysText) {
  const std::string cookie = world_.browser(kAda);
  int number = 100;
  for (std::string_view hostile : {"<script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
                                   "{{{style}}}<svg onload=x>", "</title><b>"}) {
    const std::string text(hostile);
    world_.report(shop_, {.uuid = std::to_string(++number),
                          .message = text,
                          .function = text,
                          .environment = text,
                          .release = text,
                          .host = text});
    world_.decide(text + "@shop.example");
    render::Place place = kBanner;
    place.function = text;
    for (const std::string& target :
         {std::string(kReport), traceback(place), local(links_.whitelist(place, "")),
          traceback({text, text, text, 1}),
          fmt::format("{}?timestamp=", kReport) + render::percent_encode(text),
          fmt::format("{}?project=", kReport) + render::percent_encode(text),
          local(links_.whitelist({text, text, text, 1}, ""))}) {
      http::Response reply = visit(target, cookie);
      EXPECT_THAT(reply.body, Not(HasSubstr("<script"))) << target;
      EXPECT_THAT(reply.body, Not(HasSubstr("<img"))) << target;
      EXPECT_THAT(reply.body, Not(HasSubstr("<svg"))) << target;
      EXPECT_THAT(reply.body, Not(HasSubstr("</title><b>"))) << target;
    }
    EXPECT_EQ(visit(traceback(place), cookie).status, 200) << text;
  }
}

// --- health ---

TEST_F(PagesTest, CheckHealthTellsOptionsToAdministrators) {
  world_.health.faults = {"The disk is full."};
  const auto text = [&](const std::string& cookie) { return visit("/check_health", cookie).body; };
  EXPECT_EQ(text(""), "FAIL");
  EXPECT_EQ(text(world_.browser("grace@shop.example", "member")), "FAIL");
  EXPECT_EQ(text("flawless_session=" + std::string(43, 'x')), "FAIL");
  EXPECT_EQ(world_.get("/check_health", shop_.read).body, "FAIL");
  EXPECT_EQ(world_.get("/check_health", "wrong").body, "FAIL");
  EXPECT_EQ(world_.get("/check_health", shop_.write).body, "FAIL");
  EXPECT_EQ(world_.get("/check_health", world_.make_token({}, store::Scope::kRead)).body,
            "FAIL\nThe disk is full.\n");
  const std::string all = world_.make_token({}, store::Scope::kWrite);
  for (const std::string& detailed :
       {text(world_.browser(kAda)), world_.get("/check_health", all).body}) {
    EXPECT_THAT(detailed, testing::StartsWith("FAIL\nThe disk is full.\n"));
    EXPECT_THAT(detailed, HasSubstr("\nhttp.port = 8080\nmail.smtp_password = (set)\n"));
  }
  http::Request page = make_request(Method::kGet, "/check_health", all);
  page.headers.push_back({"Accept", "text/html"});
  http::Response reply = world_.ask(std::move(page));
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("http.port"));
  EXPECT_THAT(reply.content_type, HasSubstr("text/html"));
}

}  // namespace
}  // namespace flawless::api
