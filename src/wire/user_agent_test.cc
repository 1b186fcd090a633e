#include "wire/user_agent.h"

#include <gtest/gtest.h>

#include "wire/address.h"
#include "wire/text_codec.h"

namespace flawless::wire {
namespace {

struct Case {
  const char *header, *browser, *version, *os, *os_version, *device;
};

TEST(UserAgent, KnowsWhatPeopleUse) {
  const Case kCases[] = {
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/131.0.0.0 Safari/537.36",
       "Chrome", "131.0.0.0", "Windows", "10", ""},
      {"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer",
       "11.0", "Windows", "7", ""},
      {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "
       "Safari/537.36 OPR/116.0.0.0",
       "Opera", "116.0.0.0", "Windows", "10", ""},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) CriOS/126.0.1 Mobile/15E148 Safari/604.1",
       "Chrome", "126.0.1", "iOS", "17.5.1", "iPhone"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/18.1 Safari/605.1.15",
       "Safari", "18.1", "macOS", "10.15.7", ""},
      {"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A.231105) AppleWebKit/537.36 (KHTML, like "
       "Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
       "Samsung Internet", "25.0", "Android", "14", "Pixel 8"},
      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
       "Mobile Safari/537.36",
       "Chrome", "131.0.0.0", "Android", "10", ""},
      {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox",
       "128.0", "Linux", "", ""},
      {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot",
       "2.1", "", "", ""},
      {"curl/8.5.0", "curl", "8.5.0", "", "", ""},
      {"something else", "", "", "", "", ""},
  };
  for (const Case& c : kCases) {
    Event event;
    apply_user_agent(event, c.header);
    EXPECT_EQ(event.browser, c.browser) << c.header;
    EXPECT_EQ(event.browser_version, c.version) << c.header;
    EXPECT_EQ(event.os, c.os) << c.header;
    EXPECT_EQ(event.os_version, c.os_version) << c.header;
    EXPECT_EQ(event.device, c.device) << c.header;
  }
}

TEST(UserAgent, WhatTheClientSaidStays) {
  Event event;
  event.browser = "Brave";
  apply_user_agent(event, "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36");
  EXPECT_EQ(event.browser, "Brave");
  EXPECT_EQ(event.browser_version, "");
  EXPECT_EQ(event.os, "Linux");
}

TEST(Address, IsAnonymisedByFamily) {
  EXPECT_EQ(anonymised_ip("198.51.100.24"), "198.51.100.0");
  EXPECT_EQ(anonymised_ip("2001:db8:85a3:8d3:1319:8a2e:370:7348"), "2001:db8:85a3::");
  EXPECT_EQ(anonymised_ip("somewhere"), "");
}

TEST(Address, PlaceholdersBecomeThePeer) {
  EXPECT_EQ(resolved_ip("$remote_ip", "10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(resolved_ip("{{auto}}", "10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(resolved_ip("$remote_ip_anonymize", "10.1.2.3"), "10.1.2.0");
  EXPECT_EQ(resolved_ip("10.9.9.9", "10.1.2.3"), "10.9.9.9");
}

std::string from_base64(std::string_view text) {
  Buffer out;
  return decode_base64(text, out) ? std::string(out.view()) : "(invalid)";
}

TEST(Base64, DecodesBothAlphabetsWithOrWithoutPadding) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("YQ=="), "a");
  EXPECT_EQ(from_base64("YQ"), "a");
  EXPECT_EQ(from_base64("YWI="), "ab");
  EXPECT_EQ(from_base64("YW\r\nJj\n"), "abc");
  EXPECT_EQ(from_base64("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(from_base64("Y"), "(invalid)");
  EXPECT_EQ(from_base64("Y%=="), "(invalid)");
  EXPECT_EQ(from_base64("YQ==YQ=="), "(invalid)");
}

TEST(Form, FindsAndDecodesFields) {
  EXPECT_EQ(form_field("a=1&payload=%7B&b", "payload"), "%7B");
  EXPECT_EQ(form_field("a=1&payloads=2", "payload"), std::nullopt);
  std::string out(100, '\0');
  out.resize(decode_form_value("a+b%2Bc%zz%4", out.data()));
  EXPECT_EQ(out, "a b+c%zz%4");
}

TEST(Form, FindsFieldsOfMultipartBodies) {
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nt1\r\n"
      "--xyz\r\ncontent-disposition: form-data; filename=\"payload\"; name=\"payload\"\r\n"
      "Content-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n--xyz--\r\n";
  EXPECT_EQ(multipart_field(body, "access_token"), "t1");
  EXPECT_EQ(multipart_field(body, "payload"), "{\"a\":\r\n1}");
  EXPECT_EQ(multipart_field(body, "load"), std::nullopt);
  for (size_t size = 0; size + 14 < body.size(); ++size) {  // cut anywhere before the last boundary
    EXPECT_EQ(multipart_field(body.substr(0, size), "payload"), std::nullopt) << size;
  }
  EXPECT_EQ(multipart_field("--\r\n\r\n\r\n", "payload"), std::nullopt);
}

}  // namespace
}  // namespace flawless::wire
