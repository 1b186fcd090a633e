#include "notify/service.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/thread_name.h"

namespace flawless::notify {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kAfterException{5};

Result<std::unique_ptr<Service>> Service::create(const Options& options, store::Store& store,
                                                 const body::Bodies& bodies, const Clock& clock,
                                                 Mailer::OnSent on_sent) {
  const std::string from =
      options.from.empty() ? "flawless@" + host_of(options.public_url) : options.from;
  ASSIGN_OR_RETURN(Mailbox mailbox, parse_mailbox(from));
  if (mailbox.name.empty()) mailbox.name = "Flawless";
  return std::unique_ptr<Service>(
      new Service(options, std::move(mailbox), store, bodies, clock, std::move(on_sent)));
}

Service::Service(const Options& options, Mailbox from, store::Store& store,
                 const body::Bodies& bodies, const Clock& clock, Mailer::OnSent on_sent)
    : enabled_(!options.smtp.host.empty()),
      store_(store),
      clock_(clock),
      transport_(make_smtp(options.smtp)),
      composer_({from, options.public_url, options.link_key}, store, bodies),
      mailer_({store.outbox(), composer_, *transport_, clock, from.address, options.default_contact,
               std::move(on_sent), options.pace}) {}

Service::~Service() { stop(); }

void Service::start() {
  if (!enabled_ || thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Service::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Service::wake() {
  {
    std::lock_guard guard(mutex_);
    wake_ = true;
  }
  woken_.notify_all();
}

void Service::run(const std::stop_token& stop) {
  name_this_thread("notify");
  while (!stop.stop_requested()) wait_until(try_round(stop), stop);
}

// What a report makes a library throw must not end the process: it would again after every start.
std::optional<Time> Service::try_round(const std::stop_token& stop) {
  try {
    return mailer_.round(stop);
  } catch (const std::exception& error) {
    log_error("notify", "mail is tried again in a moment: {}", error.what());
    return clock_.now() + kAfterException;
  }
}

void Service::wait_until(std::optional<Time> next, const std::stop_token& stop) {
  // At least now and then: a clock may be set.
  milliseconds time = std::chrono::minutes(1);
  if (next) time = std::clamp(*next - clock_.now(), milliseconds(5), time);
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, time, [this] { return wake_; });
  wake_ = false;
}

Result<Health> Service::health() const {
  ASSIGN_OR_RETURN(const store::OutboxHealth outbox, store_.outbox().health());
  const MailerState state = mailer_.state();
  Health health;
  health.enabled = enabled_;
  health.queued = outbox.queued;
  health.sending = outbox.sending;
  health.sent = outbox.sent;
  health.failed = outbox.failed;
  health.last_error = outbox.last_error;
  health.undeliverable = outbox.undeliverable;
  health.next_due = outbox.oldest_due;
  health.fault = state.fault;
  health.last_sent_at = state.last_sent_at;
  return health;
}

}  // namespace flawless::notify
