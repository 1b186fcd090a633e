#include "render/links.h"

#include <gtest/gtest.h>

#include <map>

namespace flawless::render {
namespace {

// As any form decoder does it.
std::string decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> parameters(std::string_view url) {
  std::map<std::string, std::string> found;
  url = url.substr(url.find('?') + 1);
  url = url.substr(0, url.find('#'));
  while (!url.empty()) {
    const std::string_view pair = url.substr(0, url.find('&'));
    url.remove_prefix(std::min(url.size(), pair.size() + 1));
    found[std::string(pair.substr(0, pair.find('=')))] = decode(pair.substr(pair.find('=') + 1));
  }
  return found;
}

const Place kOdd{"shop/ä b&c=d+.py", "<lambda>", "\t  x = \"1 + 1\" # 100% & 'ünïcode'\n", 7};

TEST(Links, TracebackParametersComeBackExactly) {
  const std::string url = Links("https://f.example").traceback(kOdd, "k-_1", 1763800000);
  EXPECT_TRUE(url.starts_with("https://f.example/view_traceback?")) << url;
  EXPECT_EQ(parameters(url), (std::map<std::string, std::string>{{"filename", kOdd.path},
                                                                 {"function_name", kOdd.function},
                                                                 {"line_number", "7"},
                                                                 {"text", kOdd.text},
                                                                 {"timestamp", "1763800000"},
                                                                 {"key", "k-_1"}}));
}

TEST(Links, WhitelistParametersComeBackExactly) {
  const std::string url = Links("https://f.example").whitelist(kOdd, "");
  EXPECT_EQ(parameters(url), (std::map<std::string, std::string>{{"filename", kOdd.path},
                                                                 {"function_name", kOdd.function},
                                                                 {"code_fragment", kOdd.text}}));
}

TEST(Links, NothingButUrlCharactersComesOut) {
  std::string bytes;
  for (int c = 1; c < 256; ++c) bytes += static_cast<char>(c);
  const std::string url = Links("https://f.example").traceback({bytes, bytes, bytes, 1}, "k");
  for (const char c : url) {
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) ||
                std::string_view(":/?&=%-._~").find(c) != std::string_view::npos)
        << static_cast<int>(c);
  }
  EXPECT_EQ(parameters(url)["text"], bytes);
}

TEST(Links, LongTextIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 5000) text += "日本";
  const std::string url = Links("https://f.example").traceback({"a.py", "f", text, 1}, "");
  const std::string sent = parameters(url)["text"];
  EXPECT_EQ(sent.size(), 999u);
  EXPECT_TRUE(text.starts_with(sent));
}

TEST(Links, ReportLandsOnTheDeveloper) {
  EXPECT_EQ(Links("https://f.example").report("ada+x@shop.example", "K"),
            "https://f.example/get_weekly_error_report?key=K#ada+x@shop.example");
  EXPECT_EQ(Links("https://f.example").item({3}, 49), "https://f.example/p/3/items/49");
}

TEST(SafeUrl, OnlyTheWeb) {
  EXPECT_EQ(safe_url("HTTPS://a.example/x?y#z"), "HTTPS://a.example/x?y#z");
  for (const char* bad :
       {"javascript:alert(1)", "data:text/html,x", "//a.example", "/path", " https://a.example",
        "https://a.example/a b", "https://a.example/\r\nX: y", "https:\\\\a.example", "vbscript:x",
        "ftp://a.example", ""}) {
    EXPECT_EQ(safe_url(bad), "") << bad;
  }
}

}  // namespace
}  // namespace flawless::render
