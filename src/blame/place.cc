#include "blame/place.h"

#include <algorithm>
#include <array>

namespace flawless::blame {
namespace {

using How = scm::MappedPath::How;
using Located = scm::Relocation::How;

constexpr size_t kMostNamed = 5;  // candidates in a sentence

constexpr double kAtRelease = 0.9, kAtReleaseWithoutText = 0.8, kAtReleaseOtherText = 0.4;
constexpr double kAtTip = 0.7;

int rank(const scm::MappedPath& mapped) {
  switch (mapped.how) {
    case How::kRule:
      return 3;
    case How::kExact:
      return 2;
    case How::kGuess:
      return 1;
    case How::kNone:
      break;
  }
  return 0;
}

// By both names of the file, if there are two; the path as the client names it wins a draw.
scm::MappedPath map_frame(const ReportedFrame& frame, const RepositoryOptions& options,
                          const scm::FileList& files) {
  scm::MappedPath mapped = scm::map_path({frame.path, frame.module}, options.path_rules, files);
  if (frame.abs_path.empty() || frame.abs_path == frame.path) return mapped;
  scm::MappedPath other = scm::map_path({frame.abs_path, frame.module}, options.path_rules, files);
  return rank(other) > rank(mapped) ? other : mapped;
}

struct Match {
  FilePlace place;
  std::pair<int, int> weight;
};

int knowledge(const Revision& revision) {
  if (!revision.at_release) return 0;
  return revision.by_full_id ? 2 : 1;
}

std::string ambiguous(std::string_view path, const std::vector<std::string>& candidates) {
  std::string text = std::string(path) + " could be ";
  for (size_t i = 0; i < std::min(candidates.size(), kMostNamed); ++i) {
    text += (i > 0 ? ", " : "") + candidates[i];
  }
  if (candidates.size() > kMostNamed) text += " or others";
  return text + "; say which in repository.path_mappings";
}

std::string not_there(std::span<const Revision> revisions, std::string_view path) {
  std::string text = std::string(path) + " is not in";
  for (size_t i = 0; i < revisions.size(); ++i) {
    text += (i > 0 ? ", " : " ") + revisions[i].repository->name();
  }
  return text + "; if it is, say where in repository.path_mappings";
}

}  // namespace

ReportedFrame reported(const Frame& frame) {
  return {frame.path, frame.abs_path, frame.module,      frame.function,
          frame.code, frame.line,     frame.code_before, frame.code_after};
}

Result<FileSearch> locate_file(std::span<const Revision> revisions, const ReportedFrame& frame) {
  std::vector<Match> best;
  std::vector<std::string> candidates;
  for (const Revision& revision : revisions) {
    ASSIGN_OR_RETURN(const auto files, revision.repository->files.at(revision.commit));
    const RepositoryOptions& options = revision.repository->options;
    scm::MappedPath mapped = map_frame(frame, options, *files);
    for (const std::string& path : mapped.candidates) {
      candidates.push_back(revision.repository->name() + ":" + path);
    }
    if (mapped.how == How::kNone) continue;
    Match match{{revision, mapped.path, {}, mapped.how == How::kGuess},
                {knowledge(revision), rank(mapped)}};
    if (mapped.how != How::kExact) {
      match.place.rule = mapped.rule.deployed + " = " + mapped.rule.repository;
    }
    if (!best.empty() && best.front().weight > match.weight) continue;
    if (!best.empty() && best.front().weight < match.weight) best.clear();
    best.push_back(std::move(match));
  }
  const std::string_view name = frame.path.empty() ? frame.module : frame.path;
  if (best.size() == 1) return FileSearch{std::move(best.front().place), {}};
  if (best.size() > 1) candidates.clear();
  for (const Match& match : best) {
    candidates.push_back(match.place.revision.repository->name() + ":" + match.place.path);
  }
  if (!candidates.empty()) return FileSearch{std::nullopt, ambiguous(name, candidates)};
  return FileSearch{std::nullopt, not_there(revisions, name)};
}

std::optional<LinePlace> locate_line(std::span<const std::string_view> lines,
                                     const ReportedFrame& frame, bool at_release) {
  const scm::Relocation found =
      scm::relocate(lines, {frame.line, frame.text, frame.before, frame.after, frame.function});
  const bool in_file = frame.line >= 1 && frame.line <= lines.size();
  LinePlace place{found.line, (at_release ? kAtRelease : kAtTip) * found.confidence(), true, {}};
  switch (found.how) {
    case Located::kExact:
      return place;
    case Located::kMoved:
    case Located::kContext:
      place.note = "The line was reported as number " + std::to_string(frame.line) +
                   "; its text stands at " + std::to_string(found.line) + ".";
      return place;
    case Located::kUnchecked:
      place.certain = at_release;
      if (at_release) place.confidence = kAtReleaseWithoutText;
      if (!at_release) place.note = "The report has no source text to check the line's number by.";
      return place;
    case Located::kNone:
      break;
  }
  if (!at_release || !in_file) return std::nullopt;
  return LinePlace{frame.line, kAtReleaseOtherText, false,
                   "The reported text differs from the line at the deployed commit."};
}

}  // namespace flawless::blame
