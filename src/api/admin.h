// Administration by the one who owns the machine: what the command line does, whether through the
// running server's local socket or, when none runs, directly on the data directory. One
// implementation for both.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

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
        std::string public_url, Followers followers);
  // Nobody must know: no server runs.
  Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
        std::string public_url);

  // Runs one operation; arguments and reply are JSON objects. Operations: "project.create" {name},
  // "project.list" {}, "project.enable"/"project.disable" {project}, "token.create" {scope,
  // project?, name?}, "token.list" {project?}, "token.enable"/"token.disable" {token},
  // "user.create" {email, name?, role?, password?}, "user.list" {}, "user.role" {email, role},
  // "user.password" {email, password}, "user.enable"/"user.disable"/"user.sign_out" {email},
  // "link.revoke_all" {}. `project` is an id or a name, `token` its value or its id. Errors carry
  // words for the person at the terminal.
  [[nodiscard]] Result<std::string> call(std::string_view operation,
                                         std::string_view arguments_json);

  // Makes the admission snapshot from the store's tokens and publishes it durably. Called by every
  // operation that changes a token or a project before it answers, and once at start. Any thread.
  [[nodiscard]] Status publish_admission();

 private:
  store::Store& store_;
  intake::AdmissionBoard& board_;
  const Clock& clock_;
  std::string public_url_;
  const Followers followers_;
  std::mutex publishing_;
};

}  // namespace flawless::api
