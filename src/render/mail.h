// Mails as subject, HTML and text. Pure; the same facts give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "render/incident.h"

namespace flawless::render {

// `subject` is one line of at most 160 characters without control characters, not yet encoded for a
// header. HTML has inline styles only, no images and no script, and loads nothing. Both parts are
// valid UTF-8 whatever was reported; together they are at most kMailBytes: what had to be cut is
// named in them.
struct Mail {
  std::string subject, html, text;
};
inline constexpr size_t kMailBytes = 140'000;

struct MailFacts {
  Incident incident;
  std::string why;           // why it is mailed, a sentence: "This line failed for the first time."
  std::string recipient;     // whom this mail goes to
  std::string intended_for;  // who should have got it, when that is somebody else
  std::string header;        // what the known error's rule says above everything
};
[[nodiscard]] Mail render_mail(const MailFacts& facts);

// "7 new errors in your code", or "7 new errors": one block per line of code.
struct RollupFacts {
  std::string project;  // empty: of several projects, named in each block
  std::string recipient;
  std::string report_link, home_link;
  std::vector<MailFacts> lines;  // their events are not shown
  bool own = true;               // the recipient wrote them; else they are nobody's, or another's
};
[[nodiscard]] Mail render_rollup(const RollupFacts& facts);

// A mail of ours came back: told to the default contact.
struct UndeliverableFacts {
  std::string project, recipient, subject, reason, item_link, home_link;
  std::string page_link;  // the item's newest occurrence, without an account
};
[[nodiscard]] Mail render_undeliverable(const UndeliverableFacts& facts);

}  // namespace flawless::render
