#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "notify/transport.h"

namespace flawless::notify {
namespace {

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

long in_ms(std::chrono::milliseconds time) { return static_cast<long>(time.count()); }
// At least one: with 0 libcurl takes its own time.
long in_seconds(std::chrono::milliseconds time) { return std::max(1L, in_ms(time) / 1000); }

using SteadyTime = std::chrono::steady_clock::time_point;

// What is said during one delivery. Commands are kept as their first word only: one of them is the
// password.
struct Conversation {
  SmtpTrouble at{"CONNECT", 0, {}};
  std::string_view unsent;
  size_t bytes = 0, bytes_out = 0;  // of the mail
  bool over = false;                // what follows is about parting
  SteadyTime began = std::chrono::steady_clock::now();
  std::optional<SteadyTime> handed_over_at;  // when the whole mail was out
  bool patient = false;
  const SmtpOptions* options = nullptr;
  const std::stop_token* stop = nullptr;
};

std::string first_word(std::string_view line) {
  std::string word(line.substr(0, line.find_first_of(" \r\n")));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return word;
}

void note_command(Conversation& talk, std::string_view line) {
  constexpr std::string_view kSteps[] = {"EHLO", "HELO", "STARTTLS", "AUTH",
                                         "MAIL", "RCPT", "DATA"};
  const std::string word = first_word(line);
  const bool step = std::find(std::begin(kSteps), std::end(kSteps), word) != std::end(kSteps);
  if (word == "QUIT") talk.over = true;
  if (step) talk.at = {word == "HELO" ? "EHLO" : word, 0, {}};
}

void note_reply(Conversation& talk, std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const auto digit = [&](size_t i) { return i < line.size() && line[i] >= '0' && line[i] <= '9'; };
  if (talk.over || !digit(0) || !digit(1) || !digit(2)) return;
  talk.at.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  talk.at.reply = line.substr(0, 400);
}

void note_data(Conversation& talk, size_t size) {
  talk.at = {"END", 0, {}};
  talk.bytes_out += size;  // with the dots that SMTP doubles
  if (talk.unsent.empty() && talk.bytes_out >= talk.bytes) {
    talk.handed_over_at = std::chrono::steady_clock::now();
  }
}

// libcurl has one time for all answers; for the one to QUIT it is the one set at first. While the
// mail is under way on_progress() decides.
void be_patient(Conversation& talk, CURL* curl) {
  if (std::exchange(talk.patient, true)) return;
  const auto longest = talk.options->hand_over_timeout + talk.options->confirm_timeout;
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, in_seconds(longest));
}

int on_debug(CURL* curl, curl_infotype type, char* data, size_t size, void* user) {
  auto& talk = *static_cast<Conversation*>(user);
  be_patient(talk, curl);
  const std::string_view line(data, size);
  if (type == CURLINFO_HEADER_OUT) note_command(talk, line);
  if (type == CURLINFO_HEADER_IN) note_reply(talk, line);
  if (type == CURLINFO_DATA_OUT) note_data(talk, size);
  return 0;
}

size_t on_read(char* buffer, size_t size, size_t count, void* user) {
  auto& talk = *static_cast<Conversation*>(user);
  const size_t taken = std::min(size * count, talk.unsent.size());
  std::memcpy(buffer, talk.unsent.data(), taken);
  talk.unsent.remove_prefix(taken);
  return taken;
}

// Whether to give up; asked at least once a second.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& talk = *static_cast<Conversation*>(user);
  const bool stop = talk.stop->stop_requested();
  const auto now = std::chrono::steady_clock::now();
  if (!talk.handed_over_at) return stop || now - talk.began > talk.options->hand_over_timeout;
  const auto patience = stop ? talk.options->stop_timeout : talk.options->confirm_timeout;
  return now - *talk.handed_over_at > patience;
}

// Nobody who is trusted vouches for the certificate, which may be in order otherwise.
bool is_unknown_issuer(long verdict) {
  return verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
         verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

class Smtp final : public Transport {
 public:
  explicit Smtp(const SmtpOptions& options) : options_(options) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  Delivery deliver(const Envelope& envelope, const std::stop_token& stop) override {
    if (!curl_) curl_.reset(curl_easy_init());
    if (!curl_) return {Outcome::kServerLater, "out of memory"};
    Conversation talk;
    talk.unsent = envelope.bytes;
    talk.bytes = envelope.bytes.size();
    talk.options = &options_;
    talk.stop = &stop;
    std::unique_ptr<curl_slist, ListDeleter> to(
        curl_slist_append(nullptr, ("<" + envelope.to + ">").c_str()));
    char error[CURL_ERROR_SIZE] = "";
    configure();
    configure(envelope, to.get(), talk, error);
    const CURLcode code = curl_easy_perform(curl_.get());
    Delivery delivery;
    if (code != CURLE_OK) delivery = failure(code, talk, error);
    // The connection may say goodbye later: what is said then is not of this mail.
    curl_easy_reset(curl_.get());
    if (code != CURLE_OK) curl_.reset();  // its connection is in no known state
    return delivery;
  }

  void idle() override { curl_.reset(); }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  void configure() {
    curl_easy_reset(curl_.get());
    const bool implicit = options_.tls == SmtpOptions::Tls::kImplicit;
    const std::string host =
        options_.host.find(':') == std::string::npos ? options_.host : "[" + options_.host + "]";
    set(CURLOPT_URL,
        fmt::format("{}://{}:{}", implicit ? "smtps" : "smtp", host, options_.port).c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USE_SSL,
        static_cast<long>(options_.tls == SmtpOptions::Tls::kNone ? CURLUSESSL_NONE
                                                                  : CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) trust_only(options_.ca_file);
    if (!options_.user.empty()) {
      set(CURLOPT_USERNAME, options_.user.c_str());
      set(CURLOPT_PASSWORD, options_.password.c_str());
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, in_ms(options_.connect_timeout));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, in_seconds(options_.parting_timeout));
  }

  // Without the directory of the system's authorities, which libcurl would search besides.
  void trust_only(const std::string& ca_file) {
    set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }

  void configure(const Envelope& envelope, curl_slist* to, Conversation& talk, char* error) {
    set(CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
    set(CURLOPT_MAIL_RCPT, to);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &on_read);
    set(CURLOPT_READDATA, static_cast<void*>(&talk));
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &on_debug);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(&talk));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&talk));
    set(CURLOPT_ERRORBUFFER, error);
  }

  [[nodiscard]] Delivery failure(CURLcode code, const Conversation& talk, const char* error) const {
    if (talk.at.code >= 400) {
      return {judge(talk.at), fmt::format("{} (at {})", talk.at.reply, talk.at.step)};
    }
    return {without_answer(code, talk), fmt::format("{}:{}: {}{}", options_.host, options_.port,
                                                    reason(code, talk, error), advice(code))};
  }

  static Outcome without_answer(CURLcode code, const Conversation& talk) {
    if (talk.handed_over_at) return Outcome::kUnconfirmed;
    const bool away = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
    return away ? Outcome::kServerAway : Outcome::kServerLater;
  }

  static std::string reason(CURLcode code, const Conversation& talk, const char* error) {
    if (code == CURLE_ABORTED_BY_CALLBACK) {
      const bool stopped = talk.stop->stop_requested();
      return fmt::format("{} (at {})", stopped ? "stopped" : "no answer in time", talk.at.step);
    }
    return *error != '\0' ? error : curl_easy_strerror(code);
  }

  // What to do about a certificate that was refused.
  [[nodiscard]] std::string_view advice(CURLcode code) const {
    if (code != CURLE_PEER_FAILED_VERIFICATION) return {};
    long verdict = X509_V_OK;
    curl_easy_getinfo(curl_.get(), CURLINFO_SSL_VERIFYRESULT, &verdict);
    if (is_unknown_issuer(verdict)) {
      return "; if the server is yours, name the certificate of its authority in mail.smtp_ca_file";
    }
    // libcurl looks at the name before it asks for the verdict.
    if (verdict > X509_V_ERR_UNSPECIFIED) return {};
    return "; write mail.smtp_host as the certificate of the server names it";
  }

  const SmtpOptions options_;
  std::unique_ptr<CURL, CurlDeleter> curl_;  // with the connection that the next mail may use
};

}  // namespace

Outcome judge(const SmtpTrouble& trouble) {
  if (trouble.code < 400) return Outcome::kServerLater;
  const bool about_the_mail =
      trouble.step == "RCPT" || trouble.step == "DATA" || trouble.step == "END";
  if (trouble.code == 421 || !about_the_mail) return Outcome::kServerLater;
  if (trouble.code < 500) return Outcome::kRecipientLater;
  // 530 to 538: sign in first; x.7.x: a policy, which may be about who sends, to whom, or what.
  const bool policy = (trouble.code >= 530 && trouble.code <= 538) ||
                      trouble.reply.find(" 5.7.") != std::string::npos;
  return policy ? Outcome::kPolicy : Outcome::kRecipientNever;
}

std::unique_ptr<Transport> make_smtp(const SmtpOptions& options) {
  return std::make_unique<Smtp>(options);
}

}  // namespace flawless::notify
