#include "render/incident_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "render/printable.h"
#include "render/request_view.h"
#include "render/traceback_view.h"
#include "triage/culprit.h"
#include "triage/text.h"

namespace flawless::render {
namespace {

bool is_at(const Frame& frame, const Place& place) {
  const std::string_view path = frame.path.empty() ? frame.module : frame.path;
  return frame.line == place.line && frame.function == place.function && path == place.path;
}

std::vector<SourceLine> reported_source(const Frame& frame) {
  std::vector<SourceLine> lines;
  const auto number = [&](size_t ahead) {
    return frame.line > ahead ? frame.line - static_cast<uint32_t>(ahead) : 0;
  };
  const size_t before = std::min<size_t>(2, frame.code_before.size());
  for (size_t i = before; i > 0; --i) {
    lines.push_back({number(i), std::string(frame.code_before[frame.code_before.size() - i])});
  }
  lines.push_back({frame.line, std::string(frame.code)});
  for (size_t i = 0; i < std::min<size_t>(2, frame.code_after.size()); ++i) {
    lines.push_back({frame.line + 1 + static_cast<uint32_t>(i), std::string(frame.code_after[i])});
  }
  return lines;
}

// What git has is what was deployed; without it, what the client sent.
std::vector<SourceLine> source_lines(const Incident& incident, uint32_t& culprit) {
  culprit = incident.verdict.line;
  if (!incident.verdict.source.empty()) return incident.verdict.source;
  culprit = incident.place.line;
  const Frame* frame = culprit_frame(incident);
  if (frame != nullptr && !frame->code.empty()) return reported_source(*frame);
  if (incident.place.text.empty()) return {};
  return {{culprit, incident.place.text}};
}

size_t indentation(const std::vector<SourceLine>& lines) {
  size_t least = std::string::npos;
  for (const SourceLine& line : lines) {
    const size_t at = line.text.find_first_not_of(" \t");
    if (at != std::string::npos) least = std::min(least, at);
  }
  return least == std::string::npos ? 0 : least;
}

std::vector<View> source_views(const Incident& incident, const Detail& detail) {
  uint32_t culprit = 0;
  const std::vector<SourceLine> lines = source_lines(incident, culprit);
  const size_t indent = indentation(lines);
  std::vector<View> views;
  for (const SourceLine& line : lines) {
    const std::string code = line.text.substr(std::min(indent, line.text.size()));
    const bool hit = line.number == culprit;
    views.emplace_back()
        .text("number", fmt::format("{:>5}", line.number == 0 ? "" : std::to_string(line.number)))
        .text("code", shorten(code, detail.short_bytes))
        .flag("hit", hit);
  }
  return views;
}

std::string day(const std::optional<Time>& time) {
  return time ? to_rfc3339(*time).substr(0, 10) : std::string();
}

std::string revision_text(const Verdict& verdict) {
  if (verdict.revision.empty()) return {};
  const std::string revision = verdict.revision.substr(0, 10);
  if (verdict.at_release) return fmt::format("as deployed in {}", revision);
  return fmt::format("at {}, the newest of the repository: which revision runs is not known",
                     revision);
}

View who_view(const Verdict& verdict, const Detail& detail) {
  View view;
  const std::string& name =
      verdict.author_name.empty() ? verdict.author_email : verdict.author_name;
  view.text("name", brief(name, detail.short_bytes))
      .text("email",
            verdict.author_name.empty() ? "" : brief(verdict.author_email, detail.short_bytes))
      .text("confidence", verdict.confidence_word())
      .text("commit", verdict.commit.substr(0, 10))
      .text("summary", brief(verdict.summary, detail.short_bytes))
      .text("date", day(verdict.authored_at))
      .text("repository", brief(verdict.repository, detail.short_bytes))
      .text("revision", revision_text(verdict));
  std::vector<View> reasons;
  for (const std::string& reason : verdict.reasons) {
    if (reasons.size() >= detail.rows) break;
    reasons.emplace_back().text("reason", brief(reason, detail.text_bytes));
  }
  view.flag("has_reasons", !reasons.empty()).list("reasons", std::move(reasons));
  return view;
}

View facts_view(const Incident& incident, const Detail& detail) {
  const auto line = [&](std::string_view text) { return brief(text, detail.short_bytes); };
  View view;
  return std::move(
      view.text("occurrences",
                incident.count == 0 ? "" : counted(incident.count, "occurrence", "occurrences"))
          .text("people", incident.people == 0
                              ? ""
                              : counted(incident.people, "person affected", "people affected"))
          .text("first_seen", time_text(incident.first_seen))
          .text("last_seen", time_text(incident.last_seen))
          .text("release", line(incident.release))
          .text("host", line(incident.host)));
}

View links_view(const IncidentLinks& links) {
  View view;
  return std::move(view.url("item", links.item)
                       .url("traceback", links.traceback)
                       .url("report", links.report)
                       .url("whitelist", links.whitelist)
                       .url("home", links.home));
}

}  // namespace

const Frame* culprit_frame(const Incident& incident) {
  if (incident.event == nullptr) return nullptr;
  for (const Exception& exception : incident.event->exceptions) {
    for (auto frame = exception.frames.rbegin(); frame != exception.frames.rend(); ++frame) {
      if (is_at(*frame, incident.place)) return &*frame;
    }
  }
  if (!incident.place.path.empty()) return nullptr;
  const auto culprit = triage::find_culprit(*incident.event, {});
  if (!culprit) return nullptr;
  return &incident.event->exceptions[culprit->exception].frames[culprit->frame];
}

std::string place_text(const Place& place) {
  if (place.path.empty() || place.line == 0) return place.path;
  return fmt::format("{}:{}", place.path, place.line);
}

Headline headline(const Incident& incident) {
  if (incident.event != nullptr && !incident.event->exceptions.empty()) {
    const Exception& exception = incident.event->exceptions.front();
    if (!exception.type.empty() && !exception.synthetic) {
      return {std::string(exception.type), std::string(exception.message)};
    }
  }
  return {incident.title, {}};
}

std::string time_text(const std::optional<Time>& time) {
  if (!time) return {};
  std::string text = to_rfc3339(*time).substr(0, 19);
  text[10] = ' ';
  return text + " UTC";
}

View incident_view(const Incident& incident, const Detail& detail, bool less) {
  const auto line = [&](std::string_view text) { return brief(text, detail.short_bytes); };
  View view;
  const Headline title = headline(incident);
  view.text("project", line(incident.project))
      .text("item", incident.item_number == 0 ? "" : fmt::format("#{}", incident.item_number))
      .text("level", level_name(incident.level))
      .flag("severe", incident.level >= Level::kError)
      .text("status", line(incident.status))
      .text("environment", line(incident.environment))
      .text("type", line(title.type))
      .text("message", shorten(title.message, detail.text_bytes))
      .text("place", line(place_text(incident.place)))
      .text("function", line(incident.place.function))
      .text("problem", shorten(incident.verdict.problem, detail.text_bytes))
      .child("facts", facts_view(incident, detail))
      .child("links", links_view(incident.links))
      .flag("less", less)
      .flag("gone", incident.event == nullptr);
  std::vector<View> source = source_views(incident, detail);
  view.flag("has_source", !source.empty()).list("source", std::move(source));
  if (incident.verdict.has_author()) {
    view.child("who", who_view(incident.verdict, detail));
  } else {
    view.flag("who", false);
  }
  add_traceback(view, incident, detail);
  add_request(view, incident, detail);
  return view;
}

}  // namespace flawless::render
