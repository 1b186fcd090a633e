#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

constexpr size_t kAtOnce = 100;

Result<uint64_t> whole_number(std::string_view name, const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) {
    return static_cast<uint64_t>(number);
  }
  return {Code::kInvalid, fmt::format("{} must be a whole number from 1, not '{}'", name, text)};
}

// --- list ---

void show_list(const Value& reply) {
  std::vector<std::vector<std::string>> rows = {
      {"SEQUENCE", "SET ASIDE", "PROJECT", "BODY", "REASON"}};
  for (const Member& member : list_of(reply, "quarantine")) {
    const Value& row = member.value;
    const std::string body = text_of(row, "body_available");
    rows.push_back({text_of(row, "sequence"), text_of(row, "at"), text_of(row, "project"),
                    body == "yes" ? "there" : body == "no" ? "gone" : "-",
                    text_of(row, "reason")});
  }
  print_table(rows);
  if (text_of(reply, "next") != "-") {
    fmt::print(stderr, "flawless: note: there are more; --limit shows up to 1000\n");
  }
}

Status list(const Arguments& arguments) {
  JsonWriter json;
  json.object().field_if("project", arguments.get("--project"));
  if (arguments.has("--limit")) {
    ASSIGN_OR_RETURN(const uint64_t limit, whole_number("--limit", arguments.get("--limit")));
    json.field("limit", limit);
  }
  json.end();
  return administer(arguments, "quarantine.list", json.text(), show_list);
}

// --- retry ---

// What became of the reports so far, over several calls of the server.
class Outcomes {
 public:
  explicit Outcomes(bool as_json) : as_json_(as_json) { json_.object().key("retried").array(); }

  // One line, or one entry of the JSON that finish() prints.
  void add(const Value& one) {
    ++total_;
    const std::string_view result = one.find("result")->text;
    if (result == "stored") ++stored_;
    if (result == "unknown") ++unknown_;
    if (as_json_) return write_value(json_, one);
    fmt::print("{}  {:8} {}\n", text_of(one, "sequence"), result, words_of(one, result));
  }
  // Also of what was done before the server went away.
  [[nodiscard]] Status finish(Status asked) {
    json_.end().end();
    if (as_json_) fmt::print("{}\n", json_.text());
    if (!asked) return asked;
    if (!as_json_ && total_ == 0) fmt::print("No report is set aside\n");
    if (stored_ == total_) return Status::ok();
    return {unknown_ == total_ - stored_ ? Code::kNotFound : Code::kInternal,
            fmt::format("{} of {} reports {} not stored", total_ - stored_, total_,
                        total_ - stored_ == 1 ? "is" : "are")};
  }

 private:
  static std::string words_of(const Value& one, std::string_view result) {
    if (result != "stored") return text_of(one, "reason");
    const bool before = text_of(one, "duplicate") == "yes";
    const std::string where = text_of(one, "url");
    return (before ? "it was there already: " : "") + (where == "-" ? "its item is gone" : where);
  }

  const bool as_json_;
  JsonWriter json_;
  size_t total_ = 0, stored_ = 0, unknown_ = 0;
};

Result<Reply> ask(const server::Config& config, const std::string& arguments_json) {
  ASSIGN_OR_RETURN(const auto outcome, administer(config, "quarantine.retry", arguments_json));
  return Reply::read(outcome.reply);
}

Status retry_all(const server::Config& config, Outcomes& outcomes) {
  std::string cursor;
  do {
    JsonWriter json;
    json.object().field("all", true).field_if("cursor", cursor).end();
    ASSIGN_OR_RETURN(const Reply reply, ask(config, json.text()));
    for (const Member& one : list_of(reply.value(), "retried")) outcomes.add(one.value);
    cursor = text_of(reply.value(), "next");
  } while (cursor != "-");
  return Status::ok();
}

// Those that the server had no time for are asked for again: each call gets at least one done, or
// fails.
Status retry_some(const server::Config& config, std::vector<uint64_t> sequences,
                  Outcomes& outcomes) {
  while (!sequences.empty()) {
    JsonWriter json;
    json.object().key("sequences").array();
    for (size_t i = 0; i < std::min(kAtOnce, sequences.size()); ++i) json.value(sequences[i]);
    json.end().end();
    ASSIGN_OR_RETURN(const Reply reply, ask(config, json.text()));
    for (const Member& one : list_of(reply.value(), "retried")) {
      if (text_of(one.value, "result") == "waiting") continue;
      outcomes.add(one.value);
      std::erase(sequences, static_cast<uint64_t>(one.value.find("sequence")->integer));
    }
  }
  return Status::ok();
}

Result<std::vector<uint64_t>> read_sequences(const Arguments& arguments) {
  std::vector<uint64_t> sequences;
  for (const std::string& text : arguments.all("SEQUENCE")) {
    ASSIGN_OR_RETURN(const uint64_t sequence, whole_number("SEQUENCE", text));
    sequences.push_back(sequence);
  }
  if (sequences.empty() != arguments.has("--all")) {
    return {Code::kInvalid, "give either the SEQUENCE of reports, from the list, or --all"};
  }
  return sequences;
}

Status retry(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::vector<uint64_t> sequences, read_sequences(arguments));
  ASSIGN_OR_RETURN(const server::Config config, find_config(arguments));
  Outcomes outcomes(arguments.has("--json"));
  return outcomes.finish(arguments.has("--all")
                             ? retry_all(config, outcomes)
                             : retry_some(config, std::move(sequences), outcomes));
}

}  // namespace

Command quarantine_list_command() {
  return {"quarantine list",
          "List the reports that are set aside, and why",
          {{"--project", "PROJECT", "only of this one: its name or id, also of one that is gone"},
           {"--limit", "N", "so many at most, the oldest first (default: 200)"},
           kConfOption,
           kJsonOption},
          list,
          "\nA report that was accepted and cannot be digested is set aside: it ended the process "
          "twice,\ncannot be read, or names a project that does not exist. Its body stays in the "
          "journal as long\nas others do (retention.journal_max_age). BODY is '-' when no server "
          "runs to say so."};
}

Command quarantine_retry_command() {
  return {"quarantine retry",
          "Try to digest reports again that are set aside",
          {{"SEQUENCE", "SEQUENCE", "of the report, from the list; several are possible", false,
            true},
           {"--all", "", "all that are set aside"},
           kConfOption,
           kJsonOption},
          retry,
          "\nFor when the cause is gone: another version, a project that is there again. The "
          "running server\ndoes it. A report that ends the server once more stays set aside and is "
          "not tried again by\nitself: its log tells which one it was, name the others. One whose "
          "body is gone leaves the list.\nExit code 0 only if all are stored."};
}

}  // namespace flawless::cli
