#include "blame/examiner.h"

#include <algorithm>
#include <utility>

#include "blame/words.h"
#include "scm/tree.h"

namespace flawless::blame {
namespace {

constexpr uint32_t kSourceAround = 2;
constexpr size_t kSourceBytes = 400;  // of each line

constexpr std::string_view kNoRepository =
    "no repository is configured for this project; add [[repository]] to flawless.cfg";
constexpr std::string_view kNoPlace = "the report does not say where the line is";

std::vector<SourceLine> source_around(std::span<const std::string_view> lines, uint32_t line) {
  std::vector<SourceLine> source;
  const uint32_t first = line > kSourceAround ? line - kSourceAround : 1;
  const uint64_t last = std::min<uint64_t>(lines.size(), uint64_t{line} + kSourceAround);
  for (uint32_t number = first; number <= last; ++number) {
    source.push_back({number, std::string(lines[number - 1].substr(0, kSourceBytes))});
  }
  return source;
}

// Answers that will be the same next time.
bool is_final(Code code) {
  return code == Code::kNotFound || code == Code::kTooLarge || code == Code::kInvalid;
}

void note_author(const scm::BlamedCommit& commit, const AddressRules& rules, Verdict& verdict) {
  verdict.commit = commit.id;
  verdict.summary = commit.summary;
  verdict.author_name = commit.author;
  verdict.author_email = commit.author_mail;
  verdict.authored_at = commit.author_time;
  DeveloperAddress found = developer_address(commit.author_mail, rules);
  verdict.developer = std::move(found.address);
  verdict.problem = std::move(found.problem);
}

// Why the report's release was not read there, as the end of a sentence.
std::string instead_of_release(const Report& report, const Revisions& revisions,
                               const Revision& read) {
  const std::string release = "release " + std::string(report.release);
  for (const Revision& other : revisions.usable) {
    if (!other.at_release) continue;
    return release + " is in repository " + other.repository->name() + ", not in " +
           read.repository->name();
  }
  std::string why;
  if (report.release.empty()) {
    why = "the report names no release";
  } else if (read.of_branch) {
    why = release + " is a branch, not a commit";
  } else if (!revisions.problem.empty()) {
    why = revisions.problem;
  } else {
    why = release + " names no commit";
  }
  return revisions.absent.empty() ? why : why + ", and " + revisions.absent;
}

Result<scm::FileAt> find_file(const FilePlace& place) {
  return scm::find_file(*place.revision.repository->mirror, place.revision.commit, place.path);
}

// The file itself where the place is a symbolic link. An error is final or git's.
Result<scm::FileAt> find_file_behind(FilePlace& place) {
  auto file = find_file(place);
  if (file || file.code() != Code::kNotFound) return file;
  auto target = scm::follow_link(*place.revision.repository->mirror, place.revision.commit,
                                 place.path);
  if (!target) return target.status();
  place.link = std::exchange(place.path, std::move(*target));
  return find_file(place);
}

Result<FileSearch> locate_in(const Revisions& revisions, const ReportedFrame& frame) {
  if (revisions.usable.empty()) {
    return FileSearch{std::nullopt,
                      revisions.absent.empty() ? revisions.problem : revisions.absent};
  }
  ASSIGN_OR_RETURN(FileSearch search, locate_file(revisions.usable, frame));
  if (!search.place && !revisions.absent.empty()) search.problem += "; " + revisions.absent;
  return search;
}

bool has_text(const FilePlace& place, const ReportedFrame& frame) {
  FilePlace behind = place;
  const auto file = find_file_behind(behind);
  if (!file) return false;
  const auto content = scm::read_blob(*place.revision.repository->mirror, *file);
  if (!content) return false;
  const auto line = locate_line(scm::split_lines(*content), frame, place.revision.at_release);
  return line && line->certain;
}

// Where a path was only guessed because the release is of that repository, another one that has the
// text is more likely.
Result<FileSearch> locate_by_text(Revisions revisions, const ReportedFrame& frame) {
  ASSIGN_OR_RETURN(FileSearch search, locate_in(revisions, frame));
  if (!search.place || !search.place->guessed || !search.place->revision.at_release ||
      revisions.usable.size() < 2 || frame.text.empty() || has_text(*search.place, frame)) {
    return search;
  }
  std::erase_if(revisions.usable, [&](const Revision& revision) {
    return revision.repository == search.place->revision.repository;
  });
  ASSIGN_OR_RETURN(FileSearch other, locate_in(revisions, frame));
  return other.place && has_text(*other.place, frame) ? other : search;
}

}  // namespace

Result<Examination> Examiner::examine(const Report& report, const ReportedFrame& frame,
                                      const std::stop_token& stop) {
  Examination result;
  const auto repositories = mirrors_.of_project(report.project);
  if (repositories.empty()) {
    result.verdict.problem = kNoRepository;
    return result;
  }
  if (frame.path.empty() && frame.abs_path.empty() && frame.module.empty()) {
    result.verdict.problem = kNoPlace;
    return result;
  }
  const Revisions revisions = releases_.find(repositories, report.release, report.waited, stop);
  result.later = revisions.later;
  if (result.later) return result;
  if (revisions.missing) {
    for (Repository* one : repositories) one->missing.note(report.release, report.project);
  }
  ASSIGN_OR_RETURN(const FileSearch search, locate_by_text(revisions, frame));
  if (!search.place) {
    result.later = revisions.absent_later;
    result.verdict.problem = search.problem;
    return result;
  }
  const FilePlace& place = *search.place;
  const std::string instead = place.revision.at_release
                                  ? std::string()
                                  : instead_of_release(report, revisions, place.revision);
  RETURN_IF_ERROR(look_into(place, report, frame, instead, stop, result));
  return result;
}

Status Examiner::look_into(FilePlace place, const Report& report, const ReportedFrame& frame,
                           std::string_view instead, const std::stop_token& stop,
                           Examination& result) {
  const Revision& revision = place.revision;
  Verdict& verdict = result.verdict;
  const auto file = find_file_behind(place);
  verdict.repository = revision.repository->name();
  verdict.path = place.path;
  verdict.path_rule = place.rule;
  verdict.revision = revision.commit;
  verdict.at_release = revision.at_release;

  scm::Mirror& mirror = *revision.repository->mirror;
  const auto content = file ? scm::read_blob(mirror, *file) : Result<std::string>(file.status());
  if (!content) {
    if (!is_final(content.code())) return content.status();
    verdict.problem = content.message();
    return Status::ok();
  }
  const std::vector<std::string_view> lines = scm::split_lines(*content);
  const auto line = locate_line(lines, frame, revision.at_release);
  if (!line) {
    verdict.problem = "the reported line is not in " + place.path + " at " +
                      (revision.at_release ? "the deployed" : "the newest") + " commit " +
                      short_id(revision.commit);
    if (!instead.empty()) verdict.problem += ", which was read since " + std::string(instead);
    return Status::ok();
  }
  verdict.line = line->line;
  verdict.source = source_around(lines, line->line);
  return blame(place, *line, report.at, instead, stop, result);
}

Status Examiner::blame(const FilePlace& place, const LinePlace& line, Time reported_at,
                       std::string_view instead, const std::stop_token& stop, Examination& result) {
  const Revision& revision = place.revision;
  Verdict& verdict = result.verdict;
  auto blamed = revision.repository->blamer.blame(revision.commit, place.path, stop);
  if (!blamed) {
    if (!is_final(blamed.code())) return blamed.status();
    verdict.problem = blamed.message();
    return Status::ok();
  }
  const auto plain = blamed->plain->at(line.line);
  const auto through = blamed->through->at(line.line);
  if (!plain || !through) return {Code::kInternal, "git blame left out a line of " + place.path};

  if (through->commit.cut_off) {
    verdict.problem = "repository " + verdict.repository +
                      " is a shallow clone, and the line is from " +
                      short_id(through->commit.id) + ", where its history ends, or from before; " +
                      std::string(kMakeWhole);
    return Status::ok();
  }
  note_author(through->commit, options_.addresses, verdict);
  verdict.confidence = line.confidence;
  result.changed_at = through->commit.author_time;
  verdict.reasons.push_back(authorship(through->commit, reported_at, revision.commit, instead));
  if (plain->commit.id != through->commit.id) {
    verdict.reasons.push_back(commit_with_summary(plain->commit) +
                              " touched it later and is passed over: .git-blame-ignore-revs lists "
                              "it.");
  }
  if (!line.note.empty()) verdict.reasons.push_back(line.note);
  if (!place.link.empty()) {
    verdict.reasons.push_back(place.link + " is a symbolic link to " + place.path + ".");
  }
  if (place.guessed) {
    verdict.reasons.push_back("The file was found by how its path ends (" + place.rule + ").");
  }
  if (line.certain) {
    result.line =
        LineInRepository{verdict.repository, origin_of(*plain), origin_of(*through), blamed->plain};
  }
  return Status::ok();
}

bool Examiner::is_not_newer(std::string_view project, std::string_view older,
                            std::string_view newer) {
  for (Repository* repository : mirrors_.of_project(project)) {
    const auto first = repository->mirror->resolve(older);
    const auto second = repository->mirror->resolve(newer);
    if (!first || !second) continue;
    return repository->mirror->read({.arguments = {"merge-base", "--is-ancestor", *first, *second}})
        .is_ok();
  }
  return false;
}

}  // namespace flawless::blame
