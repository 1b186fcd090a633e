#include "triage/rule_match.h"

#include <gtest/gtest.h>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

TEST(BestMatch, PrefersTheRuleThatSaysMost) {
  const Frame culprit = own("shop/cart.py", "total", "    return sum(prices)");
  const std::vector<LibraryCode> rules = {{"shop/cart.py", "", ""},
                                          {"shop", "total", ""},
                                          {"shop/cart.py", "total", ""},
                                          {"shop/cart.py", "", "return sum( prices)"},
                                          {"shop/cart.py", "", "sum(prices)"},
                                          {"shop/other.py", "total", "return sum(prices)"}};
  EXPECT_EQ(best_match(culprit, rules), 4U);
  EXPECT_EQ(best_match(culprit, std::span(rules).first(4)), 2U);
  EXPECT_EQ(best_match(culprit, std::span(rules).first(1)), 0U);
  EXPECT_EQ(best_match(own("shop/banner.py", "total"), rules), 1U);
  EXPECT_EQ(best_match(own("lib/cart.py", "total"), rules), std::nullopt);
  EXPECT_EQ(best_match(culprit, {}), std::nullopt);
}

TEST(BestMatch, OfEqualsTakesTheFirst) {
  const std::vector<LibraryCode> rules = {{"shop/cart.py", "total", ""},
                                          {"shop/cart.py", "total", ""}};
  EXPECT_EQ(best_match(own("shop/cart.py", "total"), rules), 0U);
}

TEST(HasMatch, LooksAtOuterFramesAndCausesToo) {
  const Event event =
      event_of("python",
               {exception("Error", "x", {own("shop/app.py", "main"), own("shop/cart.py", "total")}),
                exception("Timeout", "y",
                          {frame("/usr/lib/python3/dist-packages/redis/client.py", "get")})});
  const auto has = [&](std::string path) {
    const std::vector<LibraryCode> rules = {{"nowhere.py", "", ""}, {std::move(path), "", ""}};
    return has_match(event, rules);
  };
  EXPECT_TRUE(has("shop/app.py"));
  EXPECT_TRUE(has("redis/client.py"));
  EXPECT_FALSE(has("redis/server.py"));
  EXPECT_FALSE(has_match(event, {}));
}

}  // namespace
}  // namespace flawless::triage
