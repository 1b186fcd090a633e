// The rows of the data model as the rest of the program sees them (docs/data-model.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "event/event.h"

namespace flawless::store {

enum class ItemStatus : uint8_t { kActive = 1, kResolved = 2, kMuted = 3, kArchived = 4 };
std::string_view status_name(ItemStatus status);  // "active" …
std::optional<ItemStatus> parse_status(std::string_view name);

enum class Scope : uint8_t { kRead = 1, kWrite = 2, kPostServerItem = 3, kPostClientItem = 4 };
std::string_view scope_name(Scope scope);  // "read" "write" "post_server_item" "post_client_item"
std::optional<Scope> parse_scope(std::string_view name);

struct Project {
  ProjectId id;
  std::string name;
  bool enabled = true;
  Time created_at;
  std::string settings = "{}";  // JSON
};

struct Token {
  TokenId id;
  ProjectId project;  // none: all projects (read and write scopes only)
  Scope scope = Scope::kRead;
  std::string name;
  std::string value;  // post scopes always; read and write only when just created
  std::string hash;   // SHA-256 of the value, 32 bytes
  bool enabled = true;
  Time created_at;
};

struct User {
  UserId id;
  std::string email, name, role;  // role: "admin" or "member"
  Time created_at;
  bool enabled = true;  // false: cannot sign in, has no sessions
};

// Where an occurrence's body lies.
struct BodyRef {
  uint64_t segment = 0, offset = 0;  // in the journal
  uint32_t bytes = 0;                // as stored (compressed as sent)
};

// One report, digested: what a batch adds. Views are owned by the batch's events and by the caller
// until apply() returns.
struct Sighting {
  uint64_t sequence = 0;  // in the journal
  ProjectId project;
  ReportId report_id;
  Time received_at;
  std::optional<Time> occurred_at;
  Level level = Level::kError;
  std::string_view environment, release, host, browser, os, ip, platform, language, framework,
      context;
  std::string_view person_id, person_username, person_email;

  std::string_view title;
  std::string_view grouping_algorithm;
  Hash128 grouping_hash;
  std::string_view grouping_canonical, grouping_reason;
  // Text that finds the item: messages, functions, files. Built only when asked for, since most
  // sightings are of known items: called at most once, on the thread of apply().
  std::string (*search_text)(const Event&) = nullptr;
  const Event* event = nullptr;

  // The culprit line; path empty if no frame is to blame.
  std::string_view site_path, site_function, site_text;
  uint32_t site_line = 0;
  bool nobody_to_blame = false;  // no frame is, and somebody has to hear of it: see Decision::path

  BodyRef body;
  uint8_t protocol = 0, encoding = 0;
  uint32_t flags = 0;  // kFlag…

  uint64_t times = 1;           // occurrences that the report stands for; at most kMostTimes count
  int64_t error_threshold = 0;  // occurrences that make a mail, by the report's own wish; 0: none
};
inline constexpr uint64_t kMostTimes = 1'000'000;
// Its body was sampled away: the item has many over the soft quota. Counted all the same.
inline constexpr uint32_t kFlagSampledOut = 16;
inline constexpr uint32_t kFlagTrimmed = 1;    // over the event limit: parts were left out
inline constexpr uint32_t kFlagSanitised = 2;  // was not valid JSON
inline constexpr uint32_t kFlagOverQuota =
    8;  // came over the soft quota: its body may be sampled away
inline constexpr uint32_t kFlagWarnings = 4;  // the occurrence carries warnings

// What became of one sighting.
struct Applied {
  bool duplicate = false;  // this report id was there already: nothing counted
  OccurrenceId occurrence;
  ItemId item;
  int64_t item_number = 0;
  bool new_item = false;
  bool reopened = false;  // the item was resolved
  bool new_in_environment = false;
  bool new_site = false;
  bool queued = false;  // it queued a decision about its line
};

struct Item {
  ItemId id;
  ProjectId project;
  int64_t number = 0;  // "#49"
  std::string title, platform, language, framework;
  std::string culprit;  // "shop/banner.py in pick_banner:17"
  Level level = Level::kError;
  ItemStatus status = ItemStatus::kActive;
  std::optional<Time> status_changed_at;
  Time first_seen, last_seen;
  OccurrenceId first_occurrence, last_occurrence;
  uint64_t count = 0;         // since the item exists
  uint64_t count_active = 0;  // since it was last reopened
  uint64_t people = 0;
  LineId line;            // of the newest occurrence; none if no frame was to blame
  std::string developer;  // of that line; empty: nobody or not decided
  struct Environment {
    std::string name;
    Time first_seen, last_seen;
    uint64_t count = 0;
  };
  std::vector<Environment> environments;
  std::string first_release, last_release;
  std::vector<uint32_t> trend;  // occurrences per hour of the last 24, oldest first
  struct Key {
    std::string algorithm, hash_hex, canonical, reason;
  };
  std::vector<Key> keys;  // only by item()
};

// What happened to an item.
struct ItemEvent {
  Time at;
  std::string kind;    // "created" "new_in_environment" "resolved" "reopened" "muted" "archived"
                       // "blamed" "mailed" "undeliverable"
  std::string by;      // empty: the program
  // The environment; "blamed", "mailed": the address; "undeliverable": "ADDRESS: reason".
  std::string detail;
};

struct Occurrence {
  OccurrenceId id;
  ProjectId project;
  ItemId item;
  int64_t item_number = 0;
  ReportId report_id;
  Time received_at;
  std::optional<Time> occurred_at;
  Level level = Level::kError;
  std::string environment, release, host, browser, os, ip;
  std::string person_id, person_username, person_email;
  std::string site_path, site_function, site_text;
  uint32_t site_line = 0;
  LineId line;  // of the site; none if no frame was to blame
  BodyRef body;
  uint8_t protocol = 0, encoding = 0;
  uint32_t flags = 0;
  std::optional<OccurrenceId> previous, next;  // within the item; only by occurrence()
};

struct Facet {
  std::string kind;  // "host" "browser" "os" "release" "environment" "person" "context"
  std::vector<std::pair<std::string, uint64_t>> values;  // most frequent first, at most 20
};

// The projects a caller may see. Everything that reads takes one; there is no other way to a row.
struct Visible {
  bool all = false;
  std::vector<ProjectId> projects;
  [[nodiscard]] bool includes(ProjectId project) const;
};

enum class ItemSort : uint8_t { kLastSeen, kFirstSeen, kCount, kPeople, kLevel };

struct ItemQuery {
  ProjectId project;
  std::vector<Level> levels;              // empty = any
  std::vector<ItemStatus> statuses;       // empty = any
  std::vector<std::string> environments;  // any of
  std::string release;                    // seen in
  std::string developer;                  // Item::developer, letter case aside
  std::string text;                       // words, all of them, prefix match on the last
  std::optional<Time> seen_after;
  ItemSort sort = ItemSort::kLastSeen;
  bool ascending = false;
  std::string cursor;   // from the previous page
  uint32_t limit = 50;  // at most 200
};
template <typename T>
struct Page {
  std::vector<T> rows;
  std::string next;  // cursor; empty on the last page
};

struct OccurrenceQuery {
  ProjectId project;
  std::optional<int64_t> item_number;  // of one item, else of the project
  std::string environment, release, host, person;
  std::string cursor;
  uint32_t limit = 50;
};

struct Refusal {
  ProjectId project;   // none: not attributable
  std::string reason;  // "unknown token", "malformed", "too large", "quota", "trimmed" …
  uint64_t count = 0;
  Time last_at;
};

struct StoreHealth {
  uint64_t items = 0, occurrences = 0, projects = 0;  // counts kept in memory, exact after open
  uint64_t database_bytes = 0, wal_bytes = 0;
  uint64_t batches = 0, failed_batches = 0;
  uint64_t quarantined = 0;
  uint64_t decisions_waiting = 0, messages_queued = 0, messages_failed = 0;
  std::string fault;  // empty when well
};

}  // namespace flawless::store
