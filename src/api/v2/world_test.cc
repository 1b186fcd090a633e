#include <fmt/format.h>
#include <stdlib.h>

#include <charconv>
#include <filesystem>
#include <future>

#include "api/json_in.h"
#include "api/v2/world.h"
#include "digest/sighting.h"
#include "event/verdict.h"
#include "journal/file_journal.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::api {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) check_failed(result.message(), __FILE__, __LINE__);
  return std::move(result).value();
}

std::string rollbar_json(const Sent& sent) {
  return fmt::format(
      R"({{"access_token":"ffffffffffffffffffffffffffffffff","data":{{"uuid":"{}","level":"{}",)"
      R"("environment":"{}","code_version":"{}","language":"python","server":{{"host":"{}"}},)"
      R"("person":{{"id":"{}","username":"ada","email":"ada@example.org"}},)"
      R"("request":{{"url":"https://shop.example/?token=tok-secret","headers":{{"Authorization":"Bearer hdr-secret"}}}},)"
      R"("custom":{{"password":"hunter2"}},"body":{{"trace":{{)"
      R"("exception":{{"class":"IndexError","message":"{}"}},"frames":[)"
      R"({{"filename":"{}","lineno":17,"method":"{}","code":"return banners[i]",)"
      R"("argspec":["banners"],"locals":{{"banners":[],"api_key":"key-secret"}}}}]}}}}}}}})",
      sent.uuid, sent.level, sent.environment, sent.release, sent.host, sent.person, sent.message,
      sent.path, sent.function);
}

}  // namespace

class World::Window final : public journal::Journal {
 public:
  explicit Window(journal::Journal& journal) : journal_(journal) {}
  bool open = true;
  void append(std::shared_ptr<const std::string> payload, Done done) override {
    journal_.append(std::move(payload), std::move(done));
  }
  Result<journal::Record> read(journal::Position position) const override {
    if (!open) return Status(Code::kNotFound, "segment is gone");
    return journal_.read(position);
  }
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor& cursor) const override {
    return journal_.read_after(cursor);
  }
  void release(const journal::Cursor& cursor) override { journal_.release(cursor); }
  journal::Cursor start() const override { return journal_.start(); }
  journal::Health health() const override { return journal_.health(); }
  void stop() override {}

 private:
  journal::Journal& journal_;
};

Json::Json(std::string text) : text_(std::move(text)), root_(must(read_json(text_, arena_))) {}

const Value& Json::at(std::string_view path) const {
  const Value* value = &root_;
  while (!path.empty()) {
    std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    const Value* next = value->find(step);
    if (value->is_array()) {
      size_t index = 0;
      std::from_chars(step.data(), step.data() + step.size(), index);
      next = index < value->members.size() ? &value->members[index].value : nullptr;
    }
    if (!next) check_failed(fmt::format("no '{}' in {}", step, text_), __FILE__, __LINE__);
    value = next;
  }
  return *value;
}

// Files in memory where there is such a thing: nothing here is about durability.
std::string make_directory() {
  std::string pattern = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
  pattern += "/flawless-api-XXXXXX";
  FLAWLESS_CHECK(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

World::World() : directory_(make_directory()) {
  journal::Options options;
  options.directory = directory_ + "/journal";
  options.segment_bytes = 1u << 20;
  options.max_record_bytes = 256u << 10;
  options.prepare_bytes = 64u << 10;
  options.min_free_bytes = 0;
  journal_ = must(journal::open(disk_, options, journal_clock_));
  window_ = std::make_unique<Window>(*journal_);
  store_ = must(store::open_sqlite({.path = directory_ + "/flawless.db"}));
  bodies_ = std::make_unique<body::Bodies>(*window_, scrubber_);
  board_ = std::make_unique<intake::AdmissionBoard>(disk_, directory_ + "/admission");
  admin_ = std::make_unique<Admin>(*store_, *board_, clock, std::string(kPublicUrl),
                                   Admin::Followers{
                                       .admission = [this] { return access_.refresh(*store_); },
                                       .account = [this](UserId user) { sessions.forget(user); },
                                   },
                                   QuarantineParts{
                                       .oldest_record = [this] { return oldest_record; },
                                       .retry = [this](auto some) { return retry(some); },
                                   });
  changes = std::make_unique<Changes>(
      [this](ProjectId project, int64_t number) {
        return store_->item({.all = true, .projects = {}}, project, number, clock.now());
      },
      clock);
  mount(router_, parts());
}

ApiParts World::parts() {
  return {.store = [this] { return store_.get(); },
          .bodies = *bodies_,
          .access = access_,
          .health = [this] { return health; },
          .clock = clock,
          .pool = pool_,
          .sessions = &sessions,
          .first_link = &first_link,
          .changes = changes.get(),
          .public_url = [] { return std::string(kPublicUrl); },
          .signer = [this] { return &signer; },
          .administer = [this](std::string_view operation,
                               std::string_view json) -> Result<std::string> {
            ASSIGN_OR_RETURN(const auto outcome, admin_->call(operation, json));
            return outcome.reply;
          },
          .repositories = [this] { return repositories; },
          .unstored_refusals = [this] { return unstored_refusals; },
          .configured_rules = [this] { return configured_rules; },
          .on_rules_changed = [this] { ++rules_changed; },
          .options =
              [] {
                return std::vector<std::pair<std::string, std::string>>{
                    {"http.port", "8080"}, {"mail.smtp_password", "(set)"}};
              }};
}

World::~World() {
  changes->stop();
  pool_.stop();
  store_.reset();
  window_.reset();
  journal_.reset();
  std::filesystem::remove_all(directory_);
}

World::Project World::make_project(std::string_view name) {
  auto made = must(store_->create_project(name, clock.now()));
  Project project{made.project.id, made.project.name, "", "", ""};
  for (const store::Token& token : made.tokens) {
    if (token.scope == store::Scope::kRead) project.read = token.value;
    if (token.scope == store::Scope::kWrite) project.write = token.value;
    if (token.scope == store::Scope::kPostServerItem) project.post = token.value;
  }
  FLAWLESS_CHECK(access_.refresh(*store_).is_ok());
  return project;
}

std::string World::make_token(ProjectId project, store::Scope scope) {
  store::Token token = must(store_->create_token(project, scope, "made", clock.now()));
  FLAWLESS_CHECK(access_.refresh(*store_).is_ok());
  return token.value;
}

store::Applied World::report(const Project& project, const Sent& sent) {
  std::string json = rollbar_json(sent);
  wire::ReportRecord record;
  record.protocol = wire::Protocol::kRollbar;
  record.inflated_bytes = static_cast<uint32_t>(json.size());
  record.project = project.id;
  record.received_at = clock.now();
  record.report_id = ReportId::from_client(sent.uuid);
  record.body = json;
  std::string payload = wire::encode_record(record);
  auto done = std::make_shared<std::promise<journal::Appended>>();
  journal_->append(std::make_shared<const std::string>(payload),
                   [done](auto result) { done->set_value(must(std::move(result))); });
  journal::Appended place = done->get_future().get();

  wire::Buffer inflated;
  wire::Parser parser;
  digest::Digested digested;
  digest::digest_report(
      must(digest::read_record({place.sequence, place.position, clock.now(), payload}, inflated,
                               parser)),
      {&scrubber_, {}}, digested);
  store::JournalCursor cursor{journal_->start().journal_id, 1, 0, place.sequence};
  return must(store_->apply({&digested.sighting, 1}, cursor)).at(0);
}

void World::decide_as(const Decided& how) {
  Verdict verdict;
  verdict.repository = "shop";
  verdict.path = "shop/banner.py";
  verdict.line = 17;
  verdict.commit = verdict.revision = std::string(40, 'a');
  verdict.author_name = "Ada \"<b>\" Lovelace";
  verdict.author_email = verdict.developer = how.developer;
  verdict.confidence = 0.9;
  verdict.source = {{17, "return banners[i]"}};
  while (auto decision = must(store_->lines().next_decision({}, clock.now()))) {
    store::Conclusion conclusion;
    conclusion.decision = &*decision;
    conclusion.line = decision->line;
    conclusion.developer = how.developer;
    conclusion.known = how.known;
    conclusion.changed_at = how.changed_at;
    conclusion.verdict = write_verdict(verdict);
    must(store_->lines().conclude(conclusion, clock.now()));
  }
}

http::Response World::get(std::string_view target, std::string_view token) {
  return api::ask(router_, make_request(http::Method::kGet, target, token));
}

http::Response World::patch(std::string_view target, std::string_view token,
                            std::string_view body) {
  return api::ask(router_, make_request(http::Method::kPatch, target, token, body));
}

http::Response World::ask(http::Request&& request) { return api::ask(router_, std::move(request)); }

http::Response World::browse(http::Method method, std::string_view target, std::string_view cookie,
                             std::string_view body, std::string_view origin) {
  http::Request request = make_request(method, target, "", body);
  request.peer = "192.0.2.1";
  if (!cookie.empty()) request.headers.push_back({"Cookie", std::string(cookie)});
  if (!origin.empty()) request.headers.push_back({"Origin", std::string(origin)});
  return ask(std::move(request));
}

std::string World::browser(std::string_view email, std::string_view role) {
  auto hash = must(sessions.hash(kPassword));
  auto user = must(store_->create_user(email, "Ada", role, hash, clock.now()));
  return "flawless_session=" + must(sessions.open(store_->accounts(), {user, hash}));
}

Json World::read(std::string_view target, std::string_view token) {
  http::Response reply = get(target, token);
  if (reply.status != 200) check_failed(reply.body, __FILE__, __LINE__);
  return Json(std::move(reply.body));
}

void World::drop_bodies() { window_->open = false; }

}  // namespace flawless::api
