// Puts the API on a router: v2, the plain pages, /check_health, /metrics.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/changes.h"
#include "api/first_link.h"
#include "api/health.h"
#include "api/pool.h"
#include "api/sessions.h"
#include "base/time.h"
#include "body/bodies.h"
#include "http/router.h"
#include "store/lines.h"
#include "store/store.h"

namespace flawless::render {
class LinkSigner;
}

namespace flawless::api {

// One configured repository, for the page that lists them.
struct RepositoryStatus {
  std::string name, url;  // url: without credentials
  std::string state;      // "absent" "updating" "ready" "failed"
  std::string progress;   // "Receiving objects 45 %" while updating
  std::string tip;        // commit id; empty while there is none
  std::optional<Time> last_success;
  std::string error;                  // of the last attempt; empty when it did not fail
  std::vector<std::string> projects;  // names; empty: all
};

// What the API is made of. Everything referred to outlives the HTTP server and, because jobs use
// it, Pool::stop(). Functions are called from any thread of the pool.
struct ApiParts {
  // Null while the store opens or migrates: requests that need it get 503. Called per request, from
  // any thread.
  std::function<store::Store*()> store;
  const body::Bodies& bodies;
  const Access& access;
  HealthSource health;  // called on the pool's probe thread, and on its workers
  const Clock& clock;
  Pool& pool;

  // What follows may be left out; what needs it is then refused.

  // People who sign in. Without it tokens are the only way in.
  Sessions* sessions = nullptr;
  FirstLink* first_link = nullptr;
  // GET /api/2/events, and where status changes are told.
  Changes* changes = nullptr;
  // http.public_url, without a trailing slash. From any thread.
  std::function<std::string()> public_url = {};
  // Checks the grants in mails' links, and makes those of the pages. Null while the store opens.
  std::function<const render::LinkSigner*()> signer = {};
  // Runs an operation of administration (Admin::call): "project.create".
  std::function<Result<std::string>(std::string_view operation, std::string_view arguments_json)>
      administer = {};
  std::function<std::vector<RepositoryStatus>()> repositories = {};
  // Refused reports, by project and reason, that are counted but not in the store yet.
  std::function<std::vector<store::Refusal>()> unstored_refusals = {};
  // Rules of the configuration, beside those of the store: shown, not removable.
  std::function<std::vector<store::Rule>()> configured_rules = {};
  // A rule was made or removed: digestion's library code is to be read again.
  std::function<void()> on_rules_changed = {};
  // Lines that were last changed before it are left out of the weekly report, unless asked for.
  std::optional<Time> report_only_after = {};
  // Every effective option for /check_health: name, value; secrets are masked already.
  std::function<std::vector<std::pair<std::string, std::string>>()> options = {};
};

// Call before the server starts. Copies `parts`.
void mount(http::Router& router, const ApiParts& parts);

}  // namespace flawless::api
