#include "api/local.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "os/file.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::api {
namespace {

using ::testing::HasSubstr;

struct Answer final : http::Responder::Sink {
  void send(http::Response response) override { got = std::move(response); }
  void start_stream(http::Response) override {}
  bool write(std::string) override { return false; }
  std::optional<http::Response> got;
};

http::Request request(std::string_view path, std::string_view body, uint32_t uid = ::geteuid()) {
  http::Request made;
  made.method = http::Method::kPost;
  made.path = path;
  auto bytes = std::make_unique<char[]>(body.size() + http::kSlackBytes);
  std::memcpy(bytes.get(), body.data(), body.size());
  made.body = http::Body(std::move(bytes), body.size());
  made.peer_uid = uid;
  return made;
}

class LocalHandlerTest : public ::testing::Test {
 protected:
  LocalHandlerTest() {
    std::string pattern = ::testing::TempDir() + "flawless_local_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    board_.emplace(disk_, directory_ + "/admission");
    store_ = store::open_sqlite({.path = directory_ + "/flawless.db", .readers = 1}).value();
    admin_.emplace(*store_, *board_, clock_, "http://localhost", Admin::Followers{},
                   QuarantineParts{.retry = [this](auto) { return retry_(); }});
    handler_ = local_handler(*admin_, [this](std::function<void()> job) {
      if (!room_) return false;
      jobs_.push_back(std::move(job));
      return true;
    });
  }
  ~LocalHandlerTest() override {
    store_->stop();
    std::filesystem::remove_all(directory_);
  }

  // What is answered once the executor has run.
  http::Response ask(http::Request asked) {
    auto answer = std::make_shared<Answer>();
    handler_(std::move(asked), http::Responder(answer));
    for (auto& job : jobs_) {
      EXPECT_FALSE(answer->got) << "operations must not run on the I/O thread";
      job();
    }
    jobs_.clear();
    EXPECT_TRUE(answer->got);
    return answer->got.value_or(http::Response{});
  }

  os::PosixDisk disk_;
  SystemClock clock_;
  std::string directory_;
  std::optional<intake::AdmissionBoard> board_;
  std::unique_ptr<store::Store> store_;
  std::optional<Admin> admin_;
  http::Handler handler_;
  std::vector<std::function<void()>> jobs_;
  std::function<Result<std::vector<store::Retried>>()> retry_;
  bool room_ = true;
};

TEST_F(LocalHandlerTest, RunsOperationsOnTheExecutor) {
  const auto made = ask(request("/admin/project.create", R"({"name":"shop"})"));
  EXPECT_EQ(made.status, 200);
  EXPECT_THAT(made.body, HasSubstr("\"dsn\":\"http://"));
}

TEST_F(LocalHandlerTest, ServesOnlyTheOwnerAndRoot) {
  for (const uint32_t uid : {::geteuid() + 1, ~0U}) {
    const auto refused = ask(request("/admin/project.list", "{}", uid));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr(R"({"error":{"code":"denied")"));
  }
  EXPECT_EQ(ask(request("/admin/project.list", "{}", 0)).status, 200);
}

TEST_F(LocalHandlerTest, ErrorsHaveTheStatusOfTheirCode) {
  EXPECT_EQ(ask(request("/admin/project.create", "{}")).status, 400);
  EXPECT_EQ(ask(request("/admin/project.enable", R"({"project":7})")).status, 404);
  EXPECT_EQ(ask(request("/elsewhere", "{}")).status, 404);
  (void)ask(request("/admin/project.create", R"({"name":"shop"})"));
  EXPECT_EQ(ask(request("/admin/project.create", R"({"name":"shop"})")).status, 409);
  auto get = request("/admin/project.list", "{}");
  get.method = http::Method::kGet;
  EXPECT_EQ(ask(std::move(get)).status, 400);
}

TEST_F(LocalHandlerTest, AnErrorShowsWhatWasMadeAllTheSame) {
  std::filesystem::create_directory(directory_ + "/admission");
  const auto made = ask(request("/admin/project.create", R"({"name":"shop"})"));
  EXPECT_NE(made.status, 200);
  EXPECT_THAT(made.body, HasSubstr("does not hold for reports yet"));
  EXPECT_THAT(made.body, HasSubstr(R"("reply":{"id":1,"name":"shop","dsn":"http://)"));
}

// It may wait for seconds; whoever is to lose access loses it at once.
TEST_F(LocalHandlerTest, OthersDoNotWaitForReportsThatAreTriedAgain) {
  const auto start = [this](std::string_view path, std::string_view body) {
    handler_(request(path, body), http::Responder(std::make_shared<Answer>()));
    return std::exchange(jobs_, {}).front();
  };
  std::promise<void> done;
  std::thread other;
  bool is_done = false;
  retry_ = [&]() -> Result<std::vector<store::Retried>> {
    other = std::thread([&, job = start("/admin/project.list", "{}")] {
      job();
      done.set_value();
    });
    is_done = done.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready;
    return std::vector<store::Retried>();
  };
  start("/admin/quarantine.retry", R"({"sequences":[1]})")();
  other.join();
  EXPECT_TRUE(is_done);
}

TEST_F(LocalHandlerTest, ABusyExecutorIsAnAnswerToo) {
  room_ = false;
  EXPECT_EQ(ask(request("/admin/project.list", "{}")).status, 503);
}

}  // namespace
}  // namespace flawless::api
