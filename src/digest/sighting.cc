#include "digest/sighting.h"

#include "wire/limits.h"

namespace flawless::digest {
namespace {

constexpr size_t kSearchBytes = 8 << 10;

void add_words(std::string& text, std::string_view words) {
  if (words.empty() || text.size() + words.size() + 1 > kSearchBytes) return;
  text += words;
  text += '\n';
}

void fill_site(const triage::Culprit& culprit, Digested& out) {
  const Frame& frame = out.event.exceptions[culprit.exception].frames[culprit.frame];
  store::Sighting& sighting = out.sighting;
  sighting.site_path = frame.path.empty() ? frame.module : frame.path;
  sighting.site_function = frame.function;
  sighting.site_text = frame.code;
  sighting.site_line = frame.line;
}

void fill_from_event(Digested& out) {
  const Event& event = out.event;
  store::Sighting& sighting = out.sighting;
  sighting.occurred_at = event.occurred_at;
  sighting.level = event.level;
  sighting.environment = event.environment;
  sighting.release = event.release;
  sighting.host = event.host;
  sighting.browser = event.browser;
  sighting.os = event.os;
  sighting.ip = event.person.ip;
  if (sighting.ip.empty() && event.request) sighting.ip = event.request->user_ip;
  sighting.platform = event.platform;
  sighting.language = event.language;
  sighting.framework = event.framework;
  sighting.context = event.context;
  sighting.person_id = event.person.id;
  sighting.person_username = event.person.username;
  sighting.person_email = event.person.email;
  if (!event.warnings.empty()) sighting.flags |= store::kFlagWarnings;
}

}  // namespace

Status digest_report(const wire::ReportRecord& record, std::string_view inflated, uint64_t sequence,
                     uint64_t segment, uint64_t offset, const Rules& rules, wire::Parser& parser,
                     Digested& out) {
  ASSIGN_OR_RETURN(out.event, wire::read_event(record.protocol, inflated, wire::Detail::kIndex,
                                               record.arrival(), parser));
  triage::mark_in_app(out.event);
  rules.scrubber->scrub(out.event);
  out.grouping = triage::group(out.event);
  out.title = triage::title(out.event);

  store::Sighting& sighting = out.sighting;
  sighting = {};
  sighting.sequence = sequence;
  sighting.project = record.project;
  sighting.report_id = record.report_id;
  sighting.received_at = record.received_at;
  fill_from_event(out);
  sighting.title = out.title;
  sighting.grouping_algorithm = triage::kGroupingAlgorithm;
  sighting.grouping_hash = out.grouping.hash;
  sighting.grouping_canonical = out.grouping.canonical;
  sighting.grouping_reason = out.grouping.reason;
  sighting.search_text = &search_text;
  sighting.event = &out.event;
  if (auto culprit = triage::find_culprit(out.event, rules.library)) fill_site(*culprit, out);
  sighting.body = {segment, offset, static_cast<uint32_t>(record.body.size())};
  sighting.protocol = static_cast<uint8_t>(record.protocol);
  sighting.encoding = static_cast<uint8_t>(record.encoding);
  if (record.sanitised) sighting.flags |= store::kFlagSanitised;
  if (record.inflated_bytes > wire::kEventBytes) sighting.flags |= store::kFlagTrimmed;
  return Status::ok();
}

std::string search_text(const Event& event) {
  std::string text;
  add_words(text, event.title);
  add_words(text, event.message);
  for (const Exception& exception : event.exceptions) {
    add_words(text, exception.type);
    add_words(text, exception.message);
    for (auto frame = exception.frames.rbegin(); frame != exception.frames.rend(); ++frame) {
      add_words(text, frame->function);
      add_words(text, frame->path.empty() ? frame->module : frame->path);
    }
  }
  return text;
}

}  // namespace flawless::digest
