// The plain server-rendered pages: /get_weekly_error_report, /view_traceback, /add_known_error
// (also /save_known_error), /check_health. For people with a session, for programs with a token,
// and for readers of a mail with the grant in its link (`key`).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/mount.h"
#include "render/incident.h"
#include "render/link_signer.h"
#include "render/links.h"
#include "render/pages.h"

namespace flawless::api {

// Parameters of a query or a form; names that nobody asks for are passed over, as mail scanners and
// trackers add their own.
class Fields {
 public:
  explicit Fields(std::vector<std::pair<std::string, std::string>> values)
      : values_(std::move(values)) {}
  // The first of that name; nothing if absent.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::string get(std::string_view name) const;
  // Absent, "", "0", "false", "no" and "off" (letter case aside) are false.
  [[nodiscard]] bool flag(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// Who reads the page: someone with an account or a token, or the reader of a mail.
struct Reader {
  Caller caller;  // of a grant: nobody, who sees its project
  std::optional<render::Grant>
      grant;  // all that may be seen, if there is neither account nor token
  // What the link said, if it was good; also of people with an account.
  std::optional<render::Grant> link;
  std::string key;  // of `link`, as it was sent
};

struct PageCall {
  const ApiParts& parts;
  const http::Request& request;
  const Fields& fields;
  const Reader& reader;
  store::Store& store;
  const render::LinkSigner* signer;  // may be null
  Time now;
};
using PageHandler = Result<http::Response> (*)(const PageCall&);

// One file per page.
[[nodiscard]] Result<http::Response> show_weekly_report(const PageCall& call);
[[nodiscard]] Result<http::Response> show_traceback(const PageCall& call);
[[nodiscard]] Result<http::Response> show_known_error_form(const PageCall& call);
[[nodiscard]] Result<http::Response> save_known_error(const PageCall& call);

// A page as it goes out: never stored, no script, no referrer to elsewhere.
[[nodiscard]] http::Response html_reply(int status, std::string html);
[[nodiscard]] http::Response notice_reply(int status, const render::NoticePage& notice);
// A failed Status as a page; what is not the reader's business only by reference.
[[nodiscard]] http::Response failure_reply(const Status& status);

[[nodiscard]] render::Links links_of(const PageCall& call);
// The key for a link from this page to the traceback of a line: nothing for those who need none;
// what a mail's reader gets expires with the link they came by, and may go no further than `about`.
[[nodiscard]] std::string key_for(const PageCall& call, const render::Grant& about);
// A point in time as old links have it: seconds since 1970, also with a fraction, or milliseconds.
// kInvalid for anything else.
[[nodiscard]] Result<Time> parse_timestamp(std::string_view text);
// The week of a point in time: from Sunday 00:00 UTC, seven days.
struct Week {
  Time from, to;
};
[[nodiscard]] Week week_of(Time time);

void mount_pages(http::Router& router, const std::shared_ptr<const ApiParts>& parts);
void mount_check_health(http::Router& router, const std::shared_ptr<const ApiParts>& parts);

}  // namespace flawless::api
