#include "scm/relocate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scm/tree.h"

namespace flawless::scm {
namespace {

using How = Relocation::How;
using Lines = std::vector<std::string_view>;

Relocation find(const Lines& lines, uint32_t number, std::string_view text,
                const Lines& before = {}, const Lines& after = {}) {
  return relocate(lines, {number, text, before, after});
}

Relocation find_in(const Lines& lines, uint32_t number, std::string_view text,
                   std::string_view function) {
  return relocate(lines, {number, text, {}, {}, function});
}

void expect(const Relocation& found, How how, uint32_t line) {
  EXPECT_EQ(found.how, how);
  EXPECT_EQ(found.line, line);
}

const Lines kFile = {"def a():", "    x = one()", "    return x", "",
                     "def b():", "    y = two()", "    return x"};

TEST(Relocate, TakesTheNumberWhenTheTextAgrees) {
  expect(find(kFile, 2, "x = one()"), How::kExact, 2);
  expect(find(kFile, 2, "\tx  =  one() \r"), How::kExact, 2);
  // Also when the same text stands elsewhere.
  expect(find(kFile, 7, "return x"), How::kExact, 7);
}

TEST(Relocate, FindsAMovedLineThatIsAlone) {
  expect(find(kFile, 4, "y = two()"), How::kMoved, 6);
  expect(find(kFile, 60, "y = two()"), How::kMoved, 6);
  EXPECT_LT(find(kFile, 4, "y = two()").confidence(), find(kFile, 6, "y = two()").confidence());
}

TEST(Relocate, AsksTheNeighboursWhenThereAreSeveral) {
  expect(find(kFile, 5, "return x"), How::kNone, 0);
  expect(find(kFile, 5, "return x", {"y = two()"}), How::kContext, 7);
  expect(find(kFile, 5, "return x", {"x = one()"}, {"", "def b():"}), How::kContext, 3);
  expect(find(kFile, 5, "return x", {"z = three()"}), How::kNone, 0);
}

TEST(Relocate, DoesNotMoveALineThatSaysNothing) {
  const Lines lines = {"if (a) {", "  go();", "}"};
  expect(find(lines, 3, "}"), How::kExact, 3);
  expect(find(lines, 1, "}"), How::kNone, 0);
  expect(find(lines, 1, "}", {"go();"}), How::kContext, 3);
}

TEST(Relocate, TakesAMovedLineOnlyInTheFunctionThatIsNamed) {
  const Lines lines = {"def f():", "    pass", "", "def g():", "    db.commit()"};
  expect(find_in(lines, 2, "db.commit()", "f"), How::kNone, 0);
  expect(find_in(lines, 2, "db.commit()", "gg"), How::kNone, 0);
  expect(find_in(lines, 2, "db.commit()", "g"), How::kMoved, 5);
  expect(find_in(lines, 2, "db.commit()", "shop.Cart.g"), How::kMoved, 5);
  for (const char* nothing : {"", "<module>", "Object.<anonymous>", "f.<locals>.<lambda>"}) {
    expect(find_in(lines, 2, "db.commit()", nothing), How::kMoved, 5);
  }
  // The number that the text stands at needs no function.
  expect(find_in(lines, 5, "db.commit()", "f"), How::kExact, 5);
}

TEST(Relocate, OfSeveralTakesTheOneInTheFunction) {
  expect(find_in(kFile, 5, "return x", "a"), How::kMoved, 3);
  expect(find_in(kFile, 5, "return x", "b"), How::kMoved, 7);
  expect(find_in(kFile, 5, "return x", "c"), How::kNone, 0);
}

TEST(Relocate, TakesALongTextThatStandsOnceWhereverItIs) {
  const std::string text = "raise PaymentDeclined(order, response.text)";
  Lines lines = {"def f():", "    pass", "def g():", text};
  expect(find_in(lines, 1, text, "f"), How::kMoved, 4);
  const std::string shorter = "raise PaymentDeclined(order, why.status)";
  ASSERT_EQ(shorter.size(), 40U);
  lines[3] = shorter;
  expect(find_in(lines, 1, shorter, "f"), How::kMoved, 4);
  lines[3] = std::string_view(shorter).substr(1);
  expect(find_in(lines, 1, lines[3], "f"), How::kNone, 0);
  lines[3] = text;
  lines.resize(500);
  lines[499] = text;
  expect(find_in(lines, 1, text, "f"), How::kNone, 0);
}

TEST(Relocate, KnowsFunctionsOfManyLanguages) {
  const Lines cpp = {"Result<int> Cart::total(int a,",
                     "                        int b)",
                     "    const",
                     "{",
                     "#ifdef X",
                     "  if (a) {",
                     "    start();",
                     "  }",
                     "out:",
                     "  stop();",
                     "}"};
  expect(find_in(cpp, 1, "start();", "shop::Cart::total(int, int)"), How::kMoved, 7);
  expect(find_in(cpp, 1, "stop();", "Cart::total"), How::kMoved, 10);
  expect(find_in(cpp, 1, "stop();", "Cart::sum"), How::kNone, 0);
  const Lines python = {"class Cart:", "\tasync def total(", "\t\tself,",  "\t) -> int:",
                        "\t\ttry:",    "\t\t\tstart()",       "\t\telse:", "\t\t\tstop()"};
  expect(find_in(python, 1, "start()", "Cart.total"), How::kMoved, 6);
  expect(find_in(python, 1, "stop()", "total"), How::kMoved, 8);
  const Lines script = {"const total = async (x) => {", "  start(x)", "}", "function $sum() {",
                        "  stop()"};
  expect(find_in(script, 1, "start(x)", "async total [as sum]"), How::kMoved, 2);
  const Lines elixir = {"def total(a) do", "  stop()", "end"};
  expect(find_in(elixir, 1, "stop()", "Cart.total/1"), How::kMoved, 2);
  expect(find_in(elixir, 1, "stop()", "Cart.sum/1"), How::kNone, 0);
  const Lines go = {"func (c *Cart) Total() int {", "\treturn c.sum()", "}"};
  expect(find_in(go, 1, "return c.sum()", "main.(*Cart).Total"), How::kMoved, 2);
}

TEST(Relocate, KnowsTheFunctionsThatGeneratedNamesAreMadeOf) {
  const Lines lines = {"def sum(a) {", "  a.stop()", "}", "def total(a) {", "  a.start(1)", "}"};
  const auto names_total = [&](std::string_view function) {
    return find_in(lines, 1, "a.start(1)", function).how == How::kMoved &&
           find_in(lines, 1, "a.stop()", function).how == How::kNone;
  };
  for (const char* go : {"main.(*Cart).total.func1", "shop/cart.(*Cart).total.func2.1.func3",
                         "main.total[...].func1", "main.total.func1.gowrap2"}) {
    EXPECT_TRUE(names_total(go)) << go;
  }
  for (const char* jvm :
       {"lambda$total$0", "com.shop.Cart.lambda$total$12", "$anonfun$total$1",
        "$anonfun$total$1$adapted", "total$lambda$0", "total$1",
        "Cart.lambda$total$0(Cart.java)"}) {
    EXPECT_TRUE(names_total(jvm)) << jvm;
  }
  for (const char* dotnet :
       {"<total>b__0", "<total>b__3_0", "Shop.Cart.<>c__DisplayClass4_0.<total>b__0",
        "<total>d__3.MoveNext", "<<total>b__3_0>d.MoveNext", "<total>g__Add|3_0",
        "Shop.Cart.<total>d__3.MoveNext()"}) {
    EXPECT_TRUE(names_total(dotnet)) << dotnet;
  }
  for (const char* native : {"shop::Cart::total(int) const", "total(void (*)(int), int)",
                             "shop::total(std::function<void (int)>) const",
                             "total [clone .cold]"}) {
    EXPECT_TRUE(names_total(native)) << native;
  }
}

TEST(Relocate, NamesThatOnlyACompilerKnowsAreNone) {
  const Lines lines = {"def sum(a) {", "  a.stop(0, 1)", "}", "new X(0, 1);", "const MoveNext = 1"};
  for (const char* nothing :
       {"MoveNext", "System.Collections.MoveNext()", "<Main>$", "invokeSuspend", "lambda$null$0",
        "lambda$new$0", "lambda$static$1", "$anonfun$1", "main.init.0", "main.glob..func1", "1",
        "1234", "total.isra.0", "<lambda>", "<listcomp>", "total.<locals>.<genexpr>", "anonymous",
        "(anonymous)", "Object.<anonymous>", "new <anonymous>", "Shop.Cart..ctor", "<init>", "$",
        "shop::Sum::operator()(int) const", "shop::total::{{closure}}", "{closure}", "?"}) {
    expect(find_in(lines, 1, "a.stop(0, 1)", nothing), How::kMoved, 2);
  }
  // Names by themselves, though compilers use the words.
  for (const char* name : {"shop::Cart::new", "Cart.static", "Cart.null", "lambda"}) {
    expect(find_in(lines, 1, "a.stop(0, 1)", name), How::kNone, 0);
  }
}

TEST(Relocate, GivesUpOnWhatIsGoneOrFar) {
  expect(find(kFile, 2, "x = other()"), How::kNone, 0);
  expect(find(kFile, 0, "x = other()"), How::kNone, 0);
  Lines far(500, "filler");
  far[449] = "x = one()";
  expect(find(far, 249, "x = one()"), How::kNone, 0);
  expect(find(far, 250, "x = one()"), How::kMoved, 450);
  expect(find({}, 1, "x = one()"), How::kNone, 0);
  expect(find(kFile, 4'294'967'295U, "x = one()"), How::kNone, 0);
}

TEST(Relocate, WithoutTextOnlyTheNumberSpeaks) {
  expect(find(kFile, 7, "  "), How::kUnchecked, 7);
  expect(find(kFile, 8, ""), How::kNone, 0);
  expect(find(kFile, 0, ""), How::kNone, 0);
}

TEST(Relocate, KnowsTextThatWasCutShort) {
  const std::string whole = "call(" + std::string(100, 'a') + ", " + std::string(100, 'b') + ")";
  const Lines lines = {"x", whole};
  expect(find(lines, 2, whole.substr(0, 80) + "..."), How::kExact, 2);
  expect(find(lines, 1, whole.substr(0, 80) + " …"), How::kMoved, 2);
  expect(find({"x", "print(...)"}, 2, "pri..."), How::kNone, 0);
}

TEST(SplitLines, CountsLikeGit) {
  EXPECT_EQ(split_lines(""), Lines{});
  EXPECT_EQ(split_lines("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(split_lines("a\r\nb\r\n"), (Lines{"a", "b"}));
}

}  // namespace
}  // namespace flawless::scm
