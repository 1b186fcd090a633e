// A disk in memory for tests: it loses power, runs full, writes short and fails to sync.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "os/file.h"

namespace flawless::os {

// Begins with the directories "/" and "/data". What is written counts as durable only after
// sync_data() of the file; names only after sync_directory() of their directory. All calls are
// thread-safe. Open files must not outlive it.
class FakeDisk final : public Disk {
 public:
  // The same seed makes the same choices, as far as one thread writes.
  explicit FakeDisk(uint64_t seed = 1);
  ~FakeDisk() override;

  // What a power cut leaves of data and names that were not synced.
  enum class Loss {
    kEverything,  // nothing of them
    kPrefix,      // the first few writes in order, the last of these cut at a sector
    kSectors,     // any sectors of any writes: the device reorders
  };
  static constexpr uint64_t kSectorBytes = 512;

  // From here on every call fails, files that are open for ever, until power_on(). Locks are gone.
  void power_off(Loss loss);
  void power_on();
  // Ends the "process": open files fail and locks are gone, but nothing that was written is lost.
  void kill_process();

  // Room for all files together; more is ENOSPC, after writing what fits.
  void set_capacity(uint64_t bytes);
  // Every system call writes only a random part of what it is given.
  void set_short_writes(bool on);
  // After `after` more successful ones, `count` calls fail with EIO. What a failed sync should have
  // made durable is durable in part, stays readable until the power goes, and is never made durable
  // by a later sync.
  void fail_syncs(uint64_t after, uint64_t count);
  void fail_writes(uint64_t after, uint64_t count);
  void fail_directory_syncs(uint64_t after, uint64_t count);
  // The same for reads of these bytes of the file; others of it do not fail. Writing all of them
  // repairs them; once a read has failed, writing a part fails too.
  void fail_reads(const std::string& path, uint64_t from, uint64_t to, uint64_t after,
                  uint64_t count);
  // Every sync of a directory takes this long, as on a disk that other work keeps busy.
  void slow_directory_syncs(std::chrono::microseconds each);

  [[nodiscard]] uint64_t syncs() const;  // calls of sync_data, failed ones included

  [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& directory) override;
  [[nodiscard]] Result<uint64_t> free_bytes(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  class OpenFile;
  class Lock;

  struct Change {
    bool truncates = false;
    uint64_t offset = 0;  // or the new size
    std::string bytes;
  };
  struct Fault {
    uint64_t after = 0, count = 0;
    bool strikes();
  };
  struct Node {
    bool directory = false;
    std::string current, durable;
    std::vector<Change> unsynced;
    uint64_t failed_syncs = 0;
    uint64_t bad_from = 0, bad_to = 0;
    Fault read_fault;
  };
  using NodePtr = std::shared_ptr<Node>;
  using Names = std::map<std::string, NodePtr>;
  struct NameChange {
    std::string removed, added;  // either may be empty; both: a rename
    NodePtr node;
  };

  static void apply(const Change& change, std::string& bytes);
  static void apply(const NameChange& change, Names& names);
  static bool concerns(const NameChange& change, const std::string& directory);
  void change_names(NameChange change);
  void apply_any_sectors(const Change& change, std::string& bytes);
  void apply_prefix(const std::vector<Change>& changes, std::string& bytes);
  void lose_unsynced(Node& node, Loss loss);
  void lose_names(Loss loss);
  [[nodiscard]] uint64_t used() const;
  uint64_t below(uint64_t bound);
  Status powered(std::string_view what, const std::string& path) const;

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Names names_, durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::map<std::string, uint64_t> locks_;  // path -> life in which it was taken
  uint64_t life_ = 1;                      // counts the processes that used the disk
  bool on_ = true, short_writes_ = false;
  uint64_t capacity_ = 1ULL << 40U, syncs_ = 0;
  Fault sync_fault_, write_fault_, directory_fault_;
  std::chrono::microseconds directory_sync_time_{0};
};

}  // namespace flawless::os
