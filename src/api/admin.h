// Administration by the one who owns the machine: what the command line does, whether through the
// running server's local socket or, when none runs, directly on the data directory. One
// implementation for both.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "intake/admission.h"
#include "store/store.h"

namespace flawless::api {

class Admin {
 public:
  // `public_url`: what DSNs and endpoints are built from, without a trailing slash.
  // `on_published` runs after each change of tokens or projects, before the operation answers: a
  // token that was just printed works everywhere.
  Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
        std::string public_url, std::function<Status()> on_published = {});

  // Runs one operation; arguments and reply are JSON objects. Operations: "project.create" {name},
  // "project.list" {}, "project.enable"/"project.disable" {project}, "token.create" {scope,
  // project?, name?}, "token.list" {project?}, "token.disable" {token}, "user.create" {email,
  // name?, role?, password?}. `project` is an id or a name. Errors carry words for the person at
  // the terminal.
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
  std::function<Status()> on_published_;
  std::mutex publishing_;
};

}  // namespace flawless::api
