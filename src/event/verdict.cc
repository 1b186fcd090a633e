#include "event/verdict.h"

#include <simdjson.h>

#include <limits>

#include "base/json_writer.h"

namespace flawless {
namespace {

constexpr double kHigh = 0.8, kMedium = 0.5;

void write_source(JsonWriter& json, const std::vector<SourceLine>& source) {
  if (source.empty()) return;
  json.key("source").array();
  for (const SourceLine& line : source) {
    json.object().field("number", line.number).field("text", line.text).end();
  }
  json.end();
}

void write_reasons(JsonWriter& json, const std::vector<std::string>& reasons) {
  if (reasons.empty()) return;
  json.key("reasons").array();
  for (const std::string& reason : reasons) json.value(reason);
  json.end();
}

// What of a member is not of its type is as good as left out.
class Reader {
 public:
  explicit Reader(simdjson::dom::object object) : object_(object) {}

  void text(std::string_view name, std::string& out) {
    std::string_view found;
    if (object_[name].get(found) == simdjson::SUCCESS) out = found;
  }
  void number(std::string_view name, uint32_t& out) {
    uint64_t found = 0;
    if (object_[name].get(found) == simdjson::SUCCESS &&
        found <= std::numeric_limits<uint32_t>::max()) {
      out = static_cast<uint32_t>(found);
    }
  }
  void number(std::string_view name, uint64_t& out) {
    uint64_t found = 0;
    if (object_[name].get(found) == simdjson::SUCCESS) out = found;
  }
  void number(std::string_view name, double& out) {
    double found = 0;
    if (object_[name].get(found) == simdjson::SUCCESS) out = found;
  }
  void flag(std::string_view name, bool& out) {
    bool found = false;
    if (object_[name].get(found) == simdjson::SUCCESS) out = found;
  }
  void time(std::string_view name, std::optional<Time>& out) {
    std::string found;
    text(name, found);
    out = parse_rfc3339(found);
  }
  template <typename Take>
  void each(std::string_view name, Take take) {
    simdjson::dom::array found;
    if (object_[name].get(found) != simdjson::SUCCESS) return;
    for (simdjson::dom::element element : found) take(element);
  }

 private:
  simdjson::dom::object object_;
};

void read_members(Reader& from, Verdict& verdict) {
  from.text("repository", verdict.repository);
  from.text("path", verdict.path);
  from.number("line", verdict.line);
  from.text("revision", verdict.revision);
  from.flag("at_release", verdict.at_release);
  from.text("path_rule", verdict.path_rule);
  from.text("commit", verdict.commit);
  from.text("summary", verdict.summary);
  from.text("author_name", verdict.author_name);
  from.text("author_email", verdict.author_email);
  from.time("authored_at", verdict.authored_at);
  from.text("developer", verdict.developer);
  from.number("confidence", verdict.confidence);
  from.text("problem", verdict.problem);
  from.text("not_mailed", verdict.not_mailed);
  from.number("mail_at_count", verdict.mail_at_count);
  from.each("reasons", [&](simdjson::dom::element element) {
    std::string_view reason;
    if (element.get(reason) == simdjson::SUCCESS) verdict.reasons.emplace_back(reason);
  });
  from.each("source", [&](simdjson::dom::element element) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return;
    Reader members(object);
    SourceLine& line = verdict.source.emplace_back();
    members.number("number", line.number);
    members.text("text", line.text);
  });
}

}  // namespace

std::string_view Verdict::confidence_word() const {
  if (!has_author()) return "";
  if (confidence >= kHigh) return "high";
  return confidence >= kMedium ? "medium" : "low";
}

std::string write_verdict(const Verdict& verdict) {
  JsonWriter json;
  json.object().field_if("repository", verdict.repository).field_if("path", verdict.path);
  if (verdict.line > 0) json.field("line", verdict.line);
  json.field_if("revision", verdict.revision);
  if (verdict.at_release) json.field("at_release", true);
  json.field_if("path_rule", verdict.path_rule);
  write_source(json, verdict.source);
  json.field_if("commit", verdict.commit).field_if("summary", verdict.summary);
  json.field_if("author_name", verdict.author_name);
  json.field_if("author_email", verdict.author_email);
  if (verdict.authored_at) json.field("authored_at", to_rfc3339(*verdict.authored_at));
  json.field_if("developer", verdict.developer);
  if (verdict.confidence > 0) json.field("confidence", verdict.confidence);
  write_reasons(json, verdict.reasons);
  json.field_if("problem", verdict.problem).field_if("not_mailed", verdict.not_mailed);
  if (verdict.mail_at_count > 0) json.field("mail_at_count", verdict.mail_at_count);
  json.end();
  return json.take();
}

Result<Verdict> read_verdict(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
      return {Code::kInvalid, "the verdict is not a JSON object"};
    }
    Verdict verdict;
    Reader reader(object);
    read_members(reader, verdict);
    return verdict;
  } catch (const std::exception& error) {
    return {Code::kInternal, error.what()};
  }
}

}  // namespace flawless
