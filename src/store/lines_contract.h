// For the contract of lines: sightings at places in code, and answers to the decisions they queue.
#pragma once

#include "store/store_contract.h"

namespace flawless::store {

class LinesContract : public StoreContract {
 protected:
  Lines& lines() { return store_->lines(); }

  Sighting at(std::string_view group, std::string_view path, std::string_view text = "x = 1",
              uint32_t line = 5) {
    Sighting s = report(group);
    s.site_path = path;
    s.site_function = "f";
    s.site_text = text;
    s.site_line = line;
    return s;
  }
  std::optional<Decision> next(std::vector<ProjectId> busy = {}) {
    auto found = lines().next_decision(busy, now_);
    EXPECT_TRUE(found) << found.message();
    return found ? *found : std::nullopt;
  }
  Sighting without_culprit(std::string_view group) {
    Sighting s = report(group);
    s.nobody_to_blame = true;
    return s;
  }
  Decision must_next() {
    auto decision = next();
    EXPECT_TRUE(decision) << "nothing is queued";
    return decision.value_or(Decision{});
  }
  Line line(LineId id) {
    auto found = lines().line(id);
    EXPECT_TRUE(found) << found.message();
    return found ? *found : Line{};
  }
  // An answer to the decision as the line is now; nothing is mailed.
  Conclusion answer(const Decision& decision) {
    Line now = line(decision.line);
    Conclusion c;
    c.decision = &decision;
    c.line = now.id;
    c.episode = now.episode;
    c.was_mailed = now.mailed_at.has_value();
    return c;
  }
  static NewMessage mail_to(std::string to) {
    return {.key = "line:{line}:0",
            .kind = "line",
            .recipient = std::move(to),
            .payload = "{}",
            .item = {}};
  }
  LineId conclude(const Conclusion& conclusion) {
    auto done = lines().conclude(conclusion, now_);
    EXPECT_TRUE(done) << done.message();
    return done.value_or(LineId{});
  }
  LineId conclude_next() {
    Decision decision = must_next();
    return conclude(answer(decision));
  }
  // Mailed to ann.
  LineId mail_next() {
    Decision decision = must_next();
    Conclusion c = answer(decision);
    c.developer = "ann@shop.example";
    c.mail = mail_to(c.developer);
    return conclude(c);
  }
  size_t messages() {
    auto due = store_->outbox().due(now_, 100);
    EXPECT_TRUE(due);
    return due ? due->size() : 0;
  }
  uint64_t waiting() { return lines().decisions_waiting().value_or(999); }
};

}  // namespace flawless::store
