// A bare copy of one repository, kept up to date, and everything that is read from it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/locked.h"
#include "base/result.h"
#include "base/time.h"
#include "scm/git.h"
#include "scm/lru.h"
#include "scm/remote.h"
#include "scm/turn.h"

namespace flawless::scm {

// What a report's or person's text stands for.
struct NamedCommit {
  std::string id;
  bool is_branch = false;  // only a branch has this name: tomorrow it stands for another commit
};

struct MirrorOptions {
  std::string name;       // letters, digits and "._-"; the mirror is DIRECTORY/NAME.git
  std::string url;        // see parse_remote(); a clone on this machine is mirrored like any other
  std::string branch;     // stands for the tip; empty: what the remote's HEAD names
  std::string directory;  // absolute; its parent must exist
  std::string credentials_file, credentials_env;  // see load_credentials(); read at every fetch
  std::string ssh_program = "ssh";
  std::chrono::milliseconds clone_limit = std::chrono::hours(2);
  std::chrono::milliseconds fetch_limit = std::chrono::minutes(10);
  // Reports may name any number of unknown revisions: no two fetches for their sake begin within
  // this time.
  std::chrono::milliseconds demand_interval = std::chrono::seconds(10);
  // Called on the updating thread: "Receiving objects", 45.
  std::function<void(std::string_view phase, int percent)> on_progress;
};

// For health and the repository's page. Holds no secret.
struct MirrorStatus {
  enum class State { kAbsent, kReady };  // kReady: it can be read, however old it may be
  std::string name, url;
  State state = State::kAbsent;
  bool updating = false;
  std::string progress;                            // "Receiving objects 45 %" while updating
  std::string tip;                                 // commit id; empty while there is none
  std::optional<Time> last_attempt, last_success;  // of this process
  std::optional<Time> last_heard;       // of the remote, while git talks to it
  std::chrono::milliseconds silent{0};  // for how long it has been, by now
  std::string error;    // why the last attempt failed; empty when it did not
  std::string no_tip;   // the configured branch is not there: what to do; empty when all is well
  bool shallow = false;  // history is cut off somewhere, since it is at the remote
  uint64_t clones = 0;  // made by this process: more than one means that a mirror was damaged
  uint64_t changes = 0;  // updates of this process that found refs moved, the first one included
};

// Life cycle: open() looks at what is there and never goes to the network; update(), called on a
// timer by the owner, clones or fetches. Damage (found by a reader or by a failed fetch, confirmed
// by git fsck) makes the next update() clone anew; the old mirror stays readable until the new one
// takes its place at once.
//
// Threads: any may call anything. One update runs at a time; reads go on beside it. The owner holds
// the data directory's lock: there is no other process at work here, so that lock files left behind
// are stale. All commits a release ever named stay, also after a forced push.
class Mirror {
 public:
  // kInvalid when name or address are unusable.
  [[nodiscard]] static Result<std::unique_ptr<Mirror>> open(const Git& git, MirrorOptions options,
                                                            const Clock& clock);

  // Clones (or clones anew) or fetches, follows the remote's HEAD, refreshes the commit graph.
  // Waits for an update that runs. The error is also in status(). kUnavailable: the remote cannot
  // be reached, or it was stopped.
  Status update(const std::stop_token& stop = {});

  // The commit a report's or person's text stands for. kInvalid: not a revision by its looks;
  // kNotFound: unknown here, or ambiguous. Never goes to the network.
  [[nodiscard]] Result<NamedCommit> look_up(std::string_view text);
  [[nodiscard]] Result<std::string> resolve(std::string_view text);  // its full id

  // resolve(); when the commit is unknown, fetches for at most `bound` (joining a fetch that runs)
  // and looks again. kNotFound: the remote was asked and does not have it; kExhausted: it was asked
  // less than demand_interval ago, try again later; kUnavailable: it cannot be reached now.
  [[nodiscard]] Result<std::string> resolve_fetching(std::string_view text,
                                                     std::chrono::milliseconds bound,
                                                     const std::stop_token& stop = {});

  // The commit at the end of the configured branch. kNotFound: no such branch, or no commit yet.
  [[nodiscard]] Result<std::string> tip();

  // The commits, an id a line, whose parents are not here: what is older looks as if it had been
  // made by them. Empty unless this is a shallow clone. Reads a file.
  [[nodiscard]] std::string boundary() const;

  // Runs git on the mirror, as Git::output. Notices damage.
  [[nodiscard]] Result<std::string> read(GitCall call);

  [[nodiscard]] MirrorStatus status() const;
  [[nodiscard]] const std::string& name() const { return options_.name; }

 private:
  Mirror(const Git& git, MirrorOptions options, Remote remote, const Clock& clock);

  Status run_update(std::chrono::milliseconds fetch_limit, bool thorough,
                    const std::stop_token& stop);
  Status refresh(std::chrono::milliseconds fetch_limit, bool thorough, const std::stop_token& stop);
  Status clone(const std::stop_token& stop);
  Status fetch(std::chrono::milliseconds limit, const std::stop_token& stop);
  Status follow_head(const std::stop_token& stop);
  Status refresh_graph(const std::stop_token& stop);
  [[nodiscard]] bool is_damaged(const std::stop_token& stop);
  Status fetch_on_demand(std::chrono::steady_clock::time_point deadline,
                         const std::stop_token& stop);

  Result<std::string> talk(GitCall call);  // with the remote: credentials, progress, redaction
  void note_progress(std::string_view error_output);
  [[nodiscard]] bool exists() const;
  [[nodiscard]] std::string shallow_file() const { return git_dir_ + "/shallow"; }
  [[nodiscard]] Result<std::string> find_tip();
  [[nodiscard]] std::string branch_advice();
  Result<uint64_t> hash_refs();
  void refs_may_have_changed();

  const Git git_;
  const MirrorOptions options_;
  const Remote remote_;
  const Clock& clock_;
  const std::string git_dir_;

  Turn updating_;
  std::optional<uint64_t> refs_hash_;  // of the refs the graph was written for; under updating_
  std::atomic<bool> suspect_ = false;
  Locked<std::optional<std::chrono::steady_clock::time_point>> last_fetch_began_;
  Locked<MirrorStatus> health_;
  Lru<std::string> resolved_;
};

}  // namespace flawless::scm
