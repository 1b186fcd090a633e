#include "body/bodies.h"

#include <utility>

#include "base/json_writer.h"
#include "body/indent.h"
#include "wire/encoding.h"
#include "wire/limits.h"
#include "wire/record.h"

namespace flawless::body {
namespace {

// A record and what was found in it; `report` views the payload, so the two stay together.
struct Stored {
  journal::Record record;
  wire::ReportRecord report;
  wire::Buffer inflated;
};

Status check_owner(const wire::ReportRecord& report, const Place& place) {
  if (report.project == place.project && report.report_id == place.report_id) return Status::ok();
  return {Code::kCorrupt, "the stored body belongs to another report"};
}

// What was accepted once and cannot be read now was damaged since.
Status damaged(const Status& status) {
  return {Code::kCorrupt, "the stored body cannot be read: " + status.message()};
}

Status load(const journal::Journal& journal, const Place& place, Stored& out) {
  auto record = journal.read({place.segment, place.offset});
  if (record.code() == Code::kNotFound) {
    return {Code::kNotFound,
            "the body was dropped, by age or to stay within the disk's limit; counts are kept"};
  }
  if (record.code() == Code::kCorrupt) {
    return {Code::kCorrupt,
            "the journal is damaged where the body lies, so it cannot be read; counts are kept. "
            "The server's health says what to do"};
  }
  if (!record) return record.status();
  out.record = std::move(record).value();
  ASSIGN_OR_RETURN(out.report, wire::decode_record(out.record.payload));
  RETURN_IF_ERROR(check_owner(out.report, place));
  Status inflated =
      wire::inflate(out.report.encoding, out.report.body, wire::kRequestBytes, out.inflated);
  return inflated ? Status::ok() : damaged(inflated);
}

}  // namespace

Result<Event> Bodies::event(const Place& place) const {
  Stored stored;
  RETURN_IF_ERROR(load(journal_, place, stored));
  wire::Parser parser;
  auto event = wire::read_event(stored.report.protocol, stored.inflated.view(), wire::Detail::kFull,
                                stored.report.arrival(), parser);
  if (!event) return damaged(event.status());
  triage::mark_in_app(*event);
  scrubber_.scrub(*event);
  triage::name_files(*event);
  return event;
}

Result<std::string> Bodies::raw_json(const Place& place) const {
  Stored stored;
  RETURN_IF_ERROR(load(journal_, place, stored));
  wire::Parser parser;
  Arena arena;
  auto value = wire::read_raw(stored.report.protocol, stored.inflated.view(), arena, parser);
  if (!value) return damaged(value.status());
  scrubber_.scrub(*value, arena);
  JsonWriter json;
  write_value(json, *value);
  return indent(json.text());
}

}  // namespace flawless::body
