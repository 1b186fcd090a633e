// Messages that are due, each sent once.
//
// Life cycle of a row: queued → sending (message id on disk) → sent or failed; or back to queued
// with a later due time after a temporary failure. A row found in `sending` at start may or may not
// have gone out: it is sent again under the same message id.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace flawless::store {

enum class MessageState : uint8_t { kQueued = 1, kSending = 2, kSent = 3, kFailed = 4 };
std::string_view message_state_name(MessageState state);  // "queued" "sending" "sent" "failed"

struct NewMessage {
  std::string key;        // unique for ever: "line:17:0"; kind and ordinal tell messages apart
  std::string kind;       // "line", "known_error", "undeliverable"
  std::string recipient;  // one address
  std::string payload;    // JSON, the sender's business
  ItemId item;            // its history says when this was sent; conclude() fills it in
};

struct Message {
  int64_t id = 0;
  std::string key, kind, recipient, payload;
  MessageState state = MessageState::kQueued;
  std::string message_id;  // "<…@host>"; empty before the first try
  int attempts = 0;
  Time created_at, due_at;
  std::optional<Time> sent_at;
  std::string last_error;
  ItemId item;
};

// An address that mails failed for, for good.
struct Undeliverable {
  std::string recipient;
  uint64_t count = 0;
  Time last_at;
  std::string error;  // of the last one
};

struct OutboxHealth {
  uint64_t queued = 0, sending = 0, sent = 0, failed = 0;
  std::optional<Time> oldest_due;  // of queued ones
  std::string last_error;          // of the newest row that has one and is not sent
  std::vector<Undeliverable> undeliverable;  // the newest 20
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // kConflict: the key is there already.
  [[nodiscard]] virtual Status add(const NewMessage& message, Time due, Time now) = 0;
  // Those left in `sending`, and of the queued ones due by `now` the first `limit` that fell due;
  // oldest first. One that is due more than a day from now was added before the clock was set back:
  // it is due.
  [[nodiscard]] virtual Result<std::vector<Message>> due(Time now, size_t limit) = 0;
  // The oldest queued ones of a recipient, due or not, oldest first.
  [[nodiscard]] virtual Result<std::vector<Message>> queued_for(std::string_view recipient,
                                                                size_t limit) = 0;
  // When messages (counted by different message ids) were sent or begun for a recipient, at or
  // after `since`; oldest first.
  [[nodiscard]] virtual Result<std::vector<Time>> sent_times(std::string_view recipient,
                                                             Time since) = 0;
  // The next four are durable when they return, each one transaction.
  // Marks as `sending` under one message id and counts an attempt; a row that is not queued or
  // sending: kConflict, none is changed. A row that has a message id already keeps it. Rows that
  // are sent or failed already are left alone by the other three.
  [[nodiscard]] virtual Status begin(std::span<const int64_t> ids, std::string_view message_id,
                                     Time now) = 0;
  [[nodiscard]] virtual Status sent(std::span<const int64_t> ids, Time now) = 0;
  [[nodiscard]] virtual Status retry(std::span<const int64_t> ids, Time due,
                                     std::string_view error) = 0;
  [[nodiscard]] virtual Status failed(std::span<const int64_t> ids, std::string_view error,
                                      Time now) = 0;
  // Without an attempt: due later (the roll-up).
  [[nodiscard]] virtual Status postpone(std::span<const int64_t> ids, Time due) = 0;
  // When the next one is due; nothing when none is queued.
  [[nodiscard]] virtual Result<std::optional<Time>> next_due() = 0;
  [[nodiscard]] virtual Result<OutboxHealth> health() = 0;
};

}  // namespace flawless::store
