// For the tests of this room.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/locked.h"
#include "base/result.h"
#include "http/router.h"
#include "store/store.h"

namespace flawless::api {

// Keeps the one answer to one request.
class AnswerSink final : public http::Responder::Sink {
 public:
  void send(http::Response response) override { answer_.set_value(std::move(response)); }
  void start_stream(http::Response) override { FLAWLESS_CHECK(false); }
  bool write(std::string) override { return false; }
  std::future<http::Response> answer() { return answer_.get_future(); }

 private:
  std::promise<http::Response> answer_;
};

inline http::Request make_request(http::Method method, std::string_view target,
                                  std::string_view token, std::string_view body = {}) {
  http::Request request;
  request.method = method;
  size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + std::string(token)});
  auto bytes = std::make_unique<char[]>(body.size() + http::kSlackBytes);
  body.copy(bytes.get(), body.size());
  request.body = http::Body(std::move(bytes), body.size());
  return request;
}

inline std::future<http::Response> start_asking(const http::Router& router,
                                                http::Request&& request) {
  auto sink = std::make_shared<AnswerSink>();
  auto answer = sink->answer();
  router.route(std::move(request), http::Responder(sink));
  return answer;
}

inline http::Response ask(const http::Router& router, http::Request&& request) {
  auto answer = start_asking(router, std::move(request));
  FLAWLESS_CHECK(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return answer.get();
}

inline std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

class BrokenLines final : public store::Lines {
 public:
  explicit BrokenLines(Status failure) : failure_(std::move(failure)) {}
  using Visible = store::Visible;
  Result<std::optional<store::Decision>> next_decision(std::span<const ProjectId>, Time) override {
    return failure_;
  }
  Result<store::Line> line(LineId) override { return failure_; }
  Result<std::optional<LineId>> find_line(const store::LineKey&) override { return failure_; }
  Result<std::vector<store::LineKey>> line_keys(LineId, std::string_view) override {
    return failure_;
  }
  Result<LineId> conclude(const store::Conclusion&, Time) override { return failure_; }
  Status postpone(int64_t, Time) override { return failure_; }
  Status decide_again(ProjectId, Time) override { return failure_; }
  Result<uint64_t> decisions_waiting() override { return failure_; }
  Result<store::Line> line_of(const Visible&, OccurrenceId) override { return failure_; }
  Result<std::vector<store::LineReport>> report(const Visible&, Time, Time) override {
    return failure_;
  }
  Result<OccurrenceId> newest_at(const Visible&, const store::SiteQuery&, Time, Time) override {
    return failure_;
  }
  Result<std::vector<store::Rule>> rules(const Visible&) override { return failure_; }
  Result<store::Rule> add_rule(const Visible&, const store::Rule&, Time) override {
    return failure_;
  }
  Status remove_rule(const Visible&, int64_t) override { return failure_; }

 private:
  const Status failure_;
};

class BrokenAccounts final : public store::Accounts {
 public:
  explicit BrokenAccounts(Status failure) : failure_(std::move(failure)) {}
  Result<std::vector<store::User>> users() override { return failure_; }
  Result<Credentials> credentials(std::string_view) override { return failure_; }
  Result<store::User> create_first_user(std::string_view, std::string_view, std::string_view,
                                        Time) override {
    return failure_;
  }
  Status set_role(UserId, std::string_view) override { return failure_; }
  Status set_password(UserId, std::string_view) override { return failure_; }
  Status set_user_enabled(UserId, bool) override { return failure_; }
  Status add_session(std::string_view, const Credentials&, Time, Time) override { return failure_; }
  Result<store::User> session(std::string_view, Time) override { return failure_; }
  Status prolong_session(std::string_view, Time) override { return failure_; }
  Status end_session(std::string_view) override { return failure_; }
  Status end_sessions(UserId) override { return failure_; }
  Status drop_expired_sessions(Time) override { return failure_; }
  Result<std::string> secret(std::string_view) override { return failure_; }
  Status rotate_secret(std::string_view) override { return failure_; }

 private:
  const Status failure_;
};

// A store in which everything fails the same way, except its tokens.
class BrokenStore : public store::Store {
 public:
  explicit BrokenStore(Status failure) : failure_(std::move(failure)) {}
  std::vector<store::Token> known_tokens;

  Result<std::vector<store::Token>> tokens() override { return known_tokens; }

  using Cursor = store::JournalCursor;
  using Visible = store::Visible;
  Result<std::vector<store::Applied>> apply(std::span<const store::Sighting>,
                                            const Cursor&) override {
    return failure_;
  }
  Result<Cursor> cursor(uint64_t, uint32_t) override { return failure_; }
  Result<Cursor> checkpoint(uint64_t, uint32_t) override { return failure_; }
  Result<int> count_attempt(uint64_t) override { return failure_; }
  Status clear_attempts() override { return failure_; }
  Status quarantine(const store::Quarantined&, const Cursor&) override { return failure_; }
  Result<std::vector<store::Quarantined>> quarantined(const store::QuarantineQuery&) override {
    return failure_;
  }
  Result<store::Quarantined> quarantined_report(const Visible&, ProjectId,
                                                const ReportId&) override {
    return failure_;
  }
  Result<store::Applied> apply_quarantined(const store::Sighting&, const Cursor&) override {
    return failure_;
  }
  Status drop_quarantined(uint64_t) override { return failure_; }
  Status add_refusals(std::span<const store::Refusal>) override { return failure_; }
  Result<std::vector<store::Refusal>> refusals(const Visible&, Time) override { return failure_; }
  Result<NewProject> create_project(std::string_view, Time) override { return failure_; }
  Result<std::vector<store::Project>> projects(const Visible&) override { return failure_; }
  Status set_project_enabled(ProjectId, bool) override { return failure_; }
  Result<store::Token> create_token(ProjectId, store::Scope, std::string_view, Time) override {
    return failure_;
  }
  Status set_token_enabled(TokenId, bool) override { return failure_; }
  Result<store::User> create_user(std::string_view, std::string_view, std::string_view,
                                  std::string_view, Time) override {
    return failure_;
  }
  Result<store::Page<store::Item>> items(const Visible&, const store::ItemQuery&, Time) override {
    return failure_;
  }
  Result<store::Item> item(const Visible&, ProjectId, int64_t, Time) override { return failure_; }
  Result<store::Item> item_by_id(const Visible&, ItemId, Time) override { return failure_; }
  Result<std::vector<store::Facet>> facets(const Visible&, ProjectId, int64_t) override {
    return failure_;
  }
  Result<store::Page<store::Occurrence>> occurrences(const Visible&,
                                                     const store::OccurrenceQuery&) override {
    return failure_;
  }
  Result<store::Occurrence> occurrence(const Visible&, OccurrenceId) override { return failure_; }
  Result<store::Occurrence> occurrence_by_report(const Visible&, ProjectId,
                                                 const ReportId&) override {
    return failure_;
  }
  Result<std::vector<uint64_t>> trend(const Visible&, ProjectId, int64_t, Time, int, int) override {
    return failure_;
  }
  Result<store::Item> set_status(const Visible&, ProjectId, int64_t, store::ItemStatus,
                                 std::string_view, Time) override {
    return failure_;
  }
  Result<store::StoreHealth> health() override { return failure_; }
  Result<std::vector<store::ItemEvent>> history(const Visible&, ProjectId, int64_t) override {
    return failure_;
  }
  store::Lines& lines() override { return lines_; }
  store::Outbox& outbox() override { check_failed("no outbox", __FILE__, __LINE__); }
  store::Accounts& accounts() override { return accounts_; }
  void stop() override {}

 private:
  const Status failure_;
  BrokenLines lines_{failure_};
  BrokenAccounts accounts_{failure_};
};

// What a streamed answer has written so far.
class StreamSink final : public http::Responder::Sink {
 public:
  struct State {
    std::string text;
    http::Response head;
    bool started = false, ended = false, cut = false;
    std::optional<http::Response> answer;
  };
  explicit StreamSink(std::shared_ptr<Locked<State>> state) : state_(std::move(state)) {}
  ~StreamSink() override { state_->lock()->ended = true; }
  void send(http::Response response) override { state_->lock()->answer = std::move(response); }
  void start_stream(http::Response head) override {
    auto state = state_->lock();
    state->started = true;
    state->text += head.body;
    state->head = std::move(head);
  }
  bool write(std::string chunk) override {
    auto state = state_->lock();
    if (state->cut) return false;
    state->text += chunk;
    return true;
  }

 private:
  std::shared_ptr<Locked<State>> state_;
};

// The far end of a streamed answer.
class Listener {
 public:
  http::Responder responder() { return http::Responder(std::make_shared<StreamSink>(state_)); }
  [[nodiscard]] std::string text() const { return state_->lock()->text; }
  [[nodiscard]] bool ended() const { return state_->lock()->ended; }
  [[nodiscard]] std::optional<http::Response> answer() const { return state_->lock()->answer; }
  [[nodiscard]] http::Response head() const { return state_->lock()->head; }
  void cut() { state_->lock()->cut = true; }
  // Waits until it was sent this; false after some seconds.
  [[nodiscard]] bool hears(std::string_view part) const {
    return within([&] { return text().find(part) != std::string::npos; });
  }
  [[nodiscard]] bool hears_the_end() const {
    return within([&] { return ended(); });
  }

 private:
  template <typename Condition>
  static bool within(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  std::shared_ptr<Locked<StreamSink::State>> state_ = std::make_shared<Locked<StreamSink::State>>();
};

}  // namespace flawless::api
