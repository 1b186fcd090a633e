#include "os/fake_disk.h"

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace flawless::os {

bool FakeDisk::Fault::strikes() {
  if (count == 0) return false;
  if (after > 0) {
    --after;
    return false;
  }
  --count;
  return true;
}

// ---- files

class FakeDisk::OpenFile final : public File {
 public:
  OpenFile(FakeDisk& disk, std::string path, NodePtr node)
      : disk_(disk),
        path_(std::move(path)),
        node_(std::move(node)),
        life_(disk.life_),
        failures_heard_(node_->failed_syncs) {}

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> into) const override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("read"));
    if (is_bad(offset, offset + into.size()) && node_->read_fault.strikes()) {
      return disk_error("read", path_, EIO);
    }
    if (offset >= node_->current.size()) return size_t{0};
    size_t bytes = std::min<size_t>(into.size(), node_->current.size() - offset);
    std::copy_n(node_->current.data() + offset, bytes, into.data());
    return bytes;
  }

  Status sync_data() override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("sync"));
    ++disk_.syncs_;
    const bool strikes = disk_.sync_fault_.strikes();
    for (const Change& change : node_->unsynced) {
      if (strikes) disk_.apply_any_sectors(change, node_->durable);
      if (!strikes) apply(change, node_->durable);
    }
    node_->unsynced.clear();
    if (strikes) ++node_->failed_syncs;
    // As in Linux, everyone who has the file open hears of a failure once.
    const bool fails = std::exchange(failures_heard_, node_->failed_syncs) != node_->failed_syncs;
    return fails ? disk_error("sync", path_, EIO) : Status();
  }

  Result<uint64_t> size() const override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("examine"));
    return uint64_t{node_->current.size()};
  }

  Status truncate(uint64_t bytes) override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("resize"));
    record({.truncates = true, .offset = bytes, .bytes = {}});
    return {};
  }

  Status preallocate(uint64_t bytes) override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("reserve space for"));
    const uint64_t size = node_->current.size();
    if (bytes > size && bytes - size > room())
      return disk_error("reserve space for", path_, ENOSPC);
    return {};
  }

 private:
  Result<size_t> write_some(uint64_t offset, std::span<const ByteSpan> parts) override {
    std::lock_guard guard(disk_.mutex_);
    RETURN_IF_ERROR(alive("write"));
    if (disk_.write_fault_.strikes()) return disk_error("write", path_, EIO);
    std::string bytes;
    for (ByteSpan part : parts) bytes.append(as_text(part));
    const uint64_t most = std::max(node_->current.size(), offset) + room();
    if (offset >= most) return disk_error("write", path_, ENOSPC);
    bytes.resize(std::min<uint64_t>(bytes.size(), most - offset));
    if (disk_.short_writes_) bytes.resize(1 + disk_.below(bytes.size()));
    const size_t wrote = bytes.size();
    if (is_bad(offset, offset + wrote)) {
      const bool whole = offset <= node_->bad_from && offset + wrote >= node_->bad_to;
      if (!whole && node_->read_fault.after == 0) return disk_error("write", path_, EIO);
      if (whole) node_->read_fault = {};
    }
    record({.truncates = false, .offset = offset, .bytes = std::move(bytes)});
    return wrote;
  }

  [[nodiscard]] bool is_bad(uint64_t from, uint64_t to) const {
    return node_->read_fault.count > 0 && from < node_->bad_to && to > node_->bad_from;
  }

  void record(Change change) {
    apply(change, node_->current);
    node_->unsynced.push_back(std::move(change));
  }

  [[nodiscard]] uint64_t room() const {
    const uint64_t used = disk_.used();
    return disk_.capacity_ > used ? disk_.capacity_ - used : 0;
  }

  [[nodiscard]] Status alive(std::string_view what) const {
    if (life_ != disk_.life_) return disk_error(what, path_, EIO);
    return disk_.powered(what, path_);
  }

  FakeDisk& disk_;
  const std::string path_;
  const NodePtr node_;
  const uint64_t life_;
  uint64_t failures_heard_;
};

class FakeDisk::Lock final : public FileLock {
 public:
  Lock(FakeDisk& disk, std::string path) : disk_(disk), path_(std::move(path)), life_(disk.life_) {}
  ~Lock() override {
    std::lock_guard guard(disk_.mutex_);
    auto held = disk_.locks_.find(path_);
    if (held != disk_.locks_.end() && held->second == life_) disk_.locks_.erase(held);
  }

 private:
  FakeDisk& disk_;
  const std::string path_;
  const uint64_t life_;
};

// ---- power and faults

FakeDisk::FakeDisk(uint64_t seed) : random_(seed) {
  for (const char* path : {"/", "/data"}) {
    NodePtr node = std::make_shared<Node>();
    node->directory = true;
    names_[path] = durable_names_[path] = node;
  }
}

FakeDisk::~FakeDisk() = default;

uint64_t FakeDisk::below(uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }

void FakeDisk::apply(const Change& change, std::string& bytes) {
  if (change.truncates) {
    bytes.resize(change.offset);
    return;
  }
  if (bytes.size() < change.offset + change.bytes.size()) {
    bytes.resize(change.offset + change.bytes.size());
  }
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void FakeDisk::apply_any_sectors(const Change& change, std::string& bytes) {
  if (change.truncates) {
    if (below(2) == 0) apply(change, bytes);
    return;
  }
  for (uint64_t at = 0; at < change.bytes.size();) {
    const uint64_t offset = change.offset + at;
    const uint64_t size = std::min(kSectorBytes - offset % kSectorBytes, change.bytes.size() - at);
    if (below(2) == 0) apply({false, offset, change.bytes.substr(at, size)}, bytes);
    at += size;
  }
}

void FakeDisk::apply_prefix(const std::vector<Change>& changes, std::string& bytes) {
  const uint64_t whole = below(changes.size() + 1);
  for (uint64_t i = 0; i < whole; ++i) apply(changes[i], bytes);
  if (whole == changes.size() || changes[whole].truncates) return;
  const Change& torn = changes[whole];
  const uint64_t end = torn.offset + below(torn.bytes.size() + 1);
  const uint64_t cut = end / kSectorBytes * kSectorBytes;
  if (cut > torn.offset)
    apply({false, torn.offset, torn.bytes.substr(0, cut - torn.offset)}, bytes);
}

void FakeDisk::lose_unsynced(Node& node, Loss loss) {
  if (loss == Loss::kPrefix) apply_prefix(node.unsynced, node.durable);
  if (loss == Loss::kSectors) {
    for (const Change& change : node.unsynced) apply_any_sectors(change, node.durable);
  }
  node.unsynced.clear();
  node.current = node.durable;
}

// Names are journaled by file systems: what remains of them is always a prefix.
void FakeDisk::lose_names(Loss loss) {
  const uint64_t kept = loss == Loss::kEverything ? 0 : below(unsynced_names_.size() + 1);
  for (uint64_t i = 0; i < kept; ++i) apply(unsynced_names_[i], durable_names_);
  unsynced_names_.clear();
  std::erase_if(durable_names_, [&](const auto& entry) {
    return entry.first != "/" && !durable_names_.contains(directory_of(entry.first));
  });
  names_ = durable_names_;
}

void FakeDisk::power_off(Loss loss) {
  std::lock_guard guard(mutex_);
  std::vector<NodePtr> nodes;
  for (const auto& [path, node] : names_) nodes.push_back(node);
  for (const auto& [path, node] : durable_names_) nodes.push_back(node);
  for (const NodePtr& node : nodes) lose_unsynced(*node, loss);
  lose_names(loss);
  locks_.clear();
  ++life_;
  on_ = false;
}

void FakeDisk::power_on() {
  std::lock_guard guard(mutex_);
  on_ = true;
}

void FakeDisk::kill_process() {
  std::lock_guard guard(mutex_);
  locks_.clear();
  ++life_;
}

void FakeDisk::set_capacity(uint64_t bytes) {
  std::lock_guard guard(mutex_);
  capacity_ = bytes;
}

void FakeDisk::set_short_writes(bool on) {
  std::lock_guard guard(mutex_);
  short_writes_ = on;
}

void FakeDisk::fail_syncs(uint64_t after, uint64_t count) {
  std::lock_guard guard(mutex_);
  sync_fault_ = {after, count};
}

void FakeDisk::fail_writes(uint64_t after, uint64_t count) {
  std::lock_guard guard(mutex_);
  write_fault_ = {after, count};
}

void FakeDisk::fail_directory_syncs(uint64_t after, uint64_t count) {
  std::lock_guard guard(mutex_);
  directory_fault_ = {after, count};
}

void FakeDisk::fail_reads(const std::string& path, uint64_t from, uint64_t to, uint64_t after,
                          uint64_t count) {
  std::lock_guard guard(mutex_);
  Node& node = *names_.at(path);
  node.bad_from = from;
  node.bad_to = to;
  node.read_fault = {after, count};
}

void FakeDisk::slow_directory_syncs(std::chrono::microseconds each) {
  std::lock_guard guard(mutex_);
  directory_sync_time_ = each;
}

uint64_t FakeDisk::syncs() const {
  std::lock_guard guard(mutex_);
  return syncs_;
}

uint64_t FakeDisk::used() const {
  uint64_t bytes = 0;
  for (const auto& [path, node] : names_) bytes += node->current.size();
  return bytes;
}

Status FakeDisk::powered(std::string_view what, const std::string& path) const {
  return on_ ? Status() : disk_error(what, path, EIO);
}

// ---- names

void FakeDisk::apply(const NameChange& change, Names& names) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.node;
}

bool FakeDisk::concerns(const NameChange& change, const std::string& directory) {
  return (!change.removed.empty() && directory_of(change.removed) == directory) ||
         (!change.added.empty() && directory_of(change.added) == directory);
}

void FakeDisk::change_names(NameChange change) {
  apply(change, names_);
  unsynced_names_.push_back(std::move(change));
}

Result<std::unique_ptr<File>> FakeDisk::open(const std::string& path, OpenMode mode) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("open", path));
  const bool creates = mode == OpenMode::kCreate || mode == OpenMode::kAny;
  auto found = names_.find(path);
  if (found != names_.end()) {
    if (mode == OpenMode::kCreate) return disk_error("create", path, EEXIST);
    if (found->second->directory) return disk_error("open", path, EISDIR);
    return std::unique_ptr<File>(std::make_unique<OpenFile>(*this, path, found->second));
  }
  if (!creates || !names_.contains(directory_of(path))) return disk_error("open", path, ENOENT);
  NodePtr node = std::make_shared<Node>();
  change_names({.removed = {}, .added = path, .node = node});
  return std::unique_ptr<File>(std::make_unique<OpenFile>(*this, path, node));
}

Status FakeDisk::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("rename", from));
  auto found = names_.find(from);
  if (found == names_.end()) return disk_error("rename to " + to + " the file", from, ENOENT);
  change_names({.removed = from, .added = to, .node = found->second});
  return {};
}

Status FakeDisk::unlink(const std::string& path) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("delete", path));
  if (!names_.contains(path)) return disk_error("delete", path, ENOENT);
  change_names({.removed = path, .added = {}, .node = nullptr});
  return {};
}

Status FakeDisk::make_directory(const std::string& path) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("create the directory", path));
  auto found = names_.find(path);
  if (found != names_.end()) {
    return found->second->directory ? Status() : disk_error("create the directory", path, EEXIST);
  }
  if (!names_.contains(directory_of(path))) return disk_error("create the directory", path, ENOENT);
  NodePtr node = std::make_shared<Node>();
  node->directory = true;
  change_names({.removed = {}, .added = path, .node = node});
  return {};
}

Status FakeDisk::sync_directory(const std::string& path) {
  std::unique_lock guard(mutex_);
  if (const auto wait = directory_sync_time_; wait.count() > 0) {
    guard.unlock();
    std::this_thread::sleep_for(wait);
    guard.lock();
  }
  RETURN_IF_ERROR(powered("sync the directory", path));
  if (directory_fault_.strikes()) return disk_error("sync the directory", path, EIO);
  std::vector<NameChange> others;
  for (NameChange& change : unsynced_names_) {
    if (concerns(change, path)) {
      apply(change, durable_names_);
    } else {
      others.push_back(std::move(change));
    }
  }
  unsynced_names_ = std::move(others);
  return {};
}

Result<std::vector<std::string>> FakeDisk::list(const std::string& directory) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("list", directory));
  if (!names_.contains(directory)) return disk_error("list", directory, ENOENT);
  std::vector<std::string> names;
  for (const auto& [path, node] : names_) {
    if (path != "/" && directory_of(path) == directory)
      names.push_back(path.substr(path.rfind('/') + 1));
  }
  return names;
}

Result<uint64_t> FakeDisk::free_bytes(const std::string& path) {
  std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(powered("examine the space at", path));
  const uint64_t taken = used();
  return capacity_ > taken ? capacity_ - taken : uint64_t{0};
}

Result<std::unique_ptr<FileLock>> FakeDisk::lock(const std::string& path) {
  {
    auto made = open(path, OpenMode::kAny);
    if (!made) return made.status();
  }
  std::lock_guard guard(mutex_);
  if (!locks_.emplace(path, life_).second) return disk_error("lock", path, EWOULDBLOCK);
  return std::unique_ptr<FileLock>(std::make_unique<Lock>(*this, path));
}

}  // namespace flawless::os
