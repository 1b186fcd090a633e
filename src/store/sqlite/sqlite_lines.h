// Lines, decisions and rules in SQLite.
#pragma once

#include "base/locked.h"
#include "store/lines.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"

namespace flawless::store::sqlite {

// Any thread.
class SqliteLines final : public Lines {
 public:
  SqliteLines(Writer& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  Result<std::optional<Decision>> next_decision(std::span<const ProjectId> busy, Time now) override;
  Result<Line> line(LineId id) override;
  Result<std::optional<LineId>> find_line(const LineKey& key) override;
  Result<std::vector<LineKey>> line_keys(LineId id, std::string_view kind) override;
  Result<LineId> conclude(const Conclusion& conclusion, Time now) override;
  Status postpone(int64_t decision, Time not_before) override;
  Status decide_again(ProjectId project, Time now) override;
  Result<uint64_t> decisions_waiting() override;

  Result<Line> line_of(const Visible& visible, OccurrenceId occurrence) override;
  Result<std::vector<LineReport>> report(const Visible& visible, Time from, Time to) override;
  Result<OccurrenceId> newest_at(const Visible& visible, const SiteQuery& query, Time from,
                                 Time to) override;

  Result<std::vector<Rule>> rules(const Visible& visible) override;
  Result<Rule> add_rule(const Visible& visible, const Rule& rule, Time now) override;
  Status remove_rule(const Visible& visible, int64_t id) override;

 private:
  Writer& writer_;
  ReaderPool& readers_;
  Locked<ProjectId> last_project_;  // whose decision was handed out last
};

}  // namespace flawless::store::sqlite
