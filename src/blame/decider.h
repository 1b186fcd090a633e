// One decision: whose line is it, and is a mail due?
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/locked.h"
#include "base/result.h"
#include "base/time.h"
#include "blame/code_rules.h"
#include "blame/examiner.h"
#include "blame/mirrors.h"
#include "blame/options.h"
#include "body/bodies.h"
#include "store/store.h"

namespace flawless::blame {

struct Decided {
  bool concluded = false;  // else it is queued again
  LineId line;
  std::string developer;        // empty: nobody was found
  bool mailed = false;          // a mail is in the outbox
  bool third_party = false;     // the line is passed over because of a rule, for the first time
  bool nobody_to_tell = false;  // a mail was due, but there is no address: for the first time
};

// Any thread; two may not make the same decision at once.
class Decider {
 public:
  struct Parts {
    store::Store& store;
    const Mirrors& mirrors;
    const body::Bodies& bodies;
    const Clock& clock;
  };
  Decider(const Options& options, const Parts& parts)
      : options_(options),
        parts_(parts),
        examiner_(options, parts.mirrors),
        rules_(options.rules) {}

  // An error is the store's: the decision is still queued and can be made later.
  [[nodiscard]] Result<Decided> decide(const store::Decision& decision,
                                       const std::stop_token& stop);

  // In place of the options'. Any thread; decisions that are being made may still go by the old.
  void set_rules(std::vector<store::Rule> rules) { *rules_.lock() = std::move(rules); }

 private:
  struct Case;
  class Claim;
  Result<Decided> conclude(Case& one);
  Status gather(Case& one);
  void find_rules(Case& one) const;
  Result<bool> examine(Case& one, const std::stop_token& stop);
  Result<bool> identify(Case& one, Claim& claim, const std::stop_token& stop);
  Result<std::vector<Candidate>> candidates(LineId line) const;
  Result<bool> ask_history(Case& one, IdentityQuestion& question, Claim& claim,
                           const std::stop_token& stop) const;
  void note_first_author(Case& one) const;
  void judge(Case& one);
  Status address(Case& one);
  [[nodiscard]] std::string why_not_mailed(const Case& one) const;
  [[nodiscard]] store::Conclusion conclusion(const Case& one) const;
  Status put_off(const Case& one, std::chrono::milliseconds time);

  const Options& options_;
  const Parts parts_;
  Examiner examiner_;
  Locked<std::vector<store::Rule>> rules_;  // of the configuration
  // Keys of lines that are being decided: two projects of one repository may come upon the same
  // line at once, and only one of them can be its first.
  Locked<std::set<std::string>> in_work_;
};

}  // namespace flawless::blame
