// What the repositories say about a reported line: the verdict, and the line's identity.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "blame/identity.h"
#include "blame/mirrors.h"
#include "blame/options.h"
#include "blame/place.h"
#include "blame/release.h"
#include "event/verdict.h"

namespace flawless::blame {

struct LineInRepository {
  std::string repository;
  Origin plain, through;
  std::shared_ptr<const scm::FileBlame> file;  // plain
};

struct Examination {
  std::optional<std::chrono::milliseconds> later;  // nothing is known yet: ask again after this
  Verdict verdict;
  std::optional<LineInRepository> line;  // only when it is certain to be the reported one
  std::optional<Time> changed_at;
};

struct Report {
  std::string_view project, release;
  Time at;  // when it came
  Waited waited;
};

// Any thread; waits for git.
class Examiner {
 public:
  Examiner(const Options& options, const Mirrors& mirrors)
      : options_(options), mirrors_(mirrors), releases_(options) {}

  // What cannot be found is said in verdict.problem. An error is git's, and may pass.
  [[nodiscard]] Result<Examination> examine(const Report& report, const ReportedFrame& frame,
                                            const std::stop_token& stop);
  // Whether `older` comes before `newer`, or is the same, as a repository of the project knows;
  // false also when none does.
  [[nodiscard]] bool is_not_newer(std::string_view project, std::string_view older,
                                  std::string_view newer);

 private:
  // `instead`: why it is not the report's release that is read; empty: it is.
  Status look_into(FilePlace place, const Report& report, const ReportedFrame& frame,
                   std::string_view instead, const std::stop_token& stop, Examination& result);
  Status blame(const FilePlace& place, const LinePlace& line, Time reported_at,
               std::string_view instead, const std::stop_token& stop, Examination& result);

  const Options& options_;
  const Mirrors& mirrors_;
  ReleaseFinder releases_;
};

}  // namespace flawless::blame
