// One round of sending: takes what is due from the outbox, makes mails of it, hands them over.
//
// A mail is sent once: its rows are `sending` under a deterministic Message-ID on disk before the
// server hears of it, and `sent` after it took it. What a crash left between the two goes out again
// under the same Message-ID.
//
// What may be its own fault or ours (a policy's refusal; no answer after it was handed over) is put
// off alone, and others are tried. A policy's refusal after which another mail went, and that is
// repeated, is that mail's own; as long as none goes, nothing is given up for it, and six mails to
// more than one person pause all. What is handed over kHandOvers times and not confirmed is given
// up: it may have arrived.
//
// The first few mails to a person within a while go at once (Pace); further new lines wait until
// that while is over and come as one mail. Messages of other kinds do not wait, but count.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/locked.h"
#include "base/time.h"
#include "notify/composer.h"
#include "notify/transport.h"
#include "store/outbox.h"

namespace flawless::notify {

// How many mails a person gets one by one. The window begins with the first of them.
struct Pace {
  size_t at_once = 5;  // 1 or more
  std::chrono::milliseconds window = std::chrono::minutes(10);
};
inline constexpr int kHandOvers = 3;         // without an answer
inline constexpr size_t kRollupLines = 500;  // more become a further mail
inline constexpr size_t kRollups = 4;        // at once; what is left waits one window more

struct MailerState {
  std::string fault;  // why no mail can be sent, and what to do; empty when all is well
  std::optional<Time> last_sent_at;
};

class Mailer {
 public:
  // After a mail is recorded as sent, for each of its rows; on the thread of round().
  using OnSent =
      std::function<void(ProjectId project, int64_t item_number, const std::string& recipient)>;
  struct Parts {
    store::Outbox& outbox;
    const Composer& composer;
    Transport& transport;
    const Clock& clock;
    std::string from;             // the envelope's sender
    std::string default_contact;  // hears of mails that were refused for good; may be empty
    OnSent on_sent;               // may be empty
    Pace pace = {};
  };
  explicit Mailer(Parts parts) : parts_(std::move(parts)) {}

  // Sends what is due. One thread. Returns when there is something to do next, as far as is known;
  // nothing: not before somebody adds a message.
  std::optional<Time> round(const std::stop_token& stop);

  // Any thread.
  [[nodiscard]] MailerState state() const { return state_.copy(); }

 private:
  using Rows = std::vector<store::Message>;

  // A mail that was put off, and none was accepted after it: it may be about us.
  struct Doubt {
    std::string recipient;
    std::vector<int64_t> ids;
    Outcome outcome;
    bool another_went = false;  // since, so that it is known by the next answer
  };
  struct Turn {
    const Rows& due;
    const std::stop_token& stop;
    std::set<std::string> done, put_off;  // recipients
  };

  [[nodiscard]] Status send_due(const std::stop_token& stop);
  [[nodiscard]] std::vector<Rows> in_turn(const Rows& due) const;
  [[nodiscard]] Status take_turn(const Rows& mail, Turn& turn);
  [[nodiscard]] std::vector<Rows> begun(const Rows& due) const;
  [[nodiscard]] Status send_waiting(const store::Message& row, const Rows& due,
                                    const std::stop_token& stop);
  [[nodiscard]] Status send_new(const store::Message& row, const Rows& due,
                                const std::stop_token& stop, std::set<std::string>& put_off);
  [[nodiscard]] Result<std::optional<Time>> end_of_window(const std::string& recipient) const;
  [[nodiscard]] Result<std::vector<Time>> sent_in_window(const std::string& recipient) const;
  [[nodiscard]] Status put_off_all(const store::Message& row, const Rows& due, Time until);
  [[nodiscard]] Status send(const Rows& rows, const std::stop_token& stop);
  [[nodiscard]] Status cannot_compose(const Rows& rows, const Status& why);
  [[nodiscard]] Status settle(const Rows& rows, const Outgoing& mail, const Delivery& answer);
  [[nodiscard]] Status record_sent(const Rows& rows);
  [[nodiscard]] Status try_later(const Rows& rows, const Outgoing& mail, const Delivery& delivery);
  [[nodiscard]] Time next_try(const store::Message& row, const Delivery& delivery) const;
  [[nodiscard]] Status give_up(const Rows& rows, const std::string& subject,
                               const std::string& error);
  [[nodiscard]] Status record_unrecorded();
  [[nodiscard]] bool in_doubt(const std::string& recipient) const;
  [[nodiscard]] bool is_its_own_fault(const std::string& message_id) const;
  [[nodiscard]] bool is_about_us() const;
  void doubt(const Rows& rows, const std::string& message_id, const Delivery& answer);
  [[nodiscard]] Status another_went();
  [[nodiscard]] bool paused() const;
  void pause(const std::string& key, const Delivery& answer);
  void unpause();

  const Parts parts_;
  std::map<int64_t, store::Message> unrecorded_;  // sent, but the store could not write it down
  std::optional<Time> paused_until_;              // nothing can be sent before
  int pauses_ = 0;                                // in a row
  std::map<std::string, Doubt> doubts_;           // by message id; all is found out anew at start
  std::map<std::string, Time> flooded_;           // recipients, who were sent all they may be
  Locked<MailerState> state_;
};

}  // namespace flawless::notify
