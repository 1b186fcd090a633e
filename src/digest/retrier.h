// Digests a report of the quarantine once more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "digest/sighting.h"
#include "journal/journal.h"
#include "store/store.h"

namespace flawless::digest {

// On the digest thread, between batches, so that whatever happens the cursor covers what is stored.
class Retrier {
 public:
  using OnStored = std::function<void(const store::Sighting&, const store::Applied&)>;

  Retrier(const journal::Journal& journal, store::Store& store)
      : journal_(journal), store_(store) {}

  // `cursor`: how far digestion is; it stays there. What is stored leaves the quarantine in the
  // same transaction, what the journal has no more leaves it too, and the rest stays with the
  // reason of this time.
  [[nodiscard]] store::Retried try_again(uint64_t sequence, const Rules& rules,
                                         const store::JournalCursor& cursor,
                                         const OnStored& on_stored);

 private:
  [[nodiscard]] store::Retried drop(const store::Quarantined& aside, std::string why,
                                    const store::JournalCursor& cursor);
  [[nodiscard]] store::Retried keep(store::Quarantined aside, const Status& why,
                                    const store::JournalCursor& cursor);

  const journal::Journal& journal_;
  store::Store& store_;
};

}  // namespace flawless::digest
