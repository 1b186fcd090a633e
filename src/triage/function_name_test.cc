#include "triage/function_name.h"

#include <gtest/gtest.h>

namespace flawless::triage {
namespace {

std::string function(std::string_view name, Language language) {
  std::string out;
  append_function(out, name, language);
  return out;
}
std::string class_name(std::string_view name, Language language) {
  std::string out;
  append_class(out, name, language);
  return out;
}

// Over-merge: names that the source gives.
TEST(FunctionName, NumbersInNamesOfSourcesStay) {
  for (std::string_view name : {"tax_2024", "tax_2025", "step1", "migrate_20240131", "rfc3339"})
    EXPECT_EQ(function(name, Language::kPython), name);
  for (std::string_view name : {"Error1001", "Error1002", "shop.Rfc7807Problem"})
    EXPECT_EQ(class_name(name, Language::kPython), name);
  EXPECT_EQ(function("tax2024", Language::kJavaScript), "tax2024");
  EXPECT_EQ(class_name("Shop.Error1001", Language::kDotNet), "Shop.Error1001");
}

// Over-split: names that a run-time gives.
TEST(FunctionName, NumbersThatARunTimeMakesUpDoNotCount) {
  EXPECT_EQ(function("handler_140234567890", Language::kPython), "handler_<number>");
  EXPECT_EQ(function("__template_0x7f12ab", Language::kPython), "__template_<number>");
  EXPECT_EQ(class_name("Proxy1700000000123", Language::kPython), "Proxy<number>");
  EXPECT_EQ(function("84371", Language::kJavaScript), "<number>") << "a module of a bundle";
  EXPECT_EQ(function("n.84371", Language::kJavaScript), "<number>");
}

// Over-split: a closure's number changes with every closure above it, and its name with what the
// compiler inlines.
TEST(FunctionName, GosClosuresAreCalledByTheirFunction) {
  for (auto [name, wanted] : {
           std::pair{"shop.(*Banner).pick.func1.2", "shop.(*Banner).pick"},
           std::pair{"main.run.func12", "main.run"},
           std::pair{"main.run.func1.gowrap2", "main.run"},
           std::pair{"main.run.func1.deferwrap1", "main.run"},
           std::pair{"main.run-range3", "main.run"},
           std::pair{"main.run.func1-range2", "main.run"},
           std::pair{"glob..func3", "glob."},
           std::pair{"report.func1.(*Shop).First.1", "(*Shop).First"},
           std::pair{"report.func1.First.2.1", "First"},
           std::pair{"func1", "func"},
           std::pair{"func2.1", "func"},
       }) {
    EXPECT_EQ(function(name, Language::kGo), wanted);
  }
  for (std::string_view name : {"main.funcs", "main.func_1", "functional", "main.run-ranges",
                                "(*Shop).Pick", "main.step1", "v2.Run"})
    EXPECT_EQ(function(name, Language::kGo), name);
  EXPECT_EQ(function("shop.at[...]", Language::kGo), "shop.at");
}

}  // namespace
}  // namespace flawless::triage
