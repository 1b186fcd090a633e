// The outbox rows of a mail that is due. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "blame/recipient.h"
#include "store/lines.h"
#include "triage/mail_due.h"

namespace flawless::blame {

struct MailRequest {
  const store::Decision* decision = nullptr;
  const triage::MailAnswer* answer = nullptr;
  const store::Rule* known = nullptr;  // the known error that it is, if any
  LineId line;                         // none: a new line, whose id only the rows' keys will have
  int64_t episode = 0;
  std::string_view developer, problem;  // of the verdict
  const Allowed* allowed = nullptr;     // see allowed_addresses()
  std::string_view default_contact;
};

struct Messages {
  std::optional<store::NewMessage> mail;  // none: nobody may be told
  std::vector<store::NewMessage> more;
};

// A new line: one row of kind "line", key "line:{line}:EPISODE", to the developer or the default
// contact. A known error: kind "known_error", keys "known:{line}:ORDINAL:RECIPIENT", to the rule's
// recipients too, each once; the ordinal is the count it was due at, or "min.EPISODE".
//
// Payload: {"project", "project_name", "item", "item_number", "occurrence", "line", "path",
// "function", "text", "line_number", "why", "developer", "intended_for", "header", "left_out": […]}
// without what is empty.
[[nodiscard]] Messages write_messages(const MailRequest& request);

}  // namespace flawless::blame
