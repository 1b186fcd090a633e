// For tests: two projects with their tokens and reports, in a real store and a real journal, behind
// a router.
#pragma once

#include <string>
#include <string_view>

#include "api/admin.h"
#include "api/mount.h"
#include "api/test_support.h"
#include "event/arena.h"
#include "event/value.h"
#include "journal/journal.h"
#include "os/file.h"
#include "render/link_signer.h"
#include "triage/triage.h"

namespace flawless::api {

// A report as a Rollbar client sends it.
struct Sent {
  std::string uuid, message = "list index out of range", function = "pick_banner";
  std::string level = "error", environment = "production", release = "r1", host = "web1";
  std::string person = "42", path = "shop/banner.py";
};

// A parsed reply; path lookups end the test program when there is nothing.
class Json {
 public:
  explicit Json(std::string text);
  // "items.0.title"
  [[nodiscard]] const Value& at(std::string_view path) const;
  [[nodiscard]] int64_t number(std::string_view path) const { return at(path).integer; }
  [[nodiscard]] std::string text(std::string_view path) const { return std::string(at(path).text); }
  [[nodiscard]] size_t size(std::string_view path) const { return at(path).members.size(); }

 private:
  std::string text_;
  Arena arena_;
  Value root_;
};

class World {
 public:
  World();
  ~World();

  struct Project {
    ProjectId id;
    std::string name, read, write, post;
  };
  Project make_project(std::string_view name);
  std::string make_token(ProjectId project, store::Scope scope);

  // Journals, digests and stores one report.
  store::Applied report(const Project& project, const Sent& sent);

  struct Decided {
    std::string developer = "ada@shop.example";
    bool known = false;
    std::optional<Time> changed_at = {};
  };
  // Answers all queued decisions.
  void decide_as(const Decided& how);
  void decide(std::string_view developer) { decide_as({.developer = std::string(developer)}); }

  http::Response get(std::string_view target, std::string_view token);
  http::Response patch(std::string_view target, std::string_view token, std::string_view body);
  http::Response ask(http::Request&& request);
  // By a person's browser, on our own pages; `cookie` as browser() gave it.
  http::Response browse(http::Method method, std::string_view target, std::string_view cookie,
                        std::string_view body = {}, std::string_view origin = kPublicUrl);
  // Makes an account; the cookie of a session of it.
  std::string browser(std::string_view email, std::string_view role = "admin");
  // Of a reply that must be 200.
  Json read(std::string_view target, std::string_view token);

  [[nodiscard]] ApiParts parts();
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] const http::Router& router() const { return router_; }
  [[nodiscard]] Access& access() { return access_; }
  // What Bodies reads from then on has none of the segments.
  void drop_bodies();
  SystemHealth health;
  ManualClock clock{from_unix_ms(1'763'800'200'000)};

  static constexpr std::string_view kPublicUrl = "https://flawless.example";
  static constexpr std::string_view kPassword = "correct horse battery";
  Sessions sessions{clock};
  FirstLink first_link{clock};
  render::LinkSigner signer{std::string(32, 'k')};
  std::vector<RepositoryStatus> repositories;
  std::vector<store::Rule> configured_rules;
  std::vector<store::Refusal> unstored_refusals;
  // Of the quarantine: what the journal still has, and what digestion answers.
  uint64_t oldest_record = 1;
  std::function<Result<std::vector<store::Retried>>(std::vector<uint64_t>)> retry;
  int rules_changed = 0;
  // Ended before the store closes.
  std::unique_ptr<Changes> changes;

 private:
  class Window;  // the journal, until drop_bodies()
  std::string directory_;
  os::PosixDisk disk_;
  SystemClock journal_clock_;  // the journal has threads of its own
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<store::Store> store_;
  triage::Scrubber scrubber_{triage::ScrubRules{}};
  std::unique_ptr<body::Bodies> bodies_;
  Access access_;
  std::unique_ptr<intake::AdmissionBoard> board_;
  std::unique_ptr<Admin> admin_;
  Pool pool_;
  http::Router router_;
  uint64_t sequence_ = 0;
};

}  // namespace flawless::api
