// The store: small rows about reports, and the one place that knows who may see them.
// docs/data-model.md has the tables.
//
// Life cycle: open() migrates, then any thread may read; writes are serialised inside. A write that
// returned ok is durable.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/accounts.h"
#include "store/lines.h"
#include "store/outbox.h"
#include "store/quarantine.h"
#include "store/types.h"

namespace flawless::store {

// A position in a journal, as journal::Cursor (which this room may not know).
struct JournalCursor {
  uint64_t journal_id = 0;
  uint32_t epoch = 0, partition = 0;
  uint64_t sequence = 0;
  // The journal has lost records: the stored cursor, which never goes back otherwise, does.
  bool rewinds = false;
};

class Store {
 public:
  virtual ~Store() = default;

  // --- digestion (one thread) ---

  // Applies the sightings in order and moves the cursor, in one durable transaction. One Applied
  // per sighting, same order.
  // kUnavailable when the disk refuses: nothing was applied, try again. Nothing is applied either,
  // and trying again does not help, with kNotFound (a sighting names a project that does not exist)
  // and kConflict (the cursor's epoch is older than the stored one).
  [[nodiscard]] virtual Result<std::vector<Applied>> apply(std::span<const Sighting> sightings,
                                                           const JournalCursor& cursor) = 0;
  [[nodiscard]] virtual Result<JournalCursor> cursor(uint64_t journal_id, uint32_t partition) = 0;
  // The newest cursor that a finished checkpoint covers: what the journal may forget. Tries a
  // checkpoint on the calling thread while writes wait: call it every few seconds, not per batch.
  [[nodiscard]] virtual Result<JournalCursor> checkpoint(uint64_t journal_id,
                                                         uint32_t partition) = 0;
  // Poison: counts a try of one record, durably, and returns how many there were with this one.
  [[nodiscard]] virtual Result<int> count_attempt(uint64_t sequence) = 0;
  [[nodiscard]] virtual Status clear_attempts() = 0;
  // Puts it aside, or changes the row of one that is.
  [[nodiscard]] virtual Status quarantine(const Quarantined& record,
                                          const JournalCursor& cursor) = 0;
  // In order of sequence.
  [[nodiscard]] virtual Result<std::vector<Quarantined>> quarantined(
      const QuarantineQuery& query) = 0;
  [[nodiscard]] Result<std::vector<Quarantined>> quarantined() {
    return quarantined(QuarantineQuery{});
  }
  // kNotFound: there is none with that id that is visible.
  [[nodiscard]] virtual Result<Quarantined> quarantined_report(const Visible& visible,
                                                               ProjectId project,
                                                               const ReportId& id) = 0;
  // As apply(), of one record that was in quarantine, and takes it out in the same transaction. It
  // counts as of when it came, though it is its item's last occurrence. The journal's cursor, given
  // for its epoch, stays where it is.
  [[nodiscard]] virtual Result<Applied> apply_quarantined(const Sighting& sighting,
                                                          const JournalCursor& cursor) = 0;
  // Takes it off the list: there is nothing left to digest.
  [[nodiscard]] virtual Status drop_quarantined(uint64_t sequence) = 0;
  // Adds counts of refused, trimmed and sampled reports.
  [[nodiscard]] virtual Status add_refusals(std::span<const Refusal> refusals) = 0;
  [[nodiscard]] virtual Result<std::vector<Refusal>> refusals(const Visible& visible,
                                                              Time since) = 0;

  // --- administration ---

  // kInvalid: bad name (1 to 64 characters, starting with a letter or digit); kConflict: name
  // taken, letter case aside. Makes four tokens, one per scope; their values are in the reply, read
  // and write ones for this once.
  struct NewProject {
    Project project;
    std::vector<Token> tokens;
  };
  [[nodiscard]] virtual Result<NewProject> create_project(std::string_view name, Time now) = 0;
  [[nodiscard]] virtual Result<std::vector<Project>> projects(const Visible& visible) = 0;
  [[nodiscard]] virtual Status set_project_enabled(ProjectId project, bool enabled) = 0;
  [[nodiscard]] virtual Result<Token> create_token(ProjectId project, Scope scope,
                                                   std::string_view name, Time now) = 0;
  // Of all projects; values of post scopes, hashes of all.
  [[nodiscard]] virtual Result<std::vector<Token>> tokens() = 0;
  [[nodiscard]] virtual Status set_token_enabled(TokenId token, bool enabled) = 0;
  // kConflict: that address has an account.
  [[nodiscard]] virtual Result<User> create_user(std::string_view email, std::string_view name,
                                                 std::string_view role,
                                                 std::string_view password_hash, Time now) = 0;

  // --- reading ---

  [[nodiscard]] virtual Result<Page<Item>> items(const Visible& visible, const ItemQuery& query,
                                                 Time now) = 0;
  [[nodiscard]] virtual Result<Item> item(const Visible& visible, ProjectId project, int64_t number,
                                          Time now) = 0;
  [[nodiscard]] virtual Result<Item> item_by_id(const Visible& visible, ItemId id, Time now) = 0;
  // Breakdown over the newest 1,000 occurrences of the item.
  [[nodiscard]] virtual Result<std::vector<Facet>> facets(const Visible& visible, ProjectId project,
                                                          int64_t number) = 0;
  // Newest first. Where a filter passes few rows, a page may hold fewer than asked for, or none,
  // and still have `next`: the search goes on there.
  [[nodiscard]] virtual Result<Page<Occurrence>> occurrences(const Visible& visible,
                                                             const OccurrenceQuery& query) = 0;
  [[nodiscard]] virtual Result<Occurrence> occurrence(const Visible& visible, OccurrenceId id) = 0;
  [[nodiscard]] virtual Result<Occurrence> occurrence_by_report(const Visible& visible,
                                                                ProjectId project,
                                                                const ReportId& id) = 0;
  // Occurrences per bucket of `step_hours` hours from `from`, of one item or (number 0) of the
  // project.
  [[nodiscard]] virtual Result<std::vector<uint64_t>> trend(const Visible& visible,
                                                            ProjectId project, int64_t number,
                                                            Time from, int step_hours,
                                                            int buckets) = 0;

  // What happened to an item, newest first, at most 1,000.
  [[nodiscard]] virtual Result<std::vector<ItemEvent>> history(const Visible& visible,
                                                               ProjectId project,
                                                               int64_t number) = 0;

  // --- acting ---

  // Writes history. kNotFound if not visible.
  [[nodiscard]] virtual Result<Item> set_status(const Visible& visible, ProjectId project,
                                                int64_t number, ItemStatus status,
                                                std::string_view by, Time now) = 0;

  // --- lines to blame, messages, accounts: live as long as the store ---

  virtual Lines& lines() = 0;
  virtual Outbox& outbox() = 0;
  virtual Accounts& accounts() = 0;

  [[nodiscard]] virtual Result<StoreHealth> health() = 0;
  // Finishes the running transaction, checkpoints, closes. Idempotent; also done by the destructor.
  virtual void stop() = 0;
};

}  // namespace flawless::store
