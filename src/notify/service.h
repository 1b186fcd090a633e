// The thread that sends mail.
//
// Life cycle: construct, start(), stop(). wake() when a message was added; what is due later wakes
// it by itself. Everything that must outlast a crash is in the store's outbox (mailer.h).
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "body/bodies.h"
#include "notify/mailer.h"
#include "notify/transport.h"
#include "store/store.h"

namespace flawless::notify {

struct Options {
  SmtpOptions smtp;             // without a host nothing is sent; what is queued waits
  std::string from;             // "errors@shop.example" or "Shop <errors@shop.example>"; empty:
                                // flawless@ the host of public_url
  std::string default_contact;  // an address, or empty
  Pace pace;                    // when lines begin to wait for each other
  std::string public_url;       // without a trailing slash
  std::string link_key;         // 32 secret bytes, the same at every start
};

struct Health {
  bool enabled = false;  // a mail server is configured
  uint64_t queued = 0, sending = 0, sent = 0, failed = 0;
  std::string last_error;  // of the newest message that has one and is not sent
  std::vector<store::Undeliverable> undeliverable;
  std::string fault;       // why no mail can be sent, and what to do; empty when all is well
  std::optional<Time> last_sent_at, next_due;
};

class Service {
 public:
  // kInvalid: `from` is no address.
  [[nodiscard]] static Result<std::unique_ptr<Service>> create(const Options& options,
                                                               store::Store& store,
                                                               const body::Bodies& bodies,
                                                               const Clock& clock,
                                                               Mailer::OnSent on_sent);
  ~Service();

  void start();
  // Ends the mail that is being handed over, or puts it back; joins. Idempotent.
  void stop();
  // Any thread; cheap.
  void wake();
  // Any thread. kUnavailable: the store does not answer.
  [[nodiscard]] Result<Health> health() const;

 private:
  Service(const Options& options, Mailbox from, store::Store& store, const body::Bodies& bodies,
          const Clock& clock, Mailer::OnSent on_sent);
  void run(const std::stop_token& stop);
  [[nodiscard]] std::optional<Time> try_round(const std::stop_token& stop);
  void wait_until(std::optional<Time> next, const std::stop_token& stop);

  const bool enabled_;
  store::Store& store_;
  const Clock& clock_;
  const std::unique_ptr<Transport> transport_;
  const Composer composer_;
  Mailer mailer_;

  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool wake_ = false;
  std::jthread thread_;
};

}  // namespace flawless::notify
