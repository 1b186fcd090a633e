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

}  // namespace
}  // namespace flawless::triage
