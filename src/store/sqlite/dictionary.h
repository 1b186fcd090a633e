// From text to row id, for the writer: hosts, environments, releases, people, places in code. Known
// ones come from bounded caches, so that a sighting costs no query for them; new ones are inserted
// into the caller's transaction.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "store/sqlite/db.h"
#include "store/sqlite/generation_cache.h"
#include "store/types.h"

namespace flawless::store::sqlite {

enum class TermKind : uint8_t { kHost = 1, kBrowser = 2, kOs = 3, kContext = 4 };

// How much is kept of a host's or function's name, and of a path or source line.
inline constexpr size_t kTermBytes = 512, kCodeBytes = 1024;

struct SiteRow {
  int64_t id = 0, line_id = 0;
  bool is_new = false;
};

// What a person is known by: the first of external id, username, email that is there. Empty without
// any.
std::string person_hash(std::string_view id, std::string_view username, std::string_view email);
// Runs of white space become one space; none at the ends.
std::string squeeze(std::string_view text);
// At most `bytes` bytes, not cut inside a UTF-8 sequence.
std::string_view cut(std::string_view text, size_t bytes);

// One thread. forget() must follow a rollback: what it inserted is gone.
class Dictionary {
 public:
  explicit Dictionary(Db& db);

  // 0 for empty text.
  int64_t term(ProjectId project, TermKind kind, std::string_view text);
  int64_t environment(ProjectId project, std::string_view name);
  // Also moves last_seen, by steps of some minutes, so that a known release costs no write.
  int64_t release(ProjectId project, std::string_view version, Time at);
  // The newest name and address win. 0 if the sighting names nobody.
  int64_t person(const Sighting& sighting);
  // Nothing to blame: id 0.
  SiteRow site(const Sighting& sighting, int64_t release_id);
  // The site, without a place, of an item's reports that blame nobody.
  SiteRow site_of_item(const Sighting& sighting, int64_t release_id, int64_t item_id);
  void forget();
  // The site belongs to another line now, and perhaps the line's keys too.
  void forget_site(ProjectId project, std::string_view hash);

 private:
  struct Dated {
    int64_t id = 0;
    Time last_seen;
    uint64_t fields = 0;  // hash of what may change
  };
  int64_t insert_person(const Sighting& sighting, const std::string& hash, uint64_t fields);
  void refresh_person(const Sighting& sighting, Dated& known, uint64_t fields);
  // `item_id`: of whose reports without a place; 0: by the place.
  SiteRow find_or_add_site(const Sighting& sighting, int64_t release_id, int64_t item_id);
  int64_t line_of(const Sighting& sighting, int64_t item_id);

  Db& db_;
  std::string key_;
  GenerationCache<std::string, int64_t> terms_{16384}, environments_{2048}, lines_{8192};
  GenerationCache<std::string, Dated> releases_{4096}, people_{16384};
  GenerationCache<std::string, SiteRow> sites_{16384};
  Statement find_term_, add_term_, find_environment_, add_environment_;
  Statement find_release_, add_release_, touch_release_;
  Statement find_person_, add_person_, update_person_;
  Statement find_site_, add_site_, find_line_, add_line_, add_line_key_;
};

}  // namespace flawless::store::sqlite
