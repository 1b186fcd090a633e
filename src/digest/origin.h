// Where digestion goes on in the journal, and whether store and journal agree about what was read.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "journal/journal.h"
#include "store/store.h"

namespace flawless::digest {

struct Origin {
  uint64_t sequence = 0;  // of the last record that is stored
  std::string damage;     // for the operator; empty when store and journal agree
};

// After damage the journal may end before what the store has read of it, and give its numbers out
// again. Then the store's cursor goes back to the oldest record that is left: everything is read
// again, and what is stored is known by its report id, so nothing counts twice.
[[nodiscard]] Result<Origin> find_origin(const journal::Journal& journal, store::Store& store);

}  // namespace flawless::digest
