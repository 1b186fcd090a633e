// A bounded cache: two generations of a hash table. A value that is used moves to the young one;
// when that is full it becomes the old one and what was old is forgotten. Close to
// least-recently-used at a fraction of the cost.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace flawless::store::sqlite {

struct CacheHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return hash64(text); }
  size_t operator()(int64_t id) const { return static_cast<size_t>(id) * 0x9E3779B97F4A7C15u; }
  size_t operator()(const std::pair<int64_t, int64_t>& ids) const {
    uint64_t mixed = static_cast<uint64_t>(ids.first) * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 32)) + static_cast<uint64_t>(ids.second);
    return mixed * 0xD6E8FEB86659FD93u;
  }
};

// One thread. Holds at most twice `generation` entries.
template <typename Key, typename Value>
class GenerationCache {
 public:
  explicit GenerationCache(size_t generation) : generation_(generation) {}

  // Valid until the next put() or clear().
  template <typename LookUp>
  Value* find(const LookUp& key) {
    if (auto young = young_.find(key); young != young_.end()) return &young->second;
    auto old = old_.find(key);
    if (old == old_.end()) return nullptr;
    auto node = old_.extract(old);
    make_room();
    return &young_.insert(std::move(node)).position->second;
  }

  template <typename LookUp>
  Value& put(const LookUp& key, Value value) {
    make_room();
    return young_.insert_or_assign(Key(key), std::move(value)).first->second;
  }

  template <typename LookUp>
  void erase(const LookUp& key) {
    for (Table* table : {&young_, &old_}) {
      if (auto found = table->find(key); found != table->end()) table->erase(found);
    }
  }

  void clear() {
    young_.clear();
    old_.clear();
  }
  [[nodiscard]] size_t size() const { return young_.size() + old_.size(); }

 private:
  using Table = std::unordered_map<Key, Value, CacheHash, std::equal_to<>>;
  void make_room() {
    if (young_.size() < generation_) return;
    old_ = std::move(young_);
    young_.clear();
  }

  const size_t generation_;
  Table young_, old_;
};

}  // namespace flawless::store::sqlite
