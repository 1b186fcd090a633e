#include "triage/file_name.h"

#include <gtest/gtest.h>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

std::string named(std::string_view path, std::string_view module) {
  Event event = event_of("java", {exception("E", "m")});
  Frame frame;
  frame.path = path;
  frame.module = module;
  event.exceptions[0].frames = {frame};
  event.threads.emplace_back().frames = {frame};
  name_files(event);
  EXPECT_EQ(event.threads[0].frames[0].path, event.exceptions[0].frames[0].path);
  return std::string(event.exceptions[0].frames[0].path);
}

TEST(FileName, OfTheJvmLiesInItsPackage) {
  EXPECT_EQ(named("Cart.java", "com.shop.Cart"), "com/shop/Cart.java");
  EXPECT_EQ(named("Cart.java", "com.shop.Cart$Line"), "com/shop/Cart.java");
  EXPECT_EQ(named("Cart.java", "com.shop.Cart$$Lambda$26/0x00007f"), "com/shop/Cart.java");
  EXPECT_EQ(named("cart.kt", "com.shop.CartKt"), "com/shop/cart.kt");
}

TEST(FileName, StaysWhereTheClassTellsNothingMore) {
  EXPECT_EQ(named("Cart.java", "Cart"), "Cart.java");
  EXPECT_EQ(named("Cart.java", ""), "Cart.java");
  EXPECT_EQ(named("src/Cart.java", "com.shop.Cart"), "src/Cart.java");
  EXPECT_EQ(named("C:\\src\\Cart.java", "com.shop.Cart"), "C:\\src\\Cart.java");
  EXPECT_EQ(named("Cart.java", "app//com.shop.Cart"), "Cart.java");
  EXPECT_EQ(named("cart.py", "shop.cart"), "cart.py");
  EXPECT_EQ(named("", "com.shop.Cart"), "");
}

}  // namespace
}  // namespace flawless::triage
