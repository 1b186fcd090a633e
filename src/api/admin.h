// Administration by the one who owns the machine: what the command line does, whether through the
// running server's local socket or, when none runs, directly on the data directory. One
// implementation for both.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "api/quarantine.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "intake/admission.h"
#include "store/store.h"

namespace flawless::api {

class Admin {
 public:
  // Who must know of a change before the operation answers, in the running server: what was given
  // works everywhere by then, what was taken nowhere. Each may be empty.
  struct Followers {
    std::function<Status()> admission = {};    // tokens or projects have changed
    std::function<void(UserId)> account = {};  // its role has, or its sessions have ended
    std::function<Status(const std::string& key)> link_key = {};  // this one signs links from now
  };

  // `public_url`: what DSNs and endpoints are built from, without a trailing slash.
  Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
        std::string public_url, Followers followers, QuarantineParts quarantine = {});
  // Nobody must know: no server runs.
  Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
        std::string public_url);

  struct Outcome {
    std::string reply;
    // Not ok: what the operation made is stored, and the reply is the only place that shows its
    // tokens, but intake does not know them yet.
    Status status;
  };

  // Runs one operation; arguments and reply are JSON objects. Operations: "project.create" {name},
  // "project.list" {}, "project.enable"/"project.disable" {project}, "token.create" {scope,
  // project?, name?}, "token.list" {project?}, "token.enable"/"token.disable" {token},
  // "user.create" {email, name?, role?, password?}, "user.list" {}, "user.role" {email, role},
  // "user.password" {email, password}, "user.enable"/"user.disable"/"user.sign_out" {email},
  // "link.revoke_all" {}, "quarantine.list" and "quarantine.retry" (quarantine.h). `project` is an
  // id or a name, `token` its value or its id. Errors carry words for the person at the terminal.
  [[nodiscard]] Result<Outcome> call(std::string_view operation, std::string_view arguments_json);

  // Whether it may take seconds: it runs beside others, and others beside it.
  [[nodiscard]] static bool may_wait(std::string_view operation);

  // Makes the admission snapshot from the store's tokens and, if it is another than the board's,
  // publishes it durably. Called by every operation that changes a token or a project before it
  // answers, and once at start. Any thread.
  [[nodiscard]] Status publish_admission();
  // Again, if the last time failed.
  void retry_publishing();

 private:
  store::Store& store_;
  intake::AdmissionBoard& board_;
  const Clock& clock_;
  std::string public_url_;
  const Followers followers_;
  const QuarantineParts quarantine_;
  std::mutex publishing_;
  std::atomic<bool> is_behind_{false};  // the board, since it could not be written
};

}  // namespace flawless::api
