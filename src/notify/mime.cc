#include "notify/mime.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/json_writer.h"

namespace flawless::notify {
namespace {

constexpr size_t kSoftLine = 76;

bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }
bool is_ascii(char c) { return static_cast<uint8_t>(c) < 0x80; }

std::string without_controls(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), is_control, '?');
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), as_bytes(bytes).data(), bytes.size(), kVariant);
  out.pop_back();  // the terminating zero
  return out;
}

// Whole characters, so that each encoded word can be read by itself.
std::string encoded_words(std::string_view value) {
  constexpr size_t kBytesPerWord = 39;  // 52 characters of base64, 64 with what is around them
  std::string out;
  while (!value.empty()) {
    size_t size = 0;
    while (size < value.size()) {
      const size_t next = std::max<size_t>(1, utf8_sequence(value.substr(size)));
      if (size + next > kBytesPerWord) break;
      size += next;
    }
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?utf-8?B?{}?=", base64(value.substr(0, size)));
    value.remove_prefix(size);
  }
  return out;
}

// Breaks at spaces only; a word that is too long stays whole.
std::string folded(std::string_view value, size_t column) {
  std::string out;
  while (!value.empty()) {
    const size_t space = value.find(' ', 1);
    const std::string_view word = value.substr(0, space);
    if (column + word.size() > kSoftLine && word.front() == ' ' && word.size() > 1) {
      out += "\r\n";
      column = 0;
    }
    out += word;
    column += word.size();
    value.remove_prefix(word.size());
  }
  return out;
}

std::string crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 30);
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string base64_lines(std::string_view text) {
  const std::string all = base64(crlf(text));
  std::string out;
  for (size_t at = 0; at < all.size(); at += kSoftLine) {
    out += all.substr(at, kSoftLine);
    out += "\r\n";
  }
  return out;
}

// One line, without its end.
void append_quoted(std::string& out, std::string_view line) {
  size_t column = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool plain = is_ascii(c) && !is_control(c) && c != '=' && !(last && c == ' ') &&
                       !(column == 0 && c == '.');
    const size_t size = plain ? 1 : 3;
    if (column + size > kSoftLine - 1) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += c;
    } else {
      out += fmt::format("={:02X}", static_cast<uint8_t>(c));
    }
    column += size;
  }
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    append_quoted(out, line);
    out += "\r\n";
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return out;
}

std::string part(std::string_view type, std::string_view body) {
  std::string encoded = quoted_printable(body);
  std::string_view encoding = "quoted-printable";
  if (encoded.size() > body.size() * 4 / 3) {
    encoded = base64_lines(body);
    encoding = "base64";
  }
  return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n{}",
                     type, encoding, encoded);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format("{}: {}\r\n", name, encode_header(name, value));
}

std::string from_header(const Mailbox& from) {
  if (from.name.empty()) return from.address;
  const bool plain = std::all_of(from.name.begin(), from.name.end(), [](char c) {
    return c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  const std::string name = without_controls(from.name);
  return fmt::format("{} <{}>", plain ? name : encoded_words(name), from.address);
}

}  // namespace

std::string encode_header(std::string_view name, std::string_view value) {
  const std::string clean = without_controls(value);
  const bool plain = std::all_of(clean.begin(), clean.end(), is_ascii) &&
                     clean.find("=?") == clean.npos && clean.size() < 900;
  return plain ? folded(clean, name.size() + 2) : encoded_words(clean);
}

std::string mail_date(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::string to_bytes(const Outgoing& mail) {
  // "=_" stands in no quoted-printable and no base64 text.
  const std::string boundary = fmt::format("=_{:016x}", hash64(mail.message_id));
  std::string out = fmt::format("From: {}\r\n", from_header(mail.from));
  append_header(out, "To", mail.to);
  append_header(out, "Subject", mail.subject);
  append_header(out, "Date", mail_date(mail.date));
  append_header(out, "Message-ID", mail.message_id);
  if (!mail.thread_id.empty()) {
    append_header(out, "In-Reply-To", mail.thread_id);
    append_header(out, "References", mail.thread_id);
  }
  append_header(out, "Auto-Submitted", "auto-generated");
  for (const auto& [name, value] : mail.headers) append_header(out, name, value);
  out += "MIME-Version: 1.0\r\n";
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n{}--{}\r\n{}--{}--\r\n", boundary, part("text/plain", mail.text),
                     boundary, part("text/html", mail.html), boundary);
  return out;
}

}  // namespace flawless::notify
