#include "scm/blame.h"

#include <algorithm>

#include "base/bytes.h"
#include "scm/ignore_revs.h"
#include "scm/revision.h"
#include "scm/tree.h"

namespace flawless::scm {
namespace {

// Headers of a line's group besides its content: about 60 bytes, more with a commit's facts.
constexpr uint64_t kOutputPerLine = 1024;

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

bool touches(const FileBlame& blame, const std::vector<std::string>& ids) {
  return std::any_of(blame.commits.begin(), blame.commits.end(), [&](const BlamedCommit& commit) {
    return std::binary_search(ids.begin(), ids.end(), commit.id);
  });
}

}  // namespace

Blamer::Blamer(Mirror& mirror, Limits limits)
    : mirror_(mirror),
      limits_(limits),
      cache_(limits.cache_bytes),
      touches_(limits.cache_bytes / 16) {}

Result<Blame> Blamer::blame(const std::string& commit, const std::string& path,
                            const std::stop_token& stop) {
  if (!is_full_id(commit)) return {Code::kInvalid, "not the full id of a commit"};
  if (!is_repository_path(path)) return {Code::kNotFound, "not a path inside a repository"};
  ++asked_;
  ASSIGN_OR_RETURN(const auto advice, guidance());
  // Before git looks: what it then has besides is no reason to believe it less.
  const std::string boundary = mirror_.boundary();
  const std::string depth = boundary.empty() ? "" : std::to_string(hash64(boundary));
  ASSIGN_OR_RETURN(const std::string last, last_touch(commit, path, depth, stop));
  const std::string key = last + advice->stamp + depth + path;
  if (const auto known = cache_.find(key)) {
    ++cached_;
    return *known;
  }
  RETURN_IF_ERROR(check_file(last, path));
  ASSIGN_OR_RETURN(Blame blame, compute({*advice, last, path, boundary, stop}));
  const size_t bytes =
      blame.plain->bytes() + (blame.through == blame.plain ? 0 : blame.through->bytes());
  cache_.put(key, std::make_shared<const Blame>(blame), bytes);
  return blame;
}

Result<std::string> Blamer::last_touch(const std::string& commit, const std::string& path,
                                       const std::string& depth, const std::stop_token& stop) {
  const std::string key = commit + depth + path;
  if (const auto known = touches_.find(key)) return *known;
  ASSIGN_OR_RETURN(const std::string log,
                   mirror_.read({.arguments = {"log", "-1", "--format=%H", commit, "--", path},
                                 .time_limit = limits_.time,
                                 .stop = stop}));
  if (log.empty()) return {Code::kNotFound, "there is no such file in the repository"};
  const std::string last = first_line(log);
  touches_.put(key, std::make_shared<const std::string>(last), last.size());
  return last;
}

// The path is the same at the commit that touched it last and at the one that was asked for: a file
// removed meanwhile was last touched by its removal.
Status Blamer::check_file(const std::string& commit, const std::string& path) {
  ASSIGN_OR_RETURN(const FileAt file, find_file(mirror_, commit, path));
  ASSIGN_OR_RETURN(const std::string content, read_blob(mirror_, file, limits_.file_bytes));
  if (is_binary(content)) return {Code::kNotFound, "the file is binary"};
  const auto lines = static_cast<size_t>(std::count(content.begin(), content.end(), '\n'));
  if (lines > limits_.file_lines) {
    return {Code::kTooLarge, "the file has " + std::to_string(lines) + " lines; at most " +
                                 std::to_string(limits_.file_lines) + " are blamed"};
  }
  return {};
}

Result<Blame> Blamer::compute(const Question& question) {
  Blame blame{question.commit, nullptr, nullptr};
  ASSIGN_OR_RETURN(blame.plain, run(question, false));
  blame.through = blame.plain;
  if (touches(*blame.plain, question.guidance.ignored)) {
    ASSIGN_OR_RETURN(blame.through, run(question, true));
  }
  return blame;
}

Result<std::shared_ptr<const FileBlame>> Blamer::run(const Question& question, bool through) {
  const Guidance& guidance = question.guidance;
  GitCall call;
  // Else git takes the one of HEAD.
  call.configuration = {"mailmap.blob=" +
                        (guidance.tip.empty() ? std::string() : guidance.tip + ":.mailmap")};
  call.arguments = {"blame", "--porcelain"};
  if (through) {
    call.arguments.emplace_back("--ignore-revs-file=/dev/stdin");
    for (const std::string& id : guidance.ignored) call.input += id + "\n";
  }
  call.arguments.insert(call.arguments.end(), {question.commit, "--", question.path});
  call.time_limit = limits_.time;
  call.most_output = limits_.file_bytes + kOutputPerLine * (limits_.file_lines + uint64_t{1});
  call.stop = question.stop;
  ASSIGN_OR_RETURN(const std::string text, mirror_.read(std::move(call)));
  ASSIGN_OR_RETURN(FileBlame blame, parse_porcelain(text, limits_.file_lines));
  for (BlamedCommit& commit : blame.commits) {
    commit.cut_off = question.boundary.find(commit.id) != std::string::npos;
  }
  return std::make_shared<const FileBlame>(std::move(blame));
}

Result<std::shared_ptr<const Blamer::Guidance>> Blamer::guidance() {
  auto found = mirror_.tip();
  if (!found && found.code() != Code::kNotFound) return found.status();
  const std::string tip = found.value_or({});
  if (auto known = guidance_.copy(); known && known->tip == tip) return known;
  auto fresh = std::make_shared<Guidance>();
  fresh->tip = tip;
  if (tip.empty()) return std::shared_ptr<const Guidance>(fresh);
  const auto mailmap = find_file(mirror_, tip, ".mailmap");
  if (!mailmap && mailmap.code() != Code::kNotFound) return mailmap.status();
  auto ignored = read_ignore_revs(mirror_, tip);
  // A list nobody can read is no reason not to blame.
  if (ignored) fresh->ignored = std::move(*ignored);
  std::string all = mailmap ? mailmap->id : "";
  for (const std::string& id : fresh->ignored) all += id;
  fresh->stamp = to_hex(hash128(all).bytes());
  *guidance_.lock() = fresh;
  return std::shared_ptr<const Guidance>(fresh);
}

}  // namespace flawless::scm
