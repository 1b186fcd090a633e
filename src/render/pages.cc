#include "render/pages.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/bytes.h"
#include "render/incident_view.h"
#include "render/printable.h"
#include "render/template.h"
#include "triage/text.h"

namespace flawless::render {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

View page_view(std::string_view title) {
  View view;
  view.text("title", clip(one_line(title), 120))
      .markup("style", std::string(template_file("style.css")));
  return view;
}

// Links of our own pages: a path of ours, or http and https.
void set_link(View& view, const char* name, std::string_view address) {
  const bool own = address.starts_with('/') && !address.starts_with("//");
  if (own) {
    view.text(name, address);
  } else {
    view.url(name, address);
  }
}

std::vector<View> link_views(const Pairs& links) {
  std::vector<View> views;
  for (const auto& [label, address] : links) {
    set_link(views.emplace_back().text("label", label), "href", address);
  }
  return views;
}

// --- the report ---

struct Developer {
  std::string email;
  uint64_t total = 0;
  std::vector<const ReportPage::Line*> lines;
};

std::vector<Developer> by_developer(const std::vector<ReportPage::Line>& lines) {
  std::map<std::string, Developer> grouped;
  for (const ReportPage::Line& line : lines) {
    Developer& developer = grouped[line.developer];
    developer.email = line.developer;
    developer.total += line.count;
    developer.lines.push_back(&line);
  }
  std::vector<Developer> developers;
  for (auto& [email, developer] : grouped) {
    std::stable_sort(developer.lines.begin(), developer.lines.end(),
                     [](const auto* a, const auto* b) { return a->count > b->count; });
    developers.push_back(std::move(developer));
  }
  std::stable_sort(developers.begin(), developers.end(),
                   [](const Developer& a, const Developer& b) { return a.total > b.total; });
  return developers;
}

std::string mailed_text(const ReportPage::Line& line) {
  if (!line.mailed_at) return "no";
  if (line.undelivered) {
    return "could not be delivered to " + (line.mailed_to.empty() ? line.developer : line.mailed_to);
  }
  std::string text = time_text(line.mailed_at).substr(0, 16);
  if (!line.mailed_to.empty() && line.mailed_to != line.developer) text += " to " + line.mailed_to;
  return text;
}

View line_view(const ReportPage::Line& line, bool several_projects) {
  View view;
  view.text("count", grouped(line.count))
      .text("last_seen", time_text(line.last_seen).substr(0, 16))
      .text("path", one_line(line.place.path))
      .text("function", one_line(line.place.function))
      .text("line", line.place.line == 0 ? "" : std::to_string(line.place.line))
      .text("committed_at", time_text(line.committed_at).substr(0, 10))
      .text("mailed", mailed_text(line))
      .text("line_project", several_projects ? one_line(line.project) : "")
      .flag("known", line.known);
  set_link(view, "traceback_url", line.traceback_url);
  set_link(view, "item_url", line.item_url);
  return view;
}

std::string day_text(Time time) { return to_rfc3339(time).substr(0, 10); }

}  // namespace

const std::string& style_hash() {
  static const std::string hash = [] {
    const std::string_view style = template_file("style.css");
    std::array<uint8_t, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), as_bytes(style).data(), style.size());
    char text[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(text, sizeof text, digest.data(), digest.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    return "sha256-" + std::string(text);
  }();
  return hash;
}

std::string report_page(const ReportPage& page) {
  uint64_t total = 0;
  std::vector<View> developers;
  for (const Developer& developer : by_developer(page.lines)) {
    total += developer.total;
    std::vector<View> lines;
    for (const auto* line : developer.lines) {
      lines.push_back(line_view(*line, page.project.empty()));
    }
    developers.emplace_back()
        .text("email", one_line(developer.email))
        .text("total", counted(developer.total, "occurrence", "occurrences"))
        .list("lines", std::move(lines));
  }
  View view = page_view("Errors by developer");
  view.text("project", one_line(page.project))
      .text("from", day_text(page.from))
      .text("to", day_text(page.to - std::chrono::milliseconds(1)))
      .text("only_for", one_line(page.only_for))
      .text("total", total == 0 ? "" : counted(total, "occurrence", "occurrences"))
      .flag("empty", page.lines.empty())
      .flag("has_views", !page.views.empty())
      .list("views", link_views(page.views))
      .list("developers", std::move(developers));
  return fill("report.html", view);
}

std::string traceback_page(const TracebackPage& page) {
  // A page may be longer than a mail.
  constexpr Detail kPage{4000, 200, 250, 250, 64'000, 1000, 1000};
  View incident = incident_view(page.incident, kPage, false);
  incident.text("not_you", "");
  View view = page_view(headline(page.incident).text());
  view.text("count", grouped(page.incident.count))
      .text("last_seen", time_text(page.incident.last_seen))
      .text("host", one_line(page.incident.host))
      .text("occurred_at", time_text(page.occurred_at))
      .child("incident", std::move(incident))
      .child("s", page_styles());
  return fill("traceback.html", view);
}

std::string known_error_page(const KnownErrorForm& form) {
  std::vector<View> hidden;
  for (const auto& [name, value] : form.hidden) {
    hidden.emplace_back().text("name", name).text("value", value);
  }
  View view = page_view("Add to whitelist");
  view.text("project", one_line(form.project))
      .text("error", form.error)
      .text("filename", form.filename)
      .text("function_name", form.function_name)
      .text("code_fragment", form.code_fragment)
      .flag("is_known", form.type == "known_errors")
      .flag("is_library", form.type == "building_blocks")
      .flag("is_third_party", form.type == "third_party_whitelist")
      .text("min_alert_threshold", form.min_alert_threshold)
      .text("max_alert_threshold", form.max_alert_threshold)
      .text("alert_every_n_occurrences", form.alert_every_n_occurrences)
      .text("email_recipients", form.email_recipients)
      .text("email_header", form.email_header)
      .list("hidden", std::move(hidden));
  return fill("known_error.html", view);
}

std::string notice_page(const NoticePage& page) {
  std::vector<View> lines;
  for (const std::string& line : page.lines) lines.emplace_back().text("line", line);
  View view = page_view(page.title);
  view.text("tone", page.kind == NoticePage::Kind::kSuccess ? "ok"
                    : page.kind == NoticePage::Kind::kError ? "fail"
                                                            : "plain")
      .list("lines", std::move(lines))
      .list("links", link_views(page.links));
  return fill("notice.html", view);
}

std::string health_page(const HealthPage& page) {
  std::vector<View> faults, sections;
  for (const std::string& fault : page.faults) faults.emplace_back().text("fault", fault);
  for (const HealthPage::Section& section : page.sections) {
    std::vector<View> rows;
    for (const auto& [name, value] : section.rows) {
      rows.emplace_back().text("name", name).text("value", value);
    }
    sections.emplace_back().text("heading", section.title).list("rows", std::move(rows));
  }
  View view = page_view(page.ok ? "OK" : "FAIL");
  view.flag("ok", page.ok).list("faults", std::move(faults)).list("sections", std::move(sections));
  return fill("health.html", view);
}

}  // namespace flawless::render
