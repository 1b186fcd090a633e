#include "api/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "api/json_in.h"
#include "os/file.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    std::string pattern = ::testing::TempDir() + "flawless_admin_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    board_.emplace(disk_, directory_ + "/admission");
    store_ = store::open_sqlite({.path = directory_ + "/flawless.db", .readers = 1}).value();
    admin_.emplace(*store_, *board_, clock_, "https://errors.example.com");
  }
  ~AdminTest() override {
    admin_.reset();
    store_->stop();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  // The member of the reply; the call must succeed.
  std::string get(std::string_view reply, std::initializer_list<std::string_view> path) {
    Arena arena;
    const auto root = read_json(reply, arena);
    const Value* value = root ? &*root : nullptr;
    for (const std::string_view name : path) value = value == nullptr ? nullptr : value->find(name);
    if (value == nullptr) return "(absent)";
    JsonWriter json;
    if (value->is_string()) return std::string(value->text);
    write_value(json, *value);
    return json.take();
  }
  std::string run(std::string_view operation, std::string_view arguments) {
    const auto reply = admin_->call(operation, arguments);
    EXPECT_TRUE(reply) << operation << ": " << reply.message();
    return reply ? reply->reply : "{}";
  }
  Status fail(std::string_view operation, std::string_view arguments) {
    const auto reply = admin_->call(operation, arguments);
    EXPECT_FALSE(reply) << operation << " " << arguments;
    return reply.status();
  }
  void break_the_board() {
    std::filesystem::remove(directory_ + "/admission");
    std::filesystem::create_directory(directory_ + "/admission");
  }
  // As intake of another process would see it.
  intake::Grant published(std::string_view token) {
    intake::AdmissionBoard other(disk_, directory_ + "/admission");
    EXPECT_TRUE(other.load().is_ok());
    const intake::Grant* grant = other.current()->find(token);
    return grant == nullptr ? intake::Grant{} : *grant;
  }

  os::PosixDisk disk_;
  ManualClock clock_{from_unix_ms(1'700'000'000'000)};
  std::string directory_;
  std::optional<intake::AdmissionBoard> board_;
  std::unique_ptr<store::Store> store_;
  std::optional<Admin> admin_;
};

TEST_F(AdminTest, ANewProjectCanReportAtOnce) {
  const std::string reply = run("project.create", R"({"name":"shop"})");
  const std::string client = get(reply, {"tokens", "post_client_item"});
  EXPECT_EQ(get(reply, {"id"}), "1");
  EXPECT_EQ(get(reply, {"dsn"}), "https://" + client + "@errors.example.com/1");
  EXPECT_EQ(get(reply, {"endpoints", "rollbar"}), "https://errors.example.com/api/1/item/");
  EXPECT_EQ(get(reply, {"endpoints", "sentry_envelope"}),
            "https://errors.example.com/api/1/envelope/");

  EXPECT_TRUE(published(client).client_only);
  const intake::Grant server = published(get(reply, {"tokens", "post_server_item"}));
  EXPECT_EQ(server.project.v, 1);
  EXPECT_FALSE(server.client_only);
  EXPECT_TRUE(server.enabled && server.project_enabled);
  EXPECT_FALSE(published(get(reply, {"tokens", "read"})).project) << "a read token must not post";
}

TEST_F(AdminTest, DisabledProjectsAndTokensArePublishedAsSuch) {
  const std::string made = run("project.create", R"({"name":"shop"})");
  const std::string token = get(made, {"tokens", "post_server_item"});
  run("project.disable", R"({"project":"shop"})");
  EXPECT_FALSE(published(token).project_enabled);
  run("project.enable", R"({"project":1})");
  EXPECT_TRUE(published(token).project_enabled);
  run("token.disable", R"({"token":")" + token + R"("})");
  EXPECT_FALSE(published(token).enabled);
}

TEST_F(AdminTest, ProjectsAreFoundByNameOrId) {
  run("project.create", R"({"name":"shop"})");
  run("project.create", R"({"name":"web"})");
  EXPECT_EQ(get(run("project.disable", R"({"project":"web"})"), {"id"}), "2");
  EXPECT_EQ(get(run("project.disable", R"({"project":1})"), {"name"}), "shop");
  EXPECT_EQ(get(run("project.disable", R"({"project":"2"})"), {"name"}), "web");
  const Status missing = fail("project.disable", R"({"project":"shpo"})");
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("'shpo'; there are: shop, web"));
}

TEST_F(AdminTest, TokensForAllProjectsOnlyRead) {
  run("project.create", R"({"name":"shop"})");
  const std::string all = run("token.create", R"({"scope":"read","name":"board"})");
  EXPECT_EQ(get(all, {"project"}), "null");
  const std::string one = run("token.create", R"({"scope":"post_server_item","project":"shop"})");
  EXPECT_EQ(published(get(one, {"token"})).project.v, 1);
  EXPECT_EQ(fail("token.create", R"({"scope":"post_server_item"})").code(), Code::kInvalid);
  EXPECT_THAT(fail("token.create", R"({"scope":"post"})").message(),
              HasSubstr("choose read, write"));
}

TEST_F(AdminTest, ListsNeverShowTokensThatRead) {
  const std::string made = run("project.create", R"({"name":"shop"})");
  run("project.create", R"({"name":"web"})");
  const std::string list = run("token.list", R"({"project":"shop"})");
  EXPECT_THAT(list, HasSubstr(get(made, {"tokens", "post_client_item"})));
  EXPECT_THAT(list, Not(HasSubstr(get(made, {"tokens", "read"}))));
  EXPECT_THAT(list, Not(HasSubstr(get(made, {"tokens", "write"}))));
  EXPECT_THAT(list, Not(HasSubstr("web")));
  EXPECT_THAT(run("project.list", "{}"), HasSubstr(get(made, {"dsn"})));
}

TEST_F(AdminTest, ReadTokensAreDisabledByTheirValueToo) {
  const std::string made = run("project.create", R"({"name":"shop"})");
  const std::string reply =
      run("token.disable", R"({"token":")" + get(made, {"tokens", "read"}) + R"("})");
  EXPECT_EQ(get(reply, {"scope"}), "read");
  EXPECT_EQ(fail("token.disable", R"({"token":"flw_00"})").code(), Code::kNotFound);
}

TEST_F(AdminTest, UsersAreCheckedAndUnique) {
  const std::string user =
      run("user.create", R"({"email":"Ann@Example.com","role":"admin","password":"long enough"})");
  EXPECT_EQ(get(user, {"email"}), "ann@example.com");
  EXPECT_THAT(user, Not(HasSubstr("long enough")));
  EXPECT_EQ(fail("user.create", R"({"email":"ann@example.com"})").code(), Code::kConflict);
  for (const char* bad :
       {R"({})", R"({"email":"ann"})", R"({"email":"a@b@c"})", R"({"email":"a b@c"})",
        R"({"email":"b@c","role":"root"})", R"({"email":"b@c","password":"short"})"}) {
    EXPECT_EQ(fail("user.create", bad).code(), Code::kInvalid) << bad;
  }
}

TEST_F(AdminTest, ATokenIsEnabledAgain) {
  const std::string made = run("project.create", R"({"name":"shop"})");
  const std::string which = R"({"token":")" + get(made, {"tokens", "post_server_item"}) + R"("})";
  EXPECT_EQ(get(run("token.disable", which), {"enabled"}), "false");
  EXPECT_EQ(get(run("token.enable", which), {"enabled"}), "true");
  EXPECT_TRUE(published(get(made, {"tokens", "post_server_item"})).enabled);
}

TEST_F(AdminTest, UsersAreListedWithoutTheirPasswords) {
  EXPECT_EQ(run("user.list", "{}"), R"({"users":[]})");
  run("user.create", R"({"email":"ann@x","name":"Ann","role":"admin","password":"long enough"})");
  run("user.create", R"({"email":"bob@x"})");
  run("user.disable", R"({"email":"BOB@x"})");
  EXPECT_EQ(run("user.list", "{}"),
            R"({"users":[{"id":1,"email":"ann@x","name":"Ann","role":"admin","enabled":true,)"
            R"("created_at":"2023-11-14T22:13:20.000Z"},{"id":2,"email":"bob@x","name":"",)"
            R"("role":"member","enabled":false,"created_at":"2023-11-14T22:13:20.000Z"}]})");
}

TEST_F(AdminTest, AnAccountIsChangedByItsAddress) {
  run("user.create", R"({"email":"ann@x","role":"admin","password":"long enough"})");
  run("user.create", R"({"email":"bob@x"})");
  EXPECT_EQ(get(run("user.role", R"({"email":"Bob@x","role":"admin"})"), {"role"}), "admin");
  EXPECT_EQ(get(run("user.disable", R"({"email":"bob@x"})"), {"enabled"}), "false");
  EXPECT_EQ(get(run("user.enable", R"({"email":"bob@x"})"), {"enabled"}), "true");
  const std::string before = store_->accounts().credentials("bob@x")->password_hash;
  const std::string reply = run("user.password", R"({"email":"bob@x","password":"another one"})");
  EXPECT_THAT(reply, Not(HasSubstr("another one")));
  EXPECT_NE(store_->accounts().credentials("bob@x")->password_hash, before);

  EXPECT_EQ(fail("user.role", R"({"email":"bob@x","role":"root"})").code(), Code::kInvalid);
  EXPECT_EQ(fail("user.password", R"({"email":"bob@x","password":"short"})").code(),
            Code::kInvalid);
  for (const char* operation : {"user.enable", "user.disable", "user.sign_out"}) {
    const Status missing = fail(operation, R"({"email":"eve@x"})");
    EXPECT_EQ(missing.code(), Code::kNotFound) << operation;
    EXPECT_THAT(missing.message(), HasSubstr("no account 'eve@x'; `flawless user list`"));
    EXPECT_EQ(fail(operation, "{}").code(), Code::kInvalid) << operation;
  }
}

TEST_F(AdminTest, TheLastAdministratorStaysOne) {
  run("user.create", R"({"email":"ann@x","role":"admin"})");
  const Status demoted = fail("user.role", R"({"email":"ann@x","role":"member"})");
  EXPECT_EQ(demoted.code(), Code::kConflict);
  EXPECT_THAT(demoted.message(), HasSubstr("ann@x is the last enabled administrator"));
  EXPECT_EQ(fail("user.disable", R"({"email":"ann@x"})").code(), Code::kConflict);
}

TEST_F(AdminTest, TheServerHearsOfEveryChangeOfAnAccount) {
  run("user.create", R"({"email":"ann@x","role":"admin"})");
  run("user.create", R"({"email":"bob@x"})");
  std::vector<int64_t> told;
  Admin admin(*store_, *board_, clock_, "https://errors.example.com",
              {.account = [&](UserId user) { told.push_back(user.v); }});
  const std::pair<const char*, const char*> changes[] = {
      {"user.role", R"({"email":"bob@x","role":"admin"})"},
      {"user.password", R"({"email":"bob@x","password":"another one"})"},
      {"user.sign_out", R"({"email":"bob@x"})"},
      {"user.disable", R"({"email":"bob@x"})"}};
  for (const auto& [operation, arguments] : changes) {
    EXPECT_TRUE(admin.call(operation, arguments).is_ok()) << operation;
  }
  EXPECT_EQ(told, (std::vector<int64_t>{2, 2, 2, 2}));
  EXPECT_FALSE(admin.call("user.disable", R"({"email":"ann@x"})").is_ok());
  EXPECT_EQ(told.size(), 4u) << "nothing has changed";
}

TEST_F(AdminTest, RevokedLinksHaveAnotherKeyAtOnceAndAfterARestart) {
  const std::string before = store_->accounts().secret(store::kLinkSecret).value();
  std::string told;
  Status answer;
  Admin admin(*store_, *board_, clock_, "https://errors.example.com",
              {.link_key = [&](const std::string& key) {
                told = key;
                return answer;
              }});
  ASSERT_TRUE(admin.call("link.revoke_all", "{}").is_ok());
  EXPECT_NE(told, before);
  EXPECT_EQ(told, store_->accounts().secret(store::kLinkSecret).value());
  answer = {Code::kInternal, "no thread"};
  const auto failed = admin.call("link.revoke_all", "{}");
  EXPECT_THAT(failed.message(), HasSubstr("once the server was restarted"));
}

TEST_F(AdminTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(fail("project.destroy", "{}").code(), Code::kNotFound);
  EXPECT_EQ(fail("project.create", "name").code(), Code::kInvalid);
  EXPECT_THAT(fail("project.create", R"({"name":"a","nmae":"b"})").message(), HasSubstr("'nmae'"));
  run("project.create", R"({"name":"shop"})");
  EXPECT_EQ(fail("project.create", R"({"name":"shop"})").code(), Code::kConflict);
}

TEST_F(AdminTest, AChangeThatCannotBePublishedIsAnError) {
  run("project.create", R"({"name":"shop"})");
  break_the_board();
  const Status status = fail("project.disable", R"({"project":"shop"})");
  EXPECT_THAT(status.message(), HasSubstr("does not hold for reports yet"));
}

TEST_F(AdminTest, TokensAreShownThoughTheyCannotBePublished) {
  break_the_board();
  for (const auto& [operation, arguments] :
       {std::pair("project.create", R"({"name":"shop"})"),
        std::pair("token.create", R"({"scope":"post_server_item","project":"shop"})")}) {
    const auto outcome = admin_->call(operation, arguments);
    ASSERT_TRUE(outcome) << operation << ": " << outcome.message();
    EXPECT_THAT(outcome->status.message(), HasSubstr("does not hold for reports yet"));
    EXPECT_THAT(outcome->reply, HasSubstr("\"post_server_item\"")) << operation;
  }
}

TEST_F(AdminTest, ATokenThatReadsIsNoBusinessOfIntakes) {
  run("project.create", R"({"name":"shop"})");
  break_the_board();
  const std::string made = run("token.create", R"({"scope":"read"})");
  run("token.disable", R"({"token":")" + get(made, {"token"}) + R"("})");
}

TEST_F(AdminTest, WhatCouldNotBePublishedIsOnceItCan) {
  run("project.create", R"({"name":"shop"})");
  break_the_board();
  const auto made = admin_->call("token.create", R"({"scope":"post_server_item","project":1})");
  ASSERT_TRUE(made);
  admin_->retry_publishing();
  std::filesystem::remove(directory_ + "/admission");
  EXPECT_FALSE(published(get(made->reply, {"token"})).project);
  admin_->retry_publishing();
  EXPECT_TRUE(published(get(made->reply, {"token"})).project);
  std::filesystem::remove(directory_ + "/admission");
  admin_->retry_publishing();
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/admission")) << "there was nothing to do";
}

// Intake's file cannot be written, but that must not keep a stolen token good for the API.
TEST_F(AdminTest, ATokenIsDisabledForTheApiThoughItCannotBePublished) {
  const std::string made = run("project.create", R"({"name":"shop"})");
  int told = 0;
  Admin admin(*store_, *board_, clock_, "https://errors.example.com",
              {.admission = [&] {
                ++told;
                return Status::ok();
              }});
  break_the_board();
  const std::string posting = get(made, {"tokens", "post_server_item"});
  const auto reply = admin.call("token.disable", R"({"token":")" + posting + R"("})");
  EXPECT_FALSE(reply.is_ok());
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace flawless::api
