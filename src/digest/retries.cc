#include "digest/retries.h"

#include <utility>

namespace flawless::digest {

Result<std::vector<store::Retried>> Retries::ask(const std::vector<uint64_t>& sequences,
                                                 std::chrono::milliseconds patience) {
  std::unique_lock alone(asking_, std::try_to_lock);
  if (!alone) return {Code::kUnavailable, "reports are being tried again already; ask again soon"};
  std::unique_lock guard(mutex_);
  ++round_;
  sequences_ = sequences;
  outcomes_.clear();
  taken_ = 0;
  answered_.wait_for(guard, patience, [this] { return closed_ || is_answered(); });
  std::vector<store::Retried> outcomes = std::exchange(outcomes_, {});
  sequences_.clear();
  ++round_;
  if (outcomes.empty() && !sequences.empty()) {
    return {Code::kUnavailable, closed_ ? "the server is stopping"
                                        : "digestion is busy with other reports; try again later"};
  }
  for (size_t i = outcomes.size(); i < sequences.size(); ++i) {
    outcomes.push_back({.sequence = sequences[i], .reason = "digestion had no time for it"});
  }
  return outcomes;
}

void Retries::close() {
  std::lock_guard guard(mutex_);
  closed_ = true;
  answered_.notify_all();
}

bool Retries::any() const {
  std::lock_guard guard(mutex_);
  return taken_ < sequences_.size();
}

std::optional<Retries::Asked> Retries::next() {
  std::lock_guard guard(mutex_);
  if (closed_ || taken_ >= sequences_.size()) return std::nullopt;
  return Asked{sequences_[taken_++], round_};
}

void Retries::answer(const Asked& asked, store::Retried outcome) {
  std::lock_guard guard(mutex_);
  if (asked.round != round_) return;
  outcomes_.push_back(std::move(outcome));
  if (is_answered()) answered_.notify_all();
}

}  // namespace flawless::digest
