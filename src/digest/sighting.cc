#include "digest/sighting.h"

#include <exception>

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
  const Frame& frame = out.report->event.exceptions[culprit.exception].frames[culprit.frame];
  store::Sighting& sighting = out.sighting;
  sighting.site_path = frame.path.empty() ? frame.module : frame.path;
  sighting.site_function = frame.function;
  sighting.site_text = frame.code;
  sighting.site_line = frame.line;
}

void fill_from_event(Digested& out) {
  const Event& event = out.report->event;
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
  sighting.times = event.count;
  sighting.error_threshold = event.error_threshold;
  if (!event.warnings.empty()) sighting.flags |= store::kFlagWarnings;
}

}  // namespace

Result<wire::InFlightPtr> read_record(const journal::Record& found, wire::Buffer& inflated,
                                      wire::Parser& parser) {
  ASSIGN_OR_RETURN(wire::ReportRecord record, wire::decode_record(found.payload));
  RETURN_IF_ERROR(wire::inflate(record.encoding, record.body, record.inflated_bytes, inflated));
  auto report = std::make_unique<wire::InFlight>();
  report->sequence = found.sequence;
  report->segment = found.position.segment;
  report->offset = found.position.offset;
  report->record = record;
  report->body_bytes = static_cast<uint32_t>(record.body.size());
  report->has_event = true;
  try {
    ASSIGN_OR_RETURN(report->event,
                     wire::read_event(record.protocol, inflated.view(), wire::Detail::kIndex,
                                      record.arrival(), parser));
  } catch (const std::exception& error) {
    return {Code::kInternal, error.what()};
  }
  report->record.body = report->record.peer_ip = {};
  return report;
}

store::Quarantined describe(const journal::Record& found) {
  store::Quarantined aside{
      found.sequence, found.position.segment, found.position.offset, {}, {}, {}};
  if (auto record = wire::decode_record(found.payload)) {
    aside.project = record->project;
    aside.report_id = record->report_id;
  }
  return aside;
}

void digest_report(wire::InFlightPtr report, const Rules& rules, Digested& out) {
  out.report = std::move(report);
  Event& event = out.report->event;
  triage::mark_in_app(event);
  rules.scrubber->scrub(event);
  out.grouping = triage::group(event);
  out.title = triage::title(event);
  triage::name_files(event);

  const wire::ReportRecord& record = out.report->record;
  store::Sighting& sighting = out.sighting;
  sighting = {};
  sighting.sequence = out.report->sequence;
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
  sighting.event = &event;
  if (auto culprit = triage::find_culprit(event, rules.library_code.of(record.project))) {
    fill_site(*culprit, out);
  } else {
    sighting.nobody_to_blame = triage::is_error(event);
  }
  sighting.body = {out.report->segment, out.report->offset, out.report->body_bytes};
  sighting.protocol = static_cast<uint8_t>(record.protocol);
  sighting.encoding = static_cast<uint8_t>(record.encoding);
  if (record.sanitised) sighting.flags |= store::kFlagSanitised;
  if (record.trimmed) sighting.flags |= store::kFlagTrimmed;
  if (record.over_quota) sighting.flags |= store::kFlagOverQuota;
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
