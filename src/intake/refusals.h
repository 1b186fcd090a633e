// What was refused, trimmed or cleaned, by project and reason: nothing is lost silently. The server
// moves the counts into the store now and then.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/locked.h"
#include "base/time.h"

namespace flawless::intake {

struct RefusalCount {
  ProjectId project;  // none: the sender could not be told
  std::string reason;
  uint64_t count = 0;
  Time last_at;
};

class Refusals {
 public:
  // `reason` is one of ours, not the sender's text.
  void count(ProjectId project, std::string_view reason, Time at) {
    auto counts = counts_.lock();
    auto& entry = (*counts)[{project.v, std::string(reason)}];
    ++entry.first;
    entry.second = at;
  }
  // Takes what has gathered.
  [[nodiscard]] std::vector<RefusalCount> take() {
    Map taken;
    std::swap(taken, *counts_.lock());
    return rows_of(taken);
  }
  // What has gathered and is not stored yet: on a full disk that is all there is to show.
  [[nodiscard]] std::vector<RefusalCount> waiting() const { return rows_of(*counts_.lock()); }
  // Puts back what could not be stored.
  void restore(const std::vector<RefusalCount>& taken) {
    auto counts = counts_.lock();
    for (const RefusalCount& row : taken) {
      auto& entry = (*counts)[{row.project.v, row.reason}];
      entry.first += row.count;
      entry.second = std::max(entry.second, row.last_at);
    }
  }

 private:
  using Map = std::map<std::pair<int64_t, std::string>, std::pair<uint64_t, Time>>;
  static std::vector<RefusalCount> rows_of(const Map& counts) {
    std::vector<RefusalCount> rows;
    for (const auto& [key, value] : counts)
      rows.push_back({{key.first}, key.second, value.first, value.second});
    return rows;
  }
  mutable Locked<Map> counts_;
};

}  // namespace flawless::intake
