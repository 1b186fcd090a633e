#include "store/sqlite/id_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace flawless::store::sqlite {
namespace {

constexpr size_t kChunkEntries = 1000;  // 16,000 bytes: a chunk's row fits its page
constexpr size_t kFanIn = 16;
constexpr size_t kFinalClass = 5;         // runs of a million entries stay as they are
constexpr size_t kMergedPerBatch = 6000;  // entries; a batch of 256 causes 768 on average
constexpr int kChunkBits = 20;

static_assert(sizeof(IdEntry) == 16, "a pair is stored as it lies in memory");

int64_t chunk_id(int64_t run, size_t chunk) {
  return (run << kChunkBits) | static_cast<int64_t>(chunk);
}

size_t size_class(size_t entries) {
  return static_cast<size_t>(std::bit_width(std::max<size_t>(entries, 1)) - 1) / 4;
}

bool by_hash(const IdEntry& a, const IdEntry& b) { return a.hash < b.hash; }

std::vector<IdEntry> entries_of(ByteSpan blob) {
  std::vector<IdEntry> entries(blob.size() / sizeof(IdEntry));
  if (entries.empty()) return entries;
  std::memcpy(entries.data(), blob.data(), entries.size() * sizeof(IdEntry));
  return entries;
}

}  // namespace

uint64_t report_hash(ProjectId project, const ReportId& id) {
  return hash64(as_text(id.bytes), static_cast<uint64_t>(project.v));
}

struct IdIndex::Run {
  Run(int64_t number, Time newest_at, size_t keys) : id(number), newest(newest_at), filter(keys) {}
  int64_t id;
  Time newest;
  Bloom filter;
  size_t entries = 0;
  std::vector<uint64_t> fences;  // the first hash of each chunk
  bool merging = false;
};

// A merge goes on over several batches: its inputs stay valid until it ends. Adding a hash to the
// output's filter again after a rollback changes nothing.
struct IdIndex::Merge {
  struct Input {
    RunPtr run;
    size_t chunk = 0, entry = 0;
    std::vector<IdEntry> loaded;  // of `chunk`
    [[nodiscard]] bool done() const { return chunk >= run->fences.size(); }
  };
  size_t of_class = 0;
  std::vector<Input> inputs;
  RunPtr output;
  bool finished = false;

  struct Place {
    size_t chunk, entry;
  };
  std::vector<Place> committed_places;
  size_t committed_chunks = 0, committed_entries = 0;
  bool started_in_this_batch = true;

  void remember() {
    committed_places.clear();
    for (const Input& input : inputs) committed_places.push_back({input.chunk, input.entry});
    committed_chunks = output->fences.size();
    committed_entries = output->entries;
    started_in_this_batch = false;
  }
  void go_back() {
    for (size_t i = 0; i < inputs.size(); ++i) {
      inputs[i].chunk = committed_places[i].chunk;
      inputs[i].entry = committed_places[i].entry;
      inputs[i].loaded.clear();
    }
    output->fences.resize(committed_chunks);
    output->entries = committed_entries;
    finished = false;
  }
};

IdIndex::IdIndex(Db& db)
    : db_(db),
      insert_run_(db, "INSERT INTO id_run(run, newest_at, entries, chunks) VALUES(?,?,?,?)"),
      delete_run_(db, "DELETE FROM id_run WHERE run=?"),
      insert_chunk_(db, "INSERT INTO id_chunk(id, data) VALUES(?,?)"),
      delete_chunks_(db, "DELETE FROM id_chunk WHERE id>=? AND id<?"),
      select_chunk_(db, "SELECT data FROM id_chunk WHERE id=?") {}
IdIndex::~IdIndex() = default;

Status IdIndex::load() {
  runs_.clear();
  merges_.clear();
  Statement list(db_, "SELECT run, newest_at, entries FROM id_run ORDER BY run");
  for (list.with(); list.next();) {
    auto keys = static_cast<size_t>(list.integer(2));
    runs_.push_back(std::make_shared<Run>(list.integer(0), list.time(1), keys));
  }
  for (const RunPtr& run : runs_) {
    if (!load_run(run)) break;
  }
  Statement orphans(db_, "DELETE FROM id_chunk WHERE (id >> 20) NOT IN (SELECT run FROM id_run)");
  orphans.with().run();
  next_run_ = runs_.empty() ? 1 : runs_.back()->id + 1;
  committed_runs_ = runs_;
  return db_.take_error();
}

bool IdIndex::load_run(const RunPtr& run) {
  Statement& chunks = db_.cached("SELECT data FROM id_chunk WHERE id>=? AND id<? ORDER BY id");
  for (chunks.with(chunk_id(run->id, 0), chunk_id(run->id + 1, 0)); chunks.next();) {
    std::vector<IdEntry> entries = entries_of(chunks.blob(0));
    if (entries.empty()) continue;
    run->fences.push_back(entries.front().hash);
    run->entries += entries.size();
    for (const IdEntry& entry : entries) run->filter.add(entry.hash);
  }
  return !db_.failed();
}

std::vector<IdEntry> IdIndex::read_chunk(const Run& run, size_t chunk) {
  std::vector<IdEntry> entries;
  if (select_chunk_.with(chunk_id(run.id, chunk)).next())
    entries = entries_of(select_chunk_.blob(0));
  select_chunk_.reset();
  return entries;
}

std::optional<int64_t> IdIndex::find(uint64_t hash, const std::function<bool(int64_t)>& confirm) {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!(*run)->filter.may_hold(hash)) continue;
    const std::vector<uint64_t>& fences = (*run)->fences;
    auto first = std::lower_bound(fences.begin(), fences.end(), hash);
    size_t chunk = static_cast<size_t>(first - fences.begin());
    // Equal hashes may begin in the chunk before.
    for (chunk -= chunk > 0; chunk < fences.size() && fences[chunk] <= hash; ++chunk) {
      std::vector<IdEntry> entries = read_chunk(**run, chunk);
      auto [from, to] = std::equal_range(entries.begin(), entries.end(), IdEntry{hash, 0}, by_hash);
      for (; from != to; ++from) {
        if (confirm(from->occurrence)) return from->occurrence;
      }
    }
  }
  return std::nullopt;
}

void IdIndex::append_chunk(Run& run, std::span<const IdEntry> entries) {
  ByteSpan bytes(reinterpret_cast<const uint8_t*>(entries.data()), entries.size_bytes());
  insert_chunk_.with(chunk_id(run.id, run.fences.size()), bytes).run();
  run.fences.push_back(entries.front().hash);
  run.entries += entries.size();
  for (const IdEntry& entry : entries) run.filter.add(entry.hash);
}

void IdIndex::append_run(std::vector<IdEntry>& entries, Time newest) {
  std::sort(entries.begin(), entries.end(), by_hash);
  auto run = std::make_shared<Run>(next_run_++, newest, entries.size());
  for (size_t at = 0; at < entries.size(); at += kChunkEntries) {
    size_t size = std::min(kChunkEntries, entries.size() - at);
    append_chunk(*run, std::span(entries).subspan(at, size));
  }
  insert_run_.with(run->id, newest, run->entries, run->fences.size()).run();
  runs_.push_back(std::move(run));
}

void IdIndex::add(std::vector<IdEntry> entries, Time newest) {
  if (entries.empty()) return;
  append_run(entries, newest);
  drop_older_than(newest - kKept);
  start_merges();
  advance_merges();
}

void IdIndex::start_merges() {
  for (size_t of_class = 0; of_class < kFinalClass; ++of_class) {
    bool busy = std::any_of(merges_.begin(), merges_.end(),
                            [&](const auto& merge) { return merge->of_class == of_class; });
    if (busy) continue;
    auto merge = std::make_unique<Merge>();
    size_t keys = 0;
    Time newest{};
    for (const RunPtr& run : runs_) {
      if (run->merging || size_class(run->entries) != of_class) continue;
      merge->inputs.push_back({run, 0, 0, {}});
      keys += run->entries;
      newest = std::max(newest, run->newest);
      if (merge->inputs.size() == kFanIn) break;
    }
    if (merge->inputs.size() < kFanIn) continue;
    for (auto& input : merge->inputs) input.run->merging = true;
    merge->of_class = of_class;
    merge->output = std::make_shared<Run>(next_run_++, newest, keys);
    merges_.push_back(std::move(merge));
  }
  std::sort(merges_.begin(), merges_.end(),
            [](const auto& a, const auto& b) { return a->of_class < b->of_class; });
}

void IdIndex::advance_merges() {
  size_t left = kMergedPerBatch;
  std::vector<IdEntry> chunk;
  chunk.reserve(kChunkEntries);
  for (auto& merge : merges_) {
    while (left >= kChunkEntries && !merge->finished && !db_.failed()) {
      chunk.clear();
      while (chunk.size() < kChunkEntries) {
        Merge::Input* least = nullptr;
        for (auto& input : merge->inputs) {
          if (input.done()) continue;
          if (input.loaded.empty()) input.loaded = read_chunk(*input.run, input.chunk);
          if (input.loaded.empty()) return db_.fail({Code::kCorrupt, "an id run lacks a chunk"});
          uint64_t hash = input.loaded[input.entry].hash;
          if (!least || hash < least->loaded[least->entry].hash) least = &input;
        }
        if (!least) break;
        chunk.push_back(least->loaded[least->entry]);
        if (++least->entry == least->loaded.size()) {
          ++least->chunk;
          least->entry = 0;
          least->loaded.clear();
        }
      }
      if (!chunk.empty()) append_chunk(*merge->output, chunk);
      left -= kChunkEntries;
      if (chunk.size() < kChunkEntries) finish_merge(*merge);
    }
  }
}

void IdIndex::finish_merge(Merge& merge) {
  const Run& output = *merge.output;
  insert_run_.with(output.id, output.newest, output.entries, output.fences.size()).run();
  for (auto& input : merge.inputs) remove_run(input.run);
  runs_.push_back(merge.output);
  merge.finished = true;
}

void IdIndex::remove_run(const RunPtr& run) {
  delete_run_.with(run->id).run();
  delete_chunks_.with(chunk_id(run->id, 0), chunk_id(run->id + 1, 0)).run();
  std::erase(runs_, run);
}

void IdIndex::drop_older_than(Time time) {
  std::vector<RunPtr> old;
  for (const RunPtr& run : runs_) {
    if (!run->merging && run->newest < time) old.push_back(run);
  }
  for (const RunPtr& run : old) remove_run(run);
}

void IdIndex::committed() {
  std::erase_if(merges_, [](const auto& merge) { return merge->finished; });
  for (auto& merge : merges_) merge->remember();
  committed_runs_ = runs_;
}

void IdIndex::rolled_back() {
  runs_ = committed_runs_;
  for (auto& merge : merges_) {
    if (!merge->started_in_this_batch) {
      merge->go_back();
    } else {
      for (auto& input : merge->inputs) input.run->merging = false;
    }
  }
  std::erase_if(merges_, [](const auto& merge) { return merge->started_in_this_batch; });
}

std::vector<int64_t> find_in_runs(Db& db, uint64_t hash) {
  struct Extent {
    int64_t run;
    size_t chunks;
  };
  std::vector<Extent> runs;
  Statement& list = db.cached("SELECT run, chunks FROM id_run ORDER BY run DESC");
  for (list.with(); list.next();) {
    runs.push_back({list.integer(0), static_cast<size_t>(list.integer(1))});
  }
  std::vector<int64_t> found;
  Statement& read = db.cached("SELECT data FROM id_chunk WHERE id=?");
  for (const Extent& extent : runs) {
    auto first_hash = [&](size_t chunk) {
      uint64_t first = 0;
      if (read.with(chunk_id(extent.run, chunk)).next() && !read.blob(0).empty()) {
        first = load_le<uint64_t>(read.blob(0).data());
      }
      read.reset();
      return first;
    };
    // The first chunk that begins at `hash` or later; what we look for begins there or one before.
    size_t low = 0, high = extent.chunks;
    while (low < high) {
      size_t middle = (low + high) / 2;
      first_hash(middle) < hash ? low = middle + 1 : high = middle;
    }
    for (size_t chunk = low - (low > 0); chunk < extent.chunks; ++chunk) {
      if (!read.with(chunk_id(extent.run, chunk)).next()) break;
      std::vector<IdEntry> entries = entries_of(read.blob(0));
      read.reset();
      if (entries.empty() || entries.front().hash > hash) break;
      auto [from, to] = std::equal_range(entries.begin(), entries.end(), IdEntry{hash, 0}, by_hash);
      for (; from != to; ++from) found.push_back(from->occurrence);
    }
  }
  return found;
}

}  // namespace flawless::store::sqlite
