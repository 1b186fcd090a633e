#include "blame/lineage.h"

#include <algorithm>

#include "blame/line_map.h"
#include "scm/revision.h"
#include "scm/tree.h"
#include "triage/text.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kCallLimit{60'000};
constexpr uint32_t kMostLines = 100'000;
constexpr uint64_t kMostOutput = 128U << 20U;
constexpr uint64_t kMostFile = 4U << 20U;

std::optional<Origin> origin_at(const scm::FileBlame& file, uint32_t line) {
  const auto blamed = file.at(line);
  return blamed ? std::optional(origin_of(*blamed)) : std::nullopt;
}

std::vector<uint32_t> lines_with(const std::vector<std::string>& lines, std::string_view text) {
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == text) numbers.push_back(i + 1);
  }
  return numbers;
}

}  // namespace

Lineage::Lineage(scm::Mirror& mirror, std::stop_token stop, const LineageLimits& limits)
    : mirror_(mirror),
      stop_(std::move(stop)),
      deadline_(Steady::now() + limits.time),
      calls_left_(limits.calls) {}

Result<std::string> Lineage::ask(scm::GitCall call) {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - Steady::now());
  if (calls_left_ <= 0 || left <= milliseconds(0)) {
    return Status{Code::kExhausted, "a line's history is too long"};
  }
  --calls_left_;
  call.time_limit = std::min(kCallLimit, left);
  call.stop = stop_;
  return mirror_.read(std::move(call));
}

Result<std::shared_ptr<const scm::FileBlame>> Lineage::blame(const std::string& commit,
                                                             const std::string& path) {
  auto& known = blames_[{commit, path}];
  if (known) return known;
  ASSIGN_OR_RETURN(const std::string tip, mirror_.tip());
  const std::string boundary = mirror_.boundary();
  ASSIGN_OR_RETURN(const std::string text,
                   ask({.arguments = {"blame", "-w", "--porcelain", commit, "--", path},
                        .configuration = {"mailmap.blob=" + tip + ":.mailmap"},
                        .most_output = kMostOutput}));
  ASSIGN_OR_RETURN(scm::FileBlame blame, scm::parse_porcelain(text, kMostLines));
  for (scm::BlamedCommit& each : blame.commits) {
    each.cut_off = boundary.find(each.id) != std::string::npos;
  }
  known = std::make_shared<const scm::FileBlame>(std::move(blame));
  return known;
}

Result<Origin> Lineage::first_written(const Origin& origin) {
  ASSIGN_OR_RETURN(const auto file, blame(origin.commit, origin.path));
  const auto first = origin_at(*file, origin.line);
  if (!first) return Status{Code::kNotFound, "there is no such line in " + origin.path};
  return *first;
}

// Of those whose commits are still there.
Result<std::vector<Origin>> Lineage::first_written(std::span<const Origin> origins) {
  std::vector<Origin> written;
  Status missing;
  for (const Origin& origin : origins) {
    auto first = first_written(origin);
    if (!first) {
      if (first.code() != Code::kNotFound) return first.status();
      missing = first.status();
    } else if (std::find(written.begin(), written.end(), *first) == written.end()) {
      written.push_back(std::move(*first));
    }
  }
  if (written.empty() && !missing) return missing;
  return written;
}

// The one that has the other in its history; empty when neither has.
Result<std::string> Lineage::younger_of(const std::string& one, const std::string& other) {
  // Unlike a search for a common commit, this does not fail where there is none.
  ASSIGN_OR_RETURN(std::string heads,
                   ask({.arguments = {"merge-base", "--independent", one, other}}));
  if (heads.ends_with('\n')) heads.pop_back();
  return heads == one || heads == other ? heads : std::string();
}

Result<Lineage::File> Lineage::read(const Place& place) {
  File file;
  ASSIGN_OR_RETURN(file.blame, blame(place.commit, place.path));
  if (!scm::is_repository_path(place.path) || place.path.find('\n') != std::string::npos) {
    return Status{Code::kNotFound, "not a path that git can be asked about"};
  }
  // Answered by "ID blob BYTES", the bytes and a line end, or by "COMMIT:PATH missing".
  ASSIGN_OR_RETURN(const std::string answer, ask({.arguments = {"cat-file", "--batch"},
                                                  .input = place.commit + ':' + place.path + '\n',
                                                  .most_output = kMostFile}));
  std::string_view content = answer;
  const std::string_view header = content.substr(0, content.find('\n'));
  file.blob = header.substr(0, header.find(' '));
  if (!scm::is_full_id(file.blob) || !content.ends_with('\n')) {
    return Status{Code::kNotFound, "there is no file " + place.path};
  }
  content.remove_suffix(1);
  content.remove_prefix(std::min(header.size() + 1, content.size()));
  for (std::string_view line : scm::split_lines(content)) {
    file.lines.push_back(triage::squeeze(line));
  }
  if (place.line == 0 || place.line > file.lines.size()) {
    return Status{Code::kNotFound, "there is no such line in " + place.path};
  }
  return file;
}

Result<bool> Lineage::is_one(const Found& found, const Known& known) {
  ASSIGN_OR_RETURN(const auto origins, first_written(known.origins));
  const auto is_known = [&](const Origin& one) {
    return std::find(origins.begin(), origins.end(), one) != origins.end();
  };
  if (is_known(found.origin)) return true;
  ASSIGN_OR_RETURN(const auto file, blame(found.here.commit, found.here.path));
  for (const Origin& origin : origins) {
    if (line_of(origin, *file) != 0) return false;
  }
  std::optional<Place> last;
  if (known.last) {
    const auto its_file = blame(known.last->commit, known.last->path);
    if (!its_file && its_file.code() != Code::kNotFound) return its_file.status();
    if (its_file && line_of(found.origin, **its_file) != 0) return false;
    const auto its_origin = its_file ? origin_at(**its_file, known.last->line) : std::nullopt;
    if (its_origin && is_known(*its_origin)) last = known.last;
  }
  bool one = false, apart = false;
  for (const Origin& origin : origins) {
    ASSIGN_OR_RETURN(const Answer answer, compare(origin, found.origin));
    if (answer == Answer::kTwo) return false;
    one = one || answer == Answer::kOne;
    apart = apart || answer == Answer::kUnrelated;
  }
  if (one || !apart) return one;
  return took_its_place(last ? *last : origins.front(), found.here, true);
}

Result<Lineage::Answer> Lineage::compare(const Origin& known, const Origin& found) {
  if (known.commit == found.commit) return Answer::kTwo;
  ASSIGN_OR_RETURN(const std::string later, younger_of(known.commit, found.commit));
  if (later.empty()) return Answer::kUnrelated;
  const Origin& older = later == found.commit ? known : found;
  const Origin& younger = later == found.commit ? found : known;
  ASSIGN_OR_RETURN(const auto after, blame(younger.commit, younger.path));
  if (line_of(older, *after) != 0) return Answer::kTwo;
  ASSIGN_OR_RETURN(const std::string parent, parent_of(younger.commit));
  const auto before = blame(parent, younger.path);
  if (!before && before.code() != Code::kNotFound) return before.status();
  const uint32_t line = before ? line_of(older, **before) : 0;
  const Place place = line != 0 ? Place{parent, younger.path, line} : older;
  ASSIGN_OR_RETURN(const bool one, took_its_place(place, younger, line != 0));
  return one ? Answer::kOne : Answer::kAnother;
}

Result<std::string> Lineage::parent_of(const std::string& commit) {
  auto parent = ask({.arguments = {"rev-parse", "--verify", commit + "^"}});
  if (parent && parent->ends_with('\n')) parent->pop_back();
  return parent;
}

Result<bool> Lineage::took_its_place(const Place& older, const Place& younger, bool by_order) {
  ASSIGN_OR_RETURN(const File old_file, read(older));
  ASSIGN_OR_RETURN(const File new_file, read(younger));
  std::string diff;
  if (old_file.blob != new_file.blob) {
    ASSIGN_OR_RETURN(diff, ask({.arguments = {"diff", "-w", "--unified=0", "--text", "--no-color",
                                              "--no-ext-diff", "--no-textconv", old_file.blob,
                                              new_file.blob},
                                .most_output = kMostOutput}));
  }
  ASSIGN_OR_RETURN(const LineMap map, LineMap::parse(diff));
  std::vector<uint32_t> olds = lines_with(old_file.lines, old_file.lines[older.line - 1]);
  std::vector<uint32_t> news = lines_with(new_file.lines, new_file.lines[younger.line - 1]);
  const auto pair_up = [&](uint32_t old_line, uint32_t new_line) {
    std::erase(olds, old_line);
    std::erase(news, new_line);
    return old_line == older.line || new_line == younger.line;
  };
  // Blame knows best, for it went from commit to commit.
  for (const uint32_t line : std::vector(olds)) {
    const auto origin = origin_at(*old_file.blame, line);
    const uint32_t now = origin ? line_of(*origin, *new_file.blame) : 0;
    if (now != 0 && pair_up(line, now)) return line == older.line && now == younger.line;
  }
  for (const uint32_t line : std::vector(olds)) {
    const uint32_t now = map.new_of(line);
    const bool is_free = std::find(news.begin(), news.end(), now) != news.end();
    if (is_free && pair_up(line, now)) return line == older.line && now == younger.line;
  }
  const auto old_at = std::find(olds.begin(), olds.end(), older.line);
  const auto new_at = std::find(news.begin(), news.end(), younger.line);
  return by_order && old_at - olds.begin() == new_at - news.begin();
}

}  // namespace flawless::blame
