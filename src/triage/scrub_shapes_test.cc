// No key stands here as it would be used, so that nobody's scanner takes this file for a leak:
// "<36>" stands for as many letters and digits, "<16u>" for capitals and digits.
#include <gtest/gtest.h>

#include <string>

#include "triage/test_events.h"
#include "triage/triage.h"

namespace flawless::triage {
namespace {

const Scrubber& defaults() {
  static const Scrubber scrubber{ScrubRules{}};
  return scrubber;
}

std::string random_looking(size_t count, bool capitals) {
  const std::string_view letters = capitals ? "Q7ZK2MWX4TRB" : "q7Zk2mWx4TrB";
  std::string out;
  while (out.size() < count) out += letters[out.size() % letters.size()];
  return out;
}

std::string filled(std::string_view form) {
  std::string out;
  while (!form.empty()) {
    const size_t open = form.find('<');
    out += form.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t close = form.find('>', open);
    const std::string count(form.substr(open + 1, close - open - 1));
    out += random_looking(std::stoul(count), count.back() == 'u');
    form.remove_prefix(close + 1);
  }
  return out;
}

std::string text(std::string_view form) { return defaults().scrub_text(filled(form)); }

struct Case {
  std::string_view sent, shown;
};

TEST(ScrubShapes, AreHidden) {
  constexpr Case kCases[] = {
      {"eyJ<17>.eyJ<30>.<43>", "[scrubbed]"},
      {"bad token eyJ<17>.eyJ<30>.<20>-_<20>, twice", "bad token [scrubbed], twice"},
      {"unsigned eyJ<17>.eyJ<30>.", "unsigned [scrubbed]."},
      {"AKIA<16u>", "[scrubbed]"},
      {"(ASIA<16u>) denied", "([scrubbed]) denied"},
      {"ghp_<36>", "[scrubbed]"},
      {"gho_<36> ghu_<36> ghs_<36> ghr_<36>", "[scrubbed] [scrubbed] [scrubbed] [scrubbed]"},
      {"github_pat_<22>_<59>", "[scrubbed]"},
      {"glpat-<20>", "[scrubbed]"},
      {"xoxb-<12>-<12>-<24>", "[scrubbed]"},
      {"xoxp-<12>-<12> xoxa-2-<24> xoxr-<24> xoxs-<24>",
       "[scrubbed] [scrubbed] [scrubbed] [scrubbed]"},
      {"POST https://hooks.slack.com/services/<9u>/<11u>/<24> 404",
       "POST https://hooks.slack.com/services/[scrubbed] 404"},
      {"sk_live_<24>", "[scrubbed]"},
      {"No such key: rk_live_<99>; sk_test_<24>; rk_test_<24>",
       "No such key: [scrubbed]; [scrubbed]; [scrubbed]"},
      {"https://maps.example/js?key=AIza<35>&v=3", "https://maps.example/js?key=[scrubbed]&v=3"},
      {"npm_<36>", "[scrubbed]"},
      {"pypi-AgE<150>", "[scrubbed]"},
      {"SG.<22>.<43>", "[scrubbed]"},
      {"Incorrect key sk-<48>.", "Incorrect key [scrubbed]."},
      {"sk-proj-<20>-<30>_<40>", "[scrubbed]"},
      {"sk-ant-api03-<93>AA", "[scrubbed]"},
      {"sk-or-v1-<64> sk-svcacct-<40> sk-admin-<40>", "[scrubbed] [scrubbed] [scrubbed]"},
      {"a.ghp_<36>-ghp_<36>_b", "a.[scrubbed]-[scrubbed]_b"},
      {"path/ghp_<36>/x", "path/[scrubbed]/x"},
      {"'line\\nghp_<36>\\tAKIA<16u>'", "'line\\n[scrubbed]\\t[scrubbed]'"},
      {"/?a=%22ghp_<36>%22&b=%2522AKIA<16u>", "/?a=%22[scrubbed]%22&b=%2522[scrubbed]"},
      {"card 4111 1111 1111 1111 declined", "card [scrubbed] declined"},
      {"4111111111111111", "[scrubbed]"},
      {"visa:4111-1111-1111-1111.", "visa:[scrubbed]."},
      {"n=5555+5555+5555+4444&x=1", "n=[scrubbed]&x=1"},
      {"'378282246310005', 3782 822463 10005", "'[scrubbed]', [scrubbed]"},
      {"30569309025904 or 3056 930902 5904", "[scrubbed] or [scrubbed]"},
      {"6011111111111117 3530111333300000 2223003122003222", "[scrubbed] [scrubbed] [scrubbed]"},
      {"6200 0000 0000 0000 000", "[scrubbed]"},
      {"a-rather-long-word: 4111 1111 1111 1111 12/27", "a-rather-long-word: [scrubbed] 12/27"},
      {"4111 1111 1111 1111 123", "[scrubbed] 123"},
  };
  for (const Case& c : kCases) {
    const std::string once = text(c.sent);
    EXPECT_EQ(once, c.shown) << filled(c.sent);
    EXPECT_EQ(defaults().scrub_text(once), once);
  }
}

TEST(ScrubShapes, CutOff) {
  constexpr Case kCases[] = {
      {"no such token ghp_<12>", "no such token [scrubbed]"},
      {"ghp_<20>...", "[scrubbed]..."},
      {"'ghp_<20>'...", "'[scrubbed]'..."},
      {"AKIA<12u>…", "[scrubbed]…"},
      {"sk-ant-<12>", "[scrubbed]"},
      {"SG.<22>.<12>", "[scrubbed]"},
      {"eyJ<17>.eyJ<12>", "[scrubbed]"},
      {"hooks.slack.com/services/<9u>/<3>", "hooks.slack.com/services/[scrubbed]"},
      {"ghp_<12> goes on", "ghp_q7Zk2mWx4TrB goes on"},
      {"ghp_<11>", "ghp_q7Zk2mWx4Tr"},
  };
  for (const Case& c : kCases) EXPECT_EQ(text(c.sent), c.shown) << filled(c.sent);
}

TEST(ScrubShapes, LeaveWhatOnlyLooksLikeThem) {
  for (std::string_view sent : {
           "eyJ<17>",                    // a cursor: JSON in base64
           "eyJ<17>.<20>.<30>",          // the second part is no object
           "xeyJ<17>.eyJ<30>.<43>",      //
           "AKIA<11u>", "XAKIA<16u>",    //
           "ghp_enabled", "sk_live_mode", "sk_test_keyring_for_development_only",
           "sk-folding-cube-with-many-more-words", "sk-SK", "sk-circle-fade-dot1234567890",
           "npm_config_registry", "npm_lifecycle_event_of_a_long_script_name_that_goes_on",
           "glpat-", "xoxb-your-token", "SG.x.y", "pypi-AgE", "AIza",
           "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
           "hooks.slack.com/services/", "https://hooks.slack.com/services/T0/B0/x",
           "4111111111111112",                        // the check digit
           "1111111111111117", "9111111111111111",    // no issuer
           "4222222222222", "4006381333931",          // 13 digits, an EAN
           "1700000000000", "1700000000000000", "1700000000000000000", "20240131235959",
           "4111111111111111111111", "04111111111111111", "deadbeef4111111111111111",
           "0x4111111111111111", "4111111111111111n", "4111111111111111ff",
           "0.4111111111111111", ".4111111111111111", "4111111111111111.5", "-4111111111111111",
           "12345678-4111-1111-1111-111111111111", "4111-1111-1111-1111-a2b4",
           "ORD-4111111111111111", "4111111111111111-ORD", "order #4111111111111111",
           "/orders/4111111111111111", "order_id=4111111111111111", "{\"id\": 4111111111111111}",
           "{'orderId': '4111111111111111'}", "?a=b&id=4111111111111111",
           "4111 1111 1111 1111 2222 3333", "1234 4111 1111 1111 1111", "dead 4111 1111 1111 1111",
           "4111  1111 1111 1111", "4111 1111-1111 1111", "4111 1111 1111 111", "41 11111111111111",
           "+49 4111 1111 1111 11", "+371 2345 678 901 23", "[4111 1111 1111 1112]",
           "DE12 4111 1111 1111 1111 11", "GB82 WEST 1234 5698 7654 32",
           "550e8400-e29b-41d4-a716-446655440000", "4111,111,111,111,111",
           "4,111,111,111,111,111", "2024-01-31 23:59:59.123456", "127.0.0.1 4111",
       }) {
    EXPECT_EQ(text(sent), filled(sent));
  }
}

TEST(ScrubShapes, AreFoundWhereverTheyStand) {
  for (size_t before = 0; before < 150; ++before) {
    for (std::string_view c : {"ghp_<36>", "'\\nAKIA<16u>'", "%2520AKIA<16u>", "AKIA<12u>",
                               "4111 1111 1111 1111 rest", "/?token-4111=4111111111111111"}) {
      const std::string sent = std::string(before, ',') + filled(c);
      const std::string shown = std::string(before, ',') + text(c);
      EXPECT_EQ(defaults().scrub_text(sent), shown);
      EXPECT_NE(shown, sent);
    }
  }
}

TEST(ScrubShapes, GoWithTheBuiltInNames) {
  const Scrubber names_only{ScrubRules{{"pin"}, false}};
  const std::string sent = filled("pin=1 ghp_<36> 4111111111111111 https://u:p@h/");
  EXPECT_EQ(names_only.scrub_text(sent),
            filled("pin=[scrubbed] ghp_<36> 4111111111111111 https://u:[scrubbed]@h/"));
}

TEST(ScrubShapes, UrlsAndNamesHoldKeysOnly) {
  EXPECT_EQ(defaults().scrub_urls(filled("https://h/AIza<35>/4111 1111 1111 1111")),
            "https://h/[scrubbed]/4111 1111 1111 1111");
  const std::string key = filled("ghp_<36>");
  Arena arena;
  Value value;
  value.kind = Value::Kind::kObject;
  value.members = {{key, Value::string(key)},
                   {"4111111111111111", Value::of_integer(4111111111111111)},
                   {"order_id", Value::string("4111111111111111")},
                   {"orderId", Value::string("'4111111111111111'")},
                   {"paid", Value::string("4111111111111111")}};
  defaults().scrub(value, arena);
  JsonWriter json;
  write_value(json, value);
  EXPECT_EQ(json.text(),
            R"({"[scrubbed]":"[scrubbed]","4111111111111111":4111111111111111,)"
            R"("order_id":"4111111111111111","orderId":"'4111111111111111'",)"
            R"("paid":"[scrubbed]"})");
}

TEST(ScrubShapes, ReachNeitherTitleNorGroup) {
  const auto decided = [](const std::string& message) {
    Event event = event_of("python", {exception("ApiError", message)});
    defaults().scrub(event);
    return std::pair(title(event), group(event).canonical);
  };
  for (std::string_view key : {"AKIA<16u>", "sk_live_<24>", "4111 1111 1111 1111"}) {
    const auto [title, canonical] = decided("refused: " + filled(key) + " of anna");
    EXPECT_EQ(title, "ApiError: refused: [scrubbed] of anna");
    EXPECT_EQ(decided("refused: " + filled("ghp_<40>") + " of anna").second, canonical);
  }
}

TEST(ScrubShapes, NumericIdsOfPeopleStay) {
  Event event;
  event.person.id = "4111111111111111";
  event.tags = {{"order_id", "4111111111111111"}, {"order", "4111111111111111"}};
  defaults().scrub(event);
  EXPECT_EQ(event.person.id, "4111111111111111");
  EXPECT_EQ(event.tags[0].second, "4111111111111111");
  EXPECT_EQ(event.tags[1].second, "[scrubbed]");
}

TEST(ScrubShapes, HostileTextIsLinear) {
  for (std::string_view part :
       {"eyJ", "eyJ-", "eyJ.", "eyJaaaaaaaaaaaa.", "-eyJaaaaaaaaaaaa", "sk_live_", "sk-", "sk-ant-",
        "sk-ant-a", "xoxb-", "SG.", "ghp_", "hooks.slack.com/services/", "4", ".", "-", " ", "4 ",
        "4111 ", "4111-", "4111 1111 1111 1111 ", "\\n", "%20", "%2520", "\"...", "a.4111 1111 1",
        "id=4111111111111111 ", "github_pat_", "pypi-AgE.", "411111111111111.", "4111111111111-"}) {
    std::string sent;
    while (sent.size() < 1000000) sent += part;
    const std::string once = defaults().scrub_text(sent);
    EXPECT_EQ(defaults().scrub_text(once), once) << part;
  }
}

}  // namespace
}  // namespace flawless::triage
