#include "store/sqlite/rules.h"

#include <fmt/format.h>

namespace flawless::store::sqlite {
namespace {

const Status kNoRule{Code::kNotFound, "no such rule"};

bool sees(const Visible& visible, ProjectId project) {
  if (project) return visible.includes(project);
  return visible.all || !visible.projects.empty();
}

Status check_may_change(const Visible& visible, ProjectId project) {
  if (!sees(visible, project)) return kNoRule;
  if (project || visible.all) return Status::ok();
  return {Code::kDenied, "a rule for all projects is for administrators to change"};
}

// One address a line: none holds a line break.
std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text.push_back('\n');
    text += line;
  }
  return text;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<int64_t> maybe_integer(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

Status check_rule(const Rule& rule) {
  if (rule.path.empty()) return {Code::kInvalid, "a rule needs a file"};
  if (rule_kind_name(rule.kind) == "unknown") return {Code::kInvalid, "no such kind of rule"};
  for (const std::string& address : rule.email_recipients) {
    if (address.empty() || address.find_first_of("\r\n") != std::string::npos) {
      return {Code::kInvalid, "a recipient is one e-mail address"};
    }
  }
  return Status::ok();
}

// A line that was mailed is looked at again only for a known error, which may be mailed on a
// schedule and is shown as known.
void wake_lines(Db& db, ProjectId project, RuleKind kind) {
  db.cached(
        "UPDATE line SET decide_at_count=1 WHERE joined_to=0 AND (mailed_at IS NULL OR ?2)"
        " AND (?1=0 OR id IN (SELECT line_id FROM site WHERE project_id=?1))")
      .with(project, kind == RuleKind::kKnownError)
      .run();
}

}  // namespace

std::vector<Rule> read_rules(Db& db, const Visible& visible) {
  std::vector<Rule> rules;
  Statement& rows = db.cached(
      "SELECT id, kind, project_id, path, function, code, min_alert, max_alert, every_n,"
      " recipients, header, created_at, created_by FROM rule ORDER BY id");
  for (rows.with(); rows.next();) {
    ProjectId project{rows.integer(2)};
    if (!sees(visible, project)) continue;
    Rule& rule = rules.emplace_back();
    rule.id = rows.integer(0);
    rule.kind = static_cast<RuleKind>(rows.integer(1));
    rule.project = project;
    rule.path = rows.string(3);
    rule.function = rows.string(4);
    rule.code = rows.string(5);
    rule.min_alert_threshold = maybe_integer(rows, 6);
    rule.max_alert_threshold = maybe_integer(rows, 7);
    rule.alert_every_n_occurrences = maybe_integer(rows, 8);
    rule.email_recipients = split_lines(rows.text(9));
    rule.email_header = rows.string(10);
    rule.created_at = rows.time(11);
    rule.created_by = rows.string(12);
  }
  return rules;
}

Result<Rule> insert_rule(Db& db, const Visible& visible, const Rule& rule, Time now) {
  RETURN_IF_ERROR(check_rule(rule));
  RETURN_IF_ERROR(check_may_change(visible, rule.project));
  Rule made = rule;
  made.created_at = now;
  std::string recipients = join_lines(rule.email_recipients);
  Statement& add = db.cached(
      "INSERT INTO rule(project_id, kind, path, function, code, min_alert, max_alert, every_n,"
      " recipients, header, created_at, created_by) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"
      " ON CONFLICT(project_id, kind, path, function, code) DO UPDATE SET"
      " min_alert=excluded.min_alert, max_alert=excluded.max_alert, every_n=excluded.every_n,"
      " recipients=excluded.recipients, header=excluded.header, created_at=excluded.created_at,"
      " created_by=excluded.created_by RETURNING id");
  std::optional<int64_t> id =
      add.with(rule.project, static_cast<int>(rule.kind), rule.path, rule.function, rule.code,
               rule.min_alert_threshold, rule.max_alert_threshold, rule.alert_every_n_occurrences,
               recipients, rule.email_header, now, rule.created_by)
          .one_int();
  made.id = id.value_or(0);
  wake_lines(db, rule.project, rule.kind);
  return made;
}

Status delete_rule(Db& db, const Visible& visible, int64_t id) {
  Statement& find = db.cached("SELECT project_id, kind FROM rule WHERE id=?");
  if (!find.with(id).next()) return kNoRule;
  ProjectId project{find.integer(0)};
  auto kind = static_cast<RuleKind>(find.integer(1));
  find.reset();
  RETURN_IF_ERROR(check_may_change(visible, project));
  db.cached("DELETE FROM rule WHERE id=?").with(id).run();
  wake_lines(db, project, kind);
  return Status::ok();
}

}  // namespace flawless::store::sqlite
