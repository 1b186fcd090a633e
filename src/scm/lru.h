// A bounded cache: what was not asked for longest goes first.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace flawless::scm {

// Values are shared and immutable: who holds one keeps it, also when it is dropped here. Any thread
// may use it.
template <typename Value>
class Lru {
 public:
  explicit Lru(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Null when there is none.
  std::shared_ptr<const Value> find(const std::string& key) {
    std::lock_guard guard(mutex_);
    auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  // `bytes` is what the value weighs. One that is heavier than the whole cache is not kept.
  void put(const std::string& key, std::shared_ptr<const Value> value, size_t bytes) {
    bytes += key.size() + kOverhead;
    if (bytes > most_bytes_) return;
    std::lock_guard guard(mutex_);
    if (auto found = index_.find(key); found != index_.end()) drop(found->second);
    entries_.push_front({key, std::move(value), bytes});
    index_[key] = entries_.begin();
    bytes_ += bytes;
    while (bytes_ > most_bytes_) drop(std::prev(entries_.end()));
  }

  void clear() {
    std::lock_guard guard(mutex_);
    entries_.clear();
    index_.clear();
    bytes_ = 0;
  }

  [[nodiscard]] size_t bytes() const {
    std::lock_guard guard(mutex_);
    return bytes_;
  }

 private:
  static constexpr size_t kOverhead = 128;
  struct Entry {
    std::string key;
    std::shared_ptr<const Value> value;
    size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void drop(Place place) {
    bytes_ -= place->bytes;
    index_.erase(place->key);
    entries_.erase(place);
  }

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;
  std::unordered_map<std::string, Place> index_;
  size_t bytes_ = 0;
};

}  // namespace flawless::scm
