#include "scm/mirror.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "os/durable_file.h"
#include "scm/mirror_files.h"
#include "scm/revision.h"
#include "scm/tree.h"

namespace flawless::scm {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kGraphLimit = std::chrono::minutes(30);
constexpr milliseconds kCheckLimit = std::chrono::minutes(30);
constexpr milliseconds kHeadLimit = std::chrono::seconds(60);
constexpr size_t kResolvedBytes = 64U << 10U;
constexpr size_t kMostNamed = 5;  // branches in a sentence

bool is_mirror_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '_' || c == '-';
         });
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

bool is_about_credentials(std::string_view message) {
  for (std::string_view sign : {"could not read Username", "could not read Password",
                                "Authentication failed", "Permission denied"}) {
    if (message.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

GitCall rev_parse(const std::string& revision) {
  return {.arguments = {"rev-parse", "--verify", "--end-of-options", revision + "^{commit}"}};
}

}  // namespace

Result<std::unique_ptr<Mirror>> Mirror::open(const Git& git, MirrorOptions options,
                                             const Clock& clock) {
  if (!is_mirror_name(options.name)) {
    return {Code::kInvalid, "a repository's name is made of letters, digits and ._-"};
  }
  if (!options.directory.starts_with('/')) {
    return {Code::kInvalid, "the mirrors' directory must be an absolute path"};
  }
  auto remote = parse_remote(options.url);
  if (!remote) return remote.status().with_context("repository " + options.name);
  os::PosixDisk disk;
  RETURN_IF_ERROR(disk.make_directory(options.directory));
  std::unique_ptr<Mirror> mirror(new Mirror(git, std::move(options), *remote, clock));
  remove_tree(mirror->git_dir_ + ".part");
  if (mirror->exists()) {
    remove_stale_files(mirror->git_dir_);
    mirror->refs_may_have_changed();
    // Also without commits a sound mirror answers this.
    if (!mirror->read({.arguments = {"for-each-ref", "--count=1"}})) mirror->suspect_ = true;
  }
  return mirror;
}

Mirror::Mirror(const Git& git, MirrorOptions options, Remote remote, const Clock& clock)
    : git_(git),
      options_(std::move(options)),
      remote_(std::move(remote)),
      clock_(clock),
      git_dir_(options_.directory + "/" + options_.name + ".git"),
      resolved_(kResolvedBytes) {
  auto status = health_.lock();
  status->name = options_.name;
  status->url = remote_.url;
}

bool Mirror::exists() const {
  struct stat info{};
  return ::stat(git_dir_.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

MirrorStatus Mirror::status() const {
  MirrorStatus status = health_.copy();
  if (status.last_heard) {
    status.silent = std::chrono::floor<milliseconds>(clock_.now() - *status.last_heard);
  }
  return status;
}

Result<std::string> Mirror::read(GitCall call) {
  if (!exists()) {
    return {Code::kUnavailable, "repository " + options_.name + " has not been cloned yet"};
  }
  call.git_dir = git_dir_;
  auto result = git_.output(call);
  if (result.code() == Code::kCorrupt) suspect_ = true;
  return result;
}

// --- revisions ---

Result<std::string> Mirror::resolve(std::string_view text) {
  ASSIGN_OR_RETURN(NamedCommit found, look_up(text));
  return std::move(found.id);
}

Result<NamedCommit> Mirror::look_up(std::string_view text) {
  const std::vector<std::string> candidates = revision_candidates(text);
  if (candidates.empty()) return {Code::kInvalid, "the text given is not a revision"};
  const std::string key(text);
  if (auto known = resolved_.find(key)) return NamedCommit{*known};
  // All in one go, and through standard input, where nothing can be an option.
  std::string questions;
  for (const std::string& candidate : candidates) questions += candidate + "^{commit}\n";
  ASSIGN_OR_RETURN(
      const std::string answers,
      read({.arguments = {"cat-file", "--batch-check=%(objectname)"}, .input = questions}));
  const std::vector<std::string_view> lines = split_lines(answers);
  for (size_t i = 0; i < std::min(lines.size(), candidates.size()); ++i) {
    if (!is_full_id(lines[i])) continue;  // "… missing" or "… ambiguous"
    std::string id(lines[i]);
    // What a name stands for may change at any time; a hash stays what it is.
    if (id.starts_with(text)) resolved_.put(key, std::make_shared<const std::string>(id), 64);
    return NamedCommit{std::move(id), candidates[i].starts_with("refs/heads/")};
  }
  return {Code::kNotFound, "repository " + options_.name + " has no revision " + key};
}

Result<std::string> Mirror::resolve_fetching(std::string_view text, milliseconds bound,
                                             const std::stop_token& stop) {
  const auto deadline = Steady::now() + bound;
  auto found = exists() ? resolve(text) : Result<std::string>(Code::kNotFound, "not cloned");
  if (found || found.code() != Code::kNotFound) return found;
  const Status fetched = fetch_on_demand(deadline, stop);
  // Also when nothing was fetched for us: another's fetch may have brought it meanwhile.
  found = resolve(text);
  return found || fetched.is_ok() ? found : fetched;
}

Status Mirror::fetch_on_demand(Steady::time_point deadline, const std::stop_token& stop) {
  const auto asked = Steady::now();
  const Turn::Held turn(updating_, deadline, stop);
  if (!turn) {
    return {Code::kUnavailable, "repository " + options_.name + " is still being fetched"};
  }
  if (!exists()) {
    return {Code::kUnavailable, "repository " + options_.name + " has not been cloned yet"};
  }
  if (const auto began = last_fetch_began_.copy()) {
    const bool failed = !status().error.empty();
    if (*began >= asked && !failed) return {};
    if (Steady::now() - *began < options_.demand_interval) {
      return {Code::kExhausted, "repository " + options_.name + " was fetched a moment ago"};
    }
  }
  return run_update(std::chrono::ceil<milliseconds>(deadline - Steady::now()), false, stop);
}

Result<std::string> Mirror::tip() {
  std::string known = status().tip;
  if (!known.empty()) return known;
  return find_tip();
}

Result<std::string> Mirror::find_tip() {
  const std::string& branch = options_.branch;
  auto found = read(rev_parse(branch.empty() ? "HEAD" : "refs/heads/" + branch));
  if (!found && branch.empty() && found.code() != Code::kCorrupt) {
    // HEAD names a branch that is gone: the newest one, then.
    found = read({.arguments = {"for-each-ref", "--count=1", "--sort=-committerdate",
                                "--format=%(objectname)", "refs/heads"}});
  }
  if (found && is_full_id(first_line(*found))) return first_line(*found);
  if (found.code() == Code::kCorrupt) return found.status();
  const std::string what = branch.empty() ? "no commits" : "no branch " + branch;
  return {Code::kNotFound, "repository " + options_.name + " has " + what};
}

// What is wrong with the configured branch, and which ones there are, those of late first.
std::string Mirror::branch_advice() {
  const auto answer = read({.arguments = {"for-each-ref", "--count=" + std::to_string(kMostNamed),
                                          "--sort=-committerdate", "--format=%(refname:lstrip=2)",
                                          "refs/heads"}});
  const std::string listed = answer ? *answer : std::string();
  std::string names;
  for (const std::string_view name : split_lines(listed)) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return "it has no branch " + options_.branch + "; " +
         (names.empty() ? "it has none yet" : "set repository.branch to one it has: " + names);
}

std::string Mirror::boundary() const {
  os::PosixDisk disk;
  return os::read_file(disk, shallow_file()).value_or({});
}

void Mirror::refs_may_have_changed() {
  resolved_.clear();
  const auto tip = find_tip();
  std::string no_tip;
  if (tip.code() == Code::kNotFound && !options_.branch.empty()) no_tip = branch_advice();
  const bool shallow = !boundary().empty();
  auto status = health_.lock();
  status->state = MirrorStatus::State::kReady;
  status->tip = tip ? *tip : "";
  status->no_tip = std::move(no_tip);
  status->shallow = shallow;
}

// --- updates ---

Status Mirror::update(const std::stop_token& stop) {
  const Turn::Held turn(updating_, Steady::time_point::max(), stop);
  if (!turn) return {Code::kUnavailable, "the update of " + options_.name + " was stopped"};
  return run_update(options_.fetch_limit, true, stop);
}

Status Mirror::run_update(milliseconds fetch_limit, bool thorough, const std::stop_token& stop) {
  {
    auto status = health_.lock();
    status->updating = true;
    status->last_attempt = clock_.now();
  }
  *last_fetch_began_.lock() = Steady::now();
  const Status result = exists() ? refresh(fetch_limit, thorough, stop) : clone(stop);
  if (exists()) refs_may_have_changed();
  auto status = health_.lock();
  status->updating = false;
  status->progress.clear();
  status->error = result.message();
  if (result.is_ok()) status->last_success = clock_.now();
  return result;
}

Status Mirror::refresh(milliseconds fetch_limit, bool thorough, const std::stop_token& stop) {
  if (thorough && suspect_ && is_damaged(stop)) return clone(stop);
  const Status fetched = fetch(fetch_limit, stop);
  if (!fetched.is_ok()) {
    remove_stale_files(git_dir_);
    if (fetched.code() != Code::kCorrupt) return fetched;
    suspect_ = true;
    if (!thorough || !is_damaged(stop)) return fetched;
    return clone(stop);
  }
  if (!thorough) return {};
  RETURN_IF_ERROR(refresh_graph(stop));
  return follow_head(stop);
}

// Damage is certain only when git finds it in peace; a check that cannot be made proves nothing.
bool Mirror::is_damaged(const std::stop_token& stop) {
  const auto checked =
      git_.run({.git_dir = git_dir_,
                .arguments = {"fsck", "--connectivity-only", "--no-dangling", "--no-progress"},
                .time_limit = kCheckLimit,
                .stop = stop});
  const bool starved = checked && (checked->error_output.find("memory") != std::string::npos ||
                                   checked->error_output.find("mmap") != std::string::npos);
  const bool damaged = checked && checked->exit_code > 0 && !starved;
  if (checked && checked->exit_code == 0) suspect_ = false;
  if (damaged) log_warning("scm", "the mirror of {} is damaged; cloning it anew", options_.name);
  return damaged;
}

Status Mirror::clone(const std::stop_token& stop) {
  const std::string fresh = git_dir_ + ".part";
  remove_tree(fresh);
  const auto cloned = talk({.arguments = {"clone", "--mirror", "--no-local",
                                          "--template=", "--progress", "--", remote_.url, fresh},
                            .time_limit = options_.clone_limit,
                            .stop = stop});
  Status placed = cloned ? put_in_place(fresh, git_dir_) : cloned.status();
  if (!placed.is_ok()) {
    remove_tree(fresh);
    return placed;
  }
  suspect_ = false;
  refs_hash_.reset();
  ++health_.lock()->clones;
  return refresh_graph(stop);
}

// From a shallow remote git takes nothing that is cut off at a new place, and calls that a success,
// unless told otherwise; and the remote may have become whole.
Status Mirror::fetch(milliseconds limit, const std::stop_token& stop) {
  GitCall call{.git_dir = git_dir_,
               .arguments = {"fetch", "--prune", "--force", "--no-tags", "--no-write-fetch-head",
                             "--update-shallow", "--progress"},
               .time_limit = limit,
               .stop = stop};
  if (::access(shallow_file().c_str(), F_OK) == 0) call.arguments.emplace_back("--unshallow");
  call.arguments.insert(call.arguments.end(), {"--", remote_.url, "+refs/*:refs/*"});
  return talk(std::move(call)).status();
}

// A fetch brings every branch, but not the news that another one is the default now.
Status Mirror::follow_head(const std::stop_token& stop) {
  if (!options_.branch.empty()) return {};
  ASSIGN_OR_RETURN(const std::string answer,
                   talk({.git_dir = git_dir_,
                         .arguments = {"ls-remote", "--symref", "--", remote_.url, "HEAD"},
                         .time_limit = kHeadLimit,
                         .stop = stop}));
  constexpr std::string_view kRef = "ref: refs/heads/";
  if (!answer.starts_with(kRef)) return {};
  const std::string branch = answer.substr(kRef.size(), answer.find('\t') - kRef.size());
  if (branch.empty() || branch[0] == '-') return {};
  return read({.arguments = {"symbolic-ref", "HEAD", "refs/heads/" + branch}, .stop = stop})
      .status();
}

// Only when a ref moved: on a large repository the graph takes seconds, and nothing mostly
// happened. Garbage is collected in the same breath, when git thinks that it is worth it.
Status Mirror::refresh_graph(const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const uint64_t hash, hash_refs());
  if (refs_hash_ == hash) return {};
  ++health_.lock()->changes;
  RETURN_IF_ERROR(read({.arguments = {"commit-graph", "write", "--reachable", "--changed-paths",
                                      "--no-progress"},
                        .time_limit = kGraphLimit,
                        .stop = stop})
                      .status());
  RETURN_IF_ERROR(
      read({.arguments = {"gc", "--auto", "--quiet"}, .time_limit = kGraphLimit, .stop = stop})
          .status());
  refs_hash_ = hash;
  return {};
}

Result<uint64_t> Mirror::hash_refs() {
  ASSIGN_OR_RETURN(const std::string refs,
                   read({.arguments = {"for-each-ref", "--format=%(objectname) %(refname)"},
                         .most_output = 1U << 30U}));
  return hash64(refs);
}

Result<std::string> Mirror::talk(GitCall call) {
  ASSIGN_OR_RETURN(const Credentials credentials,
                   load_credentials(remote_, options_.credentials_file, options_.credentials_env));
  call.environment = remote_environment(git_, remote_, credentials, options_.ssh_program);
  call.on_error_output = [this](std::string_view piece) {
    health_.lock()->last_heard = clock_.now();
    note_progress(piece);
  };
  health_.lock()->last_heard = clock_.now();
  auto result = git_.output(call);
  health_.lock()->last_heard.reset();
  if (result) return result;
  std::string message = redact(result.message(), secrets_of(credentials));
  if (is_about_credentials(message)) message += "; check credentials_file or credentials_env";
  return Status(result.code(), std::move(message));
}

void Mirror::note_progress(std::string_view error_output) {
  std::string phase;
  int percent = 0;
  if (!parse_progress(error_output, phase, percent)) return;
  health_.lock()->progress = phase + " " + std::to_string(percent) + " %";
  if (options_.on_progress) options_.on_progress(phase, percent);
}

}  // namespace flawless::scm
