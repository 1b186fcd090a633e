// How a mail leaves: the interface, and SMTP.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace flawless::notify {

struct Envelope {
  std::string from, to;  // addresses, checked
  std::string bytes;     // the whole mail, CRLF
};

enum class Outcome {
  kSent,
  kRecipientLater,  // this mail was put off: try again
  kRecipientNever,  // this mail was refused for good
  kPolicy,          // this mail was refused, or any of ours would be: how others fare will tell
  kUnconfirmed,     // handed over whole, and no answer: it may have arrived
  kServerLater,     // nothing can be sent now: the server, or how it takes us
  kServerAway,      // nor now: there is no connection to it
};
struct Delivery {
  Outcome outcome = Outcome::kSent;
  std::string error;  // in words, with the server's answer; no secrets
};

// One thread at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  // Gives up soon when `stop` is asked for.
  [[nodiscard]] virtual Delivery deliver(const Envelope& envelope, const std::stop_token& stop) = 0;
  // Nothing more to send for now.
  virtual void idle() = 0;
};

struct SmtpOptions {
  enum class Tls {
    kNone,
    kStartTls,  // required: never in the clear
    kImplicit,
  };
  std::string host;
  int port = 25;
  std::string user, password;  // no sign-in without a user
  Tls tls = Tls::kStartTls;
  std::string ca_file;  // PEM; these authorities are trusted, no others. Empty: the system's
  // How long it takes at most: to having signed in; to the mail's last byte; from there to its
  // answer (RFC 5321, 4.5.3.2.6: who gives up early sends doubles), also when stopping; after QUIT.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds hand_over_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds confirm_timeout = std::chrono::minutes(10);
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds parting_timeout = std::chrono::seconds(5);
};
[[nodiscard]] std::unique_ptr<Transport> make_smtp(const SmtpOptions& options);

// Where in the conversation it went wrong, and the server's last answer there.
struct SmtpTrouble {
  std::string step;   // "CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "END"
  int code = 0;       // 0: no answer
  std::string reply;  // "550 5.1.1 no such user"
};
// Whose fault it is: recipients' are told apart from ours, for which nothing may be lost. Where the
// answer to a mail leaves that open: kPolicy. Pure.
[[nodiscard]] Outcome judge(const SmtpTrouble& trouble);

}  // namespace flawless::notify
