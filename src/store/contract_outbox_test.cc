// Contract of the outbox: each message once, whatever happens between.
#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

class OutboxContract : public StoreContract {
 protected:
  Outbox& outbox() { return store_->outbox(); }

  Status add(std::string key, std::string recipient = "ann@shop.example",
             std::chrono::milliseconds in = {}) {
    return outbox().add({.key = std::move(key),
                         .kind = "line",
                         .recipient = std::move(recipient),
                         .payload = R"({"line":17})",
                         .item = {}},
                        now_ + in, now_);
  }
  std::vector<Message> due() {
    auto found = outbox().due(now_, 100);
    EXPECT_TRUE(found) << found.message();
    return found.value_or({});
  }
  int64_t id_of(std::string_view key) {
    for (const Message& m : due()) {
      if (m.key == key) return m.id;
    }
    ADD_FAILURE() << key << " is not due";
    return 0;
  }
  static std::vector<std::string> keys(const std::vector<Message>& messages) {
    std::vector<std::string> all;
    for (const Message& m : messages) all.push_back(m.key);
    return all;
  }
};

TEST_P(OutboxContract, AKeyIsTakenOnceForEver) {
  ASSERT_TRUE(add("line:1:0"));
  EXPECT_EQ(add("line:1:0").code(), Code::kConflict);
  std::vector<int64_t> ids = {id_of("line:1:0")};
  ASSERT_TRUE(outbox().begin(ids, "<1@x>", now_));
  ASSERT_TRUE(outbox().sent(ids, now_));
  reopen();
  EXPECT_EQ(add("line:1:0").code(), Code::kConflict);
  ASSERT_TRUE(add("line:1:1"));
  EXPECT_THAT(keys(due()), ElementsAre("line:1:1"));
}

TEST_P(OutboxContract, MessagesAreDueOldestFirst) {
  ASSERT_TRUE(add("b", "bob@shop.example", minutes(1)));
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("later", "ann@shop.example", minutes(5)));
  EXPECT_THAT(keys(due()), ElementsAre("a"));
  EXPECT_EQ(*outbox().next_due(), now_);
  now_ += minutes(1);
  auto messages = due();
  ASSERT_THAT(keys(messages), ElementsAre("b", "a"));
  EXPECT_EQ(messages[0].recipient, "bob@shop.example");
  EXPECT_EQ(messages[0].kind, "line");
  EXPECT_EQ(messages[0].payload, R"({"line":17})");
  EXPECT_EQ(messages[0].state, MessageState::kQueued);
  EXPECT_EQ(messages[0].due_at, now_);
  EXPECT_EQ(messages[0].created_at, now_ - minutes(1));
  EXPECT_EQ(messages[0].message_id, "");
  EXPECT_EQ(outbox().due(now_, 1)->size(), 1u);
  auto anns = outbox().queued_for("ann@shop.example", 10);
  ASSERT_TRUE(anns);
  EXPECT_THAT(keys(*anns), ElementsAre("a", "later")) << "due or not";
  EXPECT_THAT(keys(*outbox().queued_for("ann@shop.example", 1)), ElementsAre("a"));
}

TEST_P(OutboxContract, AClockThatIsSetBackHoldsNothingUp) {
  now_ += std::chrono::hours(24 * 365);
  ASSERT_TRUE(add("a"));
  now_ -= std::chrono::hours(24 * 365);
  EXPECT_THAT(keys(due()), ElementsAre("a"));
}

// Killed between `sending` and the server's answer: sent again under the same id.
TEST_P(OutboxContract, AMessageLeftInSendingKeepsItsMessageId) {
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  std::vector<int64_t> ids = {id_of("a"), id_of("b")};
  ASSERT_TRUE(outbox().begin(ids, "<1@x>", now_));
  EXPECT_FALSE(outbox().next_due()->has_value());
  EXPECT_THAT(*outbox().queued_for("ann@shop.example", 10), IsEmpty());
  reopen();
  auto left = due();
  ASSERT_THAT(keys(left), ElementsAre("a", "b"));
  EXPECT_EQ(left[0].state, MessageState::kSending);
  EXPECT_EQ(left[0].message_id, "<1@x>");
  EXPECT_EQ(left[1].message_id, "<1@x>");
  ASSERT_TRUE(outbox().begin(ids, "<2@x>", now_));
  EXPECT_EQ(due()[0].message_id, "<1@x>");
  EXPECT_EQ(due()[0].attempts, 2);
  ASSERT_TRUE(outbox().sent(ids, now_));
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(outbox().health()->sent, 2u);
}

TEST_P(OutboxContract, BeginTakesAllOrNone) {
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  int64_t a = id_of("a"), b = id_of("b");
  ASSERT_TRUE(outbox().begin(std::vector{a}, "<1@x>", now_));
  ASSERT_TRUE(outbox().sent(std::vector{a}, now_));
  EXPECT_EQ(outbox().begin(std::vector{b, a}, "<2@x>", now_).code(), Code::kConflict);
  auto messages = due();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].state, MessageState::kQueued);
  EXPECT_EQ(messages[0].message_id, "");
  EXPECT_EQ(outbox().begin(std::vector<int64_t>{999}, "<3@x>", now_).code(), Code::kConflict);
}

TEST_P(OutboxContract, ARetryComesBackLaterAndAFailureNever) {
  ASSERT_TRUE(add("a"));
  ASSERT_TRUE(add("b"));
  std::vector<int64_t> a = {id_of("a")}, b = {id_of("b")};
  ASSERT_TRUE(outbox().begin(a, "<1@x>", now_));
  ASSERT_TRUE(outbox().retry(a, now_ + minutes(2), "451 try again"));
  ASSERT_TRUE(outbox().begin(b, "<2@x>", now_));
  ASSERT_TRUE(outbox().failed(b, "550 no such user", now_));
  reopen();
  EXPECT_THAT(due(), IsEmpty());
  auto health = outbox().health();
  ASSERT_TRUE(health);
  EXPECT_EQ(health->queued, 1u);
  EXPECT_EQ(health->failed, 1u);
  EXPECT_EQ(health->oldest_due, now_ + minutes(2));
  EXPECT_EQ(health->last_error, "550 no such user");
  EXPECT_EQ(store_->health()->messages_queued, 1u);
  EXPECT_EQ(store_->health()->messages_failed, 1u);
  now_ += minutes(2);
  auto again = due();
  ASSERT_THAT(keys(again), ElementsAre("a"));
  EXPECT_EQ(again[0].attempts, 1);
  EXPECT_EQ(again[0].last_error, "451 try again");
  EXPECT_EQ(again[0].message_id, "<1@x>");
  // What is over stays over.
  ASSERT_TRUE(outbox().retry(b, now_, "x"));
  ASSERT_TRUE(outbox().sent(b, now_));
  EXPECT_THAT(keys(due()), ElementsAre("a"));
  EXPECT_EQ(outbox().health()->failed, 1u);
}

TEST_P(OutboxContract, PostponingIsNoAttempt) {
  ASSERT_TRUE(add("a"));
  std::vector<int64_t> ids = {id_of("a")};
  ASSERT_TRUE(outbox().postpone(ids, now_ + minutes(10)));
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(*outbox().next_due(), now_ + minutes(10));
  now_ += minutes(10);
  EXPECT_EQ(due()[0].attempts, 0);
}

TEST_P(OutboxContract, MailsToOnePersonAreCountedByTheirMessageIds) {
  for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(add(key));
  ASSERT_TRUE(add("bobs", "bob@shop.example"));
  Time start = now_;
  ASSERT_TRUE(outbox().begin(std::vector{id_of("a")}, "<1@x>", now_));
  now_ += minutes(1);
  std::vector<int64_t> rolled_up = {id_of("b"), id_of("c")};
  ASSERT_TRUE(outbox().begin(rolled_up, "<2@x>", now_));
  ASSERT_TRUE(outbox().sent(rolled_up, now_));
  ASSERT_TRUE(outbox().begin(std::vector{id_of("bobs")}, "<3@x>", now_));
  EXPECT_THAT(*outbox().sent_times("ann@shop.example", start),
              ElementsAre(start, start + minutes(1)));
  EXPECT_THAT(*outbox().sent_times("ann@shop.example", now_), ElementsAre(now_));
  EXPECT_THAT(*outbox().sent_times("eve@shop.example", start), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, OutboxContract, testing::ValuesIn(backends()), backend_name);

}  // namespace flawless::store
