#include "notify/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace flawless::notify {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Outgoing mail() {
  Outgoing out;
  out.from = {"Flawless", "flawless@f.example"};
  out.to = "ada@shop.example";
  out.subject = "[shop] IndexError in shop/banner.py:17";
  out.html = "<p>hello</p>\n";
  out.text = "hello\n";
  out.message_id = "<0123456789abcdef@f.example>";
  out.thread_id = "<fedcba@f.example>";
  out.date = *parse_rfc3339("2026-11-22T14:05:11.250Z");
  return out;
}

std::vector<std::string> lines(const std::string& bytes) {
  std::vector<std::string> found;
  size_t from = 0;
  for (size_t end; (end = bytes.find("\r\n", from)) != bytes.npos; from = end + 2) {
    found.push_back(bytes.substr(from, end - from));
  }
  EXPECT_EQ(from, bytes.size()) << "the last line has no end";
  return found;
}

// Header names and how often each comes.
std::map<std::string, int> header_names(const std::string& bytes) {
  std::map<std::string, int> names;
  for (const std::string& line : lines(bytes.substr(0, bytes.find("\r\n\r\n") + 2))) {
    if (!line.starts_with(' ')) ++names[line.substr(0, line.find(':'))];
  }
  return names;
}

void expect_wire_safe(const std::string& bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<uint8_t>(bytes[i]);
    ASSERT_TRUE(c < 0x80) << "not ASCII at " << i;
    if (c == '\n') {
      ASSERT_EQ(bytes[i - 1], '\r') << i;
    } else if (c == '\r') {
      ASSERT_EQ(bytes[i + 1], '\n') << i;
    } else {
      ASSERT_TRUE(c >= 0x20 && c != 0x7F) << i;
    }
  }
  for (const std::string& line : lines(bytes)) ASSERT_LE(line.size(), 998u);
}

TEST(Mime, HasEveryHeaderOnce) {
  const std::string bytes = to_bytes(mail());
  expect_wire_safe(bytes);
  EXPECT_EQ(header_names(bytes), (std::map<std::string, int>{{"From", 1},
                                                             {"To", 1},
                                                             {"Subject", 1},
                                                             {"Date", 1},
                                                             {"Message-ID", 1},
                                                             {"In-Reply-To", 1},
                                                             {"References", 1},
                                                             {"Auto-Submitted", 1},
                                                             {"MIME-Version", 1},
                                                             {"Content-Type", 1}}));
  EXPECT_THAT(bytes, HasSubstr("From: Flawless <flawless@f.example>\r\nTo: ada@shop.example\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nDate: Sun, 22 Nov 2026 14:05:11 +0000\r\n"));
  EXPECT_THAT(bytes, HasSubstr("\r\nMessage-ID: <0123456789abcdef@f.example>\r\n"));
  EXPECT_EQ(to_bytes(mail()), bytes);
}

TEST(Mime, NoFieldAddsAHeader) {
  Outgoing bad = mail();
  const std::string evil("x\r\nBcc: eve@evil.example\r\n\r\nbody\0\x1b\x7f", 36);
  bad.subject = bad.from.name = bad.thread_id = evil;
  bad.headers = {{"X-Flawless-Project", evil}};
  const std::string bytes = to_bytes(bad);
  expect_wire_safe(bytes);
  auto names = header_names(bytes);
  EXPECT_EQ(names.count("Bcc"), 0u);
  EXPECT_EQ(names.size(), 11u);
}

TEST(Mime, SubjectIsEncodedWhenItIsNotAscii) {
  EXPECT_EQ(encode_header("Subject", "caf\xc3\xa9"), "=?utf-8?B?Y2Fmw6k=?=");
  EXPECT_EQ(encode_header("Subject", "=?utf-8?B?eA==?="), "=?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?=");
  std::string long_one;
  for (int i = 0; i < 40; ++i) long_one += "日本";
  const std::string encoded = encode_header("Subject", long_one);
  EXPECT_THAT(encoded, StartsWith("=?utf-8?B?"));
  std::string unfolded = encoded;
  for (size_t at; (at = unfolded.find("\r\n ")) != unfolded.npos;) unfolded.replace(at, 3, "|");
  size_t words = 0;
  for (size_t from = 0; from < unfolded.size(); ++words) {
    const size_t end = std::min(unfolded.find('|', from), unfolded.size());
    EXPECT_LE(end - from, 75u);
    from = end + 1;
  }
  EXPECT_GT(words, 5u);
}

TEST(Mime, LongPlainHeadersAreFoldedAtSpaces) {
  std::string words;
  for (int i = 0; i < 30; ++i) words += "word" + std::to_string(i) + " ";
  words.pop_back();
  const std::string folded = encode_header("Subject", words);
  std::string unfolded = folded;
  for (size_t at; (at = unfolded.find("\r\n")) != unfolded.npos;) unfolded.erase(at, 2);
  EXPECT_EQ(unfolded, words);
  for (const std::string& line : lines(folded + "\r\n")) EXPECT_LE(line.size(), 76u);
}

std::string unquote(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

std::string text_part(const std::string& bytes) {
  const size_t from = bytes.find("\r\n\r\n", bytes.find("Content-Type: text/plain")) + 4;
  return bytes.substr(from, bytes.find("\r\n--=_", from) + 2 - from);
}

TEST(Mime, QuotedPrintableComesBack) {
  Outgoing out = mail();
  out.text = "a=b \n.\n..dots\nFrom here\n\ttab \t\n" + std::string(500, 'x') + " é end\n";
  const std::string bytes = to_bytes(out);
  expect_wire_safe(bytes);
  ASSERT_THAT(bytes, HasSubstr("quoted-printable"));
  std::string expected = out.text;
  for (size_t at = 0; (at = expected.find('\n', at)) != expected.npos; at += 2) {
    expected.insert(at, "\r");
  }
  EXPECT_EQ(unquote(text_part(bytes)), expected);
  for (const std::string& line : lines(text_part(bytes))) {
    EXPECT_LE(line.size(), 76u);
    EXPECT_FALSE(line.ends_with(' ')) << line;
    EXPECT_FALSE(line.starts_with('.')) << line;
  }
}

TEST(Mime, TextInOtherScriptsIsBase64) {
  Outgoing out = mail();
  out.text.clear();
  for (int i = 0; i < 200; ++i) out.text += "日本語\n";
  const std::string bytes = to_bytes(out);
  expect_wire_safe(bytes);
  EXPECT_THAT(bytes, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n5pel5pys6Kqe"));
  EXPECT_LT(bytes.size(), out.text.size() * 3 / 2 + 1500);
}

TEST(MailDate, IsAsTheyAreWritten) {
  EXPECT_EQ(mail_date(*parse_rfc3339("1999-02-03T04:05:06Z")), "Wed, 03 Feb 1999 04:05:06 +0000");
  EXPECT_EQ(mail_date(*parse_rfc3339("2024-02-29T23:59:59.999Z")),
            "Thu, 29 Feb 2024 23:59:59 +0000");
}

}  // namespace
}  // namespace flawless::notify
