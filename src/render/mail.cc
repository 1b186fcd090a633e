#include "render/mail.h"

#include <fmt/format.h>

#include <utility>

#include "render/incident_view.h"
#include "render/printable.h"

namespace flawless::render {
namespace {

constexpr size_t kSubjectCharacters = 160;
// Some mail programs show no more of a part than this.
constexpr size_t kHtmlBytes = 100'000;
constexpr size_t kTextBytes = kMailBytes - kHtmlBytes;

size_t characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

std::string bracketed(std::string_view project) {
  return project.empty() ? "" : fmt::format("[{}] ", clip(one_line(project), 40));
}

// The place stays, whatever the message's length.
std::string subject_of(const Incident& incident) {
  std::string where;
  if (!incident.place.path.empty()) {
    const Verdict& verdict = incident.verdict;  // its path does not tell where we are deployed
    const bool found = !verdict.path.empty() && verdict.line > 0;
    const Place shown = found ? Place{verdict.path, {}, {}, verdict.line} : incident.place;
    where = " in " + clip(one_line(place_text(shown)), 60);
    if (!incident.place.function.empty())
      where += " " + clip(one_line(incident.place.function), 30);
  }
  const std::string front = bracketed(incident.project);
  const size_t taken = characters(front) + characters(where);
  return front + clip(one_line(headline(incident).text()), kSubjectCharacters - taken) + where;
}

std::string why_of(const MailFacts& facts) {
  std::string why = facts.why;
  const bool other = !facts.intended_for.empty() && facts.intended_for != facts.recipient;
  if (other && why.find(facts.intended_for) == why.npos) {
    why += fmt::format("{}It was meant for {}, whom this server may not mail.",
                       why.empty() ? "" : " ", facts.intended_for);
  }
  return one_line(why);
}

std::string not_you(const MailFacts& facts) {
  const Verdict& verdict = facts.incident.verdict;
  if (!verdict.has_author()) return {};
  const std::string& name =
      verdict.author_name.empty() ? verdict.author_email : verdict.author_name;
  return one_line(fmt::format(
      "Not {}? A line in the repository's .mailmap, or a mapping in flawless.cfg, sends "
      "the next one to the right person.",
      name));
}

View mail_view(const MailFacts& facts, const std::string& subject, const Detail& detail,
               bool less) {
  const std::string why = why_of(facts);
  Incident shown = facts.incident;
  if (why.find(shown.verdict.problem) != why.npos) shown.verdict.problem.clear();  // once is enough
  View incident = incident_view(shown, detail, less);
  incident.text("not_you", shorten(not_you(facts), detail.text_bytes));
  View view;
  view.text("subject", subject)
      .text("header", shorten(facts.header, 2 * detail.text_bytes))
      .text("why", shorten(why, detail.text_bytes))
      .child("links", std::move(View().url("home", facts.incident.links.home)))
      .child("incident", std::move(incident))
      .child("s", mail_styles());
  return view;
}

View block_view(const MailFacts& facts, const Detail& detail) {
  const Incident& incident = facts.incident;
  const Verdict& verdict = incident.verdict;
  const auto line = [&](std::string_view text) { return brief(text, detail.short_bytes); };
  std::string who;
  if (verdict.has_author()) {
    who = fmt::format("{} in {}",
                      verdict.author_name.empty() ? verdict.author_email : verdict.author_name,
                      verdict.commit.substr(0, 10));
  }
  View view;
  view.text("header", shorten(facts.header, detail.text_bytes))
      .text("project", line(incident.project))
      .text("item", incident.item_number == 0 ? "" : fmt::format("#{}", incident.item_number))
      .text("level", level_name(incident.level))
      .flag("severe", incident.level >= Level::kError)
      .text("environment", line(incident.environment))
      .text("title", line(headline(incident).text()))
      .text("place", line(place_text(incident.place)))
      .text("function", line(incident.place.function))
      .text("code", line(incident.place.text))
      .text("who", line(who))
      .text("count",
            incident.count == 0 ? "" : counted(incident.count, "occurrence", "occurrences"))
      .text("intended_for", facts.intended_for == facts.recipient ? "" : line(facts.intended_for))
      .url("item_url", incident.links.item)
      .url("traceback_url", incident.links.traceback)
      .url("whitelist_url", incident.links.whitelist);
  return view;
}

View rollup_view(const RollupFacts& facts, const std::string& subject, const std::string& headline,
                 size_t most) {
  const Detail& detail = kDetails[most > 100 ? 3 : 4];
  std::vector<View> lines;
  for (const MailFacts& line : facts.lines) {
    if (lines.size() >= most) break;
    lines.push_back(block_view(line, detail));
  }
  const size_t left_out = facts.lines.size() - lines.size();
  View view;
  view.text("subject", subject)
      .text("headline", headline)
      .url("report", facts.report_link)
      .url("home", facts.home_link)
      .text("left_out", left_out == 0 ? ""
                                      : counted(left_out, "more line", "more lines") +
                                            " left out here: the list of your errors has all.")
      .list("lines", std::move(lines))
      .child("s", mail_styles());
  return view;
}

}  // namespace

Mail render_mail(const MailFacts& facts) {
  Mail mail;
  mail.subject = subject_of(facts.incident);
  bool less = false;
  for (const Detail& detail : kDetails) {
    const View view = mail_view(facts, mail.subject, detail, less);
    less = true;
    mail.html = fill("mail.html", view);
    if (mail.html.size() > kHtmlBytes && &detail != std::end(kDetails) - 1) continue;
    mail.text = fill("mail.text", view);
    if (mail.text.size() <= kTextBytes) break;
  }
  return mail;
}

Mail render_rollup(const RollupFacts& facts) {
  const size_t count = facts.lines.size();
  const std::string headline =
      facts.own ? counted(count, "new error in your code", "new errors in your code")
                : counted(count, "new error", "new errors");
  Mail mail;
  mail.subject = bracketed(facts.project) + headline;
  for (size_t most = count; most > 0; most /= 2) {
    const View view = rollup_view(facts, mail.subject, headline, most);
    mail.html = fill("rollup.html", view);
    mail.text = fill("rollup.text", view);
    if (mail.html.size() <= kHtmlBytes && mail.text.size() <= kTextBytes) break;
  }
  return mail;
}

Mail render_undeliverable(const UndeliverableFacts& facts) {
  Mail mail;
  const std::string recipient = brief(facts.recipient, 300);
  mail.subject = bracketed(facts.project) + clip(fmt::format("Could not mail {}", recipient), 110);
  View view;
  view.text("subject", mail.subject)
      .text("recipient", recipient)
      .text("about", brief(facts.subject, 400))
      .text("reason", shorten(facts.reason, 1000))
      .url("page_url", facts.page_link)
      .url("item_url", facts.item_link)
      .url("home", facts.home_link)
      .child("s", mail_styles());
  mail.html = fill("undeliverable.html", view);
  mail.text = fill("undeliverable.text", view);
  return mail;
}

}  // namespace flawless::render
