// The outbox in SQLite.
#pragma once

#include "store/outbox.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"

namespace flawless::store::sqlite {

// Any thread.
class SqliteOutbox final : public Outbox {
 public:
  SqliteOutbox(Writer& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  Status add(const NewMessage& message, Time due, Time now) override;
  Result<std::vector<Message>> due(Time now, size_t limit) override;
  Result<std::vector<Message>> queued_for(std::string_view recipient, size_t limit) override;
  Result<std::vector<Time>> sent_times(std::string_view recipient, Time since) override;
  Status begin(std::span<const int64_t> ids, std::string_view message_id, Time now) override;
  Status sent(std::span<const int64_t> ids, Time now) override;
  Status retry(std::span<const int64_t> ids, Time due, std::string_view error) override;
  Status failed(std::span<const int64_t> ids, std::string_view error, Time now) override;
  Status postpone(std::span<const int64_t> ids, Time due) override;
  Result<std::optional<Time>> next_due() override;
  Result<OutboxHealth> health() override;

 private:
  Writer& writer_;
  ReaderPool& readers_;
};

// Within the caller's transaction. False: the key is there already, and nothing was added.
bool insert_message(Db& db, const NewMessage& message, Time due, Time now);

}  // namespace flawless::store::sqlite
