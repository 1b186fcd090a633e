#include "notify/composer.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace flawless::notify {
namespace {

const store::Visible kAll{true, {}};

// A row that is gone is no error: the mail says what is left.
template <typename T>
Status take(Result<T> result, std::optional<T>& into) {
  if (result.is_ok()) {
    into = std::move(result).value();
    return {};
  }
  return result.code() == Code::kNotFound ? Status() : result.status();
}

Verdict verdict_of(const store::Line& line) {
  if (line.verdict.empty()) return {};
  auto verdict = read_verdict(line.verdict);
  return verdict ? std::move(*verdict) : Verdict();
}

// Letters of Western Europe as those without accents: they keep a name readable where only ASCII
// may stand.
std::string without_accents(std::string_view text) {
  constexpr std::string_view kLatin =  // U+00C0 to U+00FF
      "aaaaaaaceeeeiiiidnooooo-ouuuuyts"
      "aaaaaaaceeeeiiiidnooooo-ouuuuyty";
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto next = static_cast<uint8_t>(i + 1 < text.size() ? text[i + 1] : 0);
    if (static_cast<uint8_t>(text[i]) == 0xC3 && next >= 0x80 && next < 0xC0) {
      plain += kLatin[next - 0x80U];
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

struct Composer::Facts {
  store::Message row;
  Payload payload;
  std::optional<store::Line> line;
  std::optional<store::Occurrence> occurrence;
  std::optional<store::Item> item;
  std::optional<Event> event;
  render::MailFacts mail;
};

Status Composer::read_rows(Facts& facts) const {
  const Payload& payload = facts.payload;
  if (payload.line) RETURN_IF_ERROR(take(store_.lines().line(payload.line), facts.line));
  if (payload.occurrence) {
    RETURN_IF_ERROR(take(store_.occurrence(kAll, payload.occurrence), facts.occurrence));
  }
  const Time now = facts.row.created_at;
  if (payload.item) return take(store_.item_by_id(kAll, payload.item, now), facts.item);
  if (payload.item_number == 0) return {};
  return take(store_.item(kAll, payload.project, payload.item_number, now), facts.item);
}

void Composer::describe(Facts& facts) const {
  const Payload& payload = facts.payload;
  render::Incident& incident = facts.mail.incident;
  incident.project = payload.project_name;
  incident.item_number = payload.item_number;
  incident.place = {payload.path, payload.function, payload.text, payload.line_number};
  if (incident.place.path.empty() && facts.line) {
    incident.place = {facts.line->path, facts.line->function, facts.line->text, 0};
  }
  if (facts.line) {
    incident.verdict = verdict_of(*facts.line);
    incident.count = facts.line->count;
    incident.first_seen = facts.line->first_seen;
  }
  if (facts.item) {
    const store::Item& item = *facts.item;
    incident.item_number = item.number;
    incident.title = item.title;
    incident.level = item.level;
    incident.status = store::status_name(item.status);
    incident.people = item.people;
    incident.last_seen = item.last_seen;
    if (!facts.line) incident.count = item.count;
  }
  if (facts.occurrence) {
    incident.environment = facts.occurrence->environment;
    incident.release = facts.occurrence->release;
    incident.host = facts.occurrence->host;
    incident.level = facts.occurrence->level;
    if (!facts.item) incident.last_seen = facts.occurrence->received_at;
  }
  if (incident.title.empty()) incident.title = "An error";
  facts.mail.why = payload.why;
  if (!payload.left_out.empty()) {
    facts.mail.why += " Not told, since mail.allow does not list them: " + payload.left_out + ".";
  }
  facts.mail.recipient = facts.row.recipient;
  facts.mail.intended_for = payload.intended_for;
  facts.mail.header = payload.header;
}

void Composer::link(Facts& facts, Time now) const {
  const Payload& payload = facts.payload;
  render::Incident& incident = facts.mail.incident;
  const std::string key =
      signer_.sign({payload.project, incident.item_number, payload.occurrence, payload.line,
                    facts.row.recipient, now + render::kGrantLife});
  render::IncidentLinks& links = incident.links;
  links.home = links_.home();
  if (payload.project && incident.item_number != 0) {
    links.item = links_.item(payload.project, incident.item_number);
  }
  if (!incident.place.path.empty()) {
    links.traceback = links_.traceback(incident.place, key);
    links.whitelist = links_.whitelist(incident.place, key);
  } else if (!links.item.empty()) {
    links.traceback = links_.traceback(key);
  }
  // Whoever stands in for the developer has no errors of his own to look at.
  if (same_address(facts.row.recipient, payload.developer)) {
    links.report = links_.report(facts.row.recipient, key);
  }
}

Result<Composer::Facts> Composer::gather(const store::Message& row, Time now,
                                         bool with_event) const {
  Facts facts;
  facts.row = row;
  facts.payload = read_payload(row);
  RETURN_IF_ERROR(read_rows(facts));
  describe(facts);
  link(facts, now);
  if (with_event && facts.occurrence) {
    const store::Occurrence& at = *facts.occurrence;
    auto event = bodies_.event({at.project, at.report_id, at.body.segment, at.body.offset});
    if (event) {
      facts.event = std::move(*event);
    } else if (event.code() != Code::kNotFound) {
      log_warning("notify", "a mail goes out without the report: {}", event.message());
    }
  }
  return facts;
}

render::Mail Composer::rollup(std::vector<Facts>& all) const {
  const auto other_project = [&](const Facts& facts) {
    return facts.payload.project != all.front().payload.project;
  };
  render::RollupFacts facts;
  if (std::none_of(all.begin(), all.end(), other_project)) {
    facts.project = all.front().payload.project_name;
  }
  facts.recipient = all.front().row.recipient;
  facts.home_link = links_.home();
  for (Facts& each : all) {
    facts.own = facts.own && same_address(each.row.recipient, each.payload.developer);
    if (facts.report_link.empty()) facts.report_link = each.mail.incident.links.report;
    facts.lines.push_back(std::move(each.mail));
  }
  return render::render_rollup(facts);
}

// `first` is left with what the headers need.
Result<render::Mail> Composer::render(std::span<const store::Message> rows, Time now,
                                      Facts& first) const {
  if (rows.size() == 1) {
    ASSIGN_OR_RETURN(first, gather(rows.front(), now, true));
    const Payload& payload = first.payload;
    if (first.row.kind == "undeliverable") {
      return render::render_undeliverable({payload.project_name, payload.recipient, payload.subject,
                                           payload.reason, first.mail.incident.links.item,
                                           links_.home(), first.mail.incident.links.traceback});
    }
    if (first.event) first.mail.incident.event = &*first.event;
    return render::render_mail(first.mail);
  }
  std::vector<Facts> all;
  for (const store::Message& row : rows) {
    ASSIGN_OR_RETURN(Facts facts, gather(row, now, false));
    all.push_back(std::move(facts));
  }
  render::Mail mail = rollup(all);
  first = std::move(all.front());
  return mail;
}

std::string Composer::id_of(std::string_view purpose, std::string_view name) const {
  std::array<uint8_t, 16> id;
  const std::string text = std::string(purpose) + "\n" + std::string(name);
  crypto_generichash(id.data(), id.size(), as_bytes(text).data(), text.size(),
                     as_bytes(options_.key).data(), options_.key.size());
  return "<" + to_hex(id) + "@" + std::string(domain_of(options_.from.address)) + ">";
}

std::string Composer::message_id(const store::Message& row) const {
  return id_of("message", row.key);
}

std::string Composer::list_id(const Payload& payload) const {
  std::string label;
  for (const char c : without_accents(payload.project_name)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (letter || capital) {
      label += capital ? static_cast<char>(c + 32) : c;
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  while (label.ends_with('-')) label.pop_back();
  if (label.empty()) label = "project";
  if (label == "project" && payload.project) label += "-" + std::to_string(payload.project.v);
  return "<" + label + ".flawless." + host_of(options_.public_url) + ">";
}

Result<Outgoing> Composer::compose(std::span<const store::Message> rows, Time now) const {
  FLAWLESS_CHECK(!rows.empty());
  Facts first;
  ASSIGN_OR_RETURN(render::Mail mail, render(rows, now, first));
  const Payload& payload = first.payload;
  Outgoing out;
  out.from = options_.from;
  out.to = rows.front().recipient;
  out.subject = std::move(mail.subject);
  out.html = std::move(mail.html);
  out.text = std::move(mail.text);
  out.date = now;
  out.message_id =
      rows.front().message_id.empty() ? message_id(rows.front()) : rows.front().message_id;
  const bool about_a_line = rows.size() == 1 && first.row.kind != "undeliverable" && payload.line;
  if (about_a_line) out.thread_id = id_of("line", std::to_string(payload.line.v));
  out.headers.emplace_back("List-Id", list_id(payload));
  if (!payload.project_name.empty()) {
    out.headers.emplace_back("X-Flawless-Project", payload.project_name);
  }
  if (rows.size() == 1 && payload.item_number != 0) {
    out.headers.emplace_back("X-Flawless-Item", std::to_string(payload.item_number));
  }
  if (about_a_line) out.headers.emplace_back("X-Flawless-Line", std::to_string(payload.line.v));
  return out;
}

}  // namespace flawless::notify
