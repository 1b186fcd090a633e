// One client connection: reads a request, hands it to the handler, sends the answer, reads the
// next. Lives on one loop's thread; only post() and the stream's write() may be called from
// elsewhere.
#pragma once

#include <atomic>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/listener.h"
#include "http/reply.h"
#include "http/request_reader.h"
#include "http/server.h"

namespace flawless::http {

using SteadyClock = std::chrono::steady_clock;

class Connection;
class Loop;

// What a responder hands to the connection's loop.
struct Delivery {
  enum class Kind { kAnswer, kStreamHead, kChunk, kStreamEnd, kAbort };
  std::shared_ptr<Connection> to;
  Kind kind = Kind::kAnswer;
  Response response;    // kAnswer, kStreamHead
  SharedHeaders also;   // further headers for it
  std::string chunk{};  // kChunk
};

class Connection : public std::enable_shared_from_this<Connection>,
                   public boost::intrusive::list_base_hook<boost::intrusive::tag<struct AllTag>>,
                   public boost::intrusive::list_base_hook<boost::intrusive::tag<struct IdleTag>> {
 public:
  using AllHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct AllTag>>;
  using IdleHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct IdleTag>>;
  static constexpr size_t kMaxPendingStreamBytes = 1u << 20;

  Connection(std::shared_ptr<Loop> loop, Peer peer, bool tls);
  virtual ~Connection();

  // From any thread.
  void post(Delivery delivery);
  bool write_stream(std::string chunk);

  // On the loop's thread.
  void start();
  void deliver(Delivery&& delivery);
  void close();
  // Called about twice a second.
  void check_deadline(SteadyClock::time_point now);
  // The server stops: an idle connection closes now, another one after its answer.
  void begin_stop();
  [[nodiscard]] SteadyClock::time_point idle_since() const { return idle_since_; }

 protected:
  // What the transport tells us.
  void on_ready();                        // the handshake is done
  void on_input(std::string_view bytes);  // `bytes` need to live only during the call
  void on_end();                          // the peer has closed, or the socket failed
  void on_written(size_t bytes);          // a started write went on; 0 = may be tried again
  [[nodiscard]] Loop& loop() { return *loop_; }
  [[nodiscard]] bool is_closed() const { return state_ == State::kClosed; }

 private:
  // What the transport does for us.
  virtual void start_handshake() = 0;
  virtual void start_read() = 0;      // ends in on_input() or on_end(), later
  virtual void start_raw_read() = 0;  // the same, discarding: on_input() with undecoded bytes
  // Bytes sent at once (> 0); 0 = on_written() follows later; -1 = the connection is broken.
  // `bytes` must stay where they are until on_written().
  virtual ssize_t write_some(std::string_view bytes) = 0;
  virtual void end_sending() = 0;  // the peer reads end of file
  virtual void close_socket() = 0;

  enum class State {
    kHandshake,
    kIdle,       // between requests
    kReading,    // part of a request is here
    kHandling,   // the handler has it
    kAnswered,   // the answer is on its way
    kStreaming,  // an answer without end is on its way
    kLingering,  // we have sent all; discarding what the peer still sends, so that it reads our
                 // answer
    kClosed,
  };

  void advance();
  bool flush();
  bool read_request();
  void dispatch();
  void refuse(const Refusal& why);
  void hand_over_refused(const Refused& why);
  void begin_answer(const Response& response, const SharedHeaders& also, bool chunked);
  void take_answer(Delivery& delivery);
  void take_stream_head(Delivery& delivery);
  void take_chunk(const std::string& chunk);
  void end_stream();
  void add_chunk(std::string_view bytes);
  void finish_answer();
  void linger();
  void become_idle();
  void want_input();
  void discard_input();
  void keep_rest();
  Request take_request();

  const std::shared_ptr<Loop> loop_;
  std::shared_ptr<Connection> self_;  // while open: an open connection needs no other owner
  const Peer peer_;
  const bool tls_;
  const bool behind_proxy_;

  State state_ = State::kHandshake;
  RequestReader reader_;
  std::string inbox_;       // input kept for later
  std::string_view input_;  // what is to be parsed: in inbox_ or in the transport's buffer
  std::string out_, tail_;  // what is being sent, and what comes behind it
  size_t out_sent_ = 0;

  bool advancing_ = false;
  bool reading_ = false;    // a read is under way
  bool writing_ = false;    // a write is under way
  bool continued_ = false;  // "100 Continue" is sent for this request
  bool keep_alive_ = true;
  bool http10_ = false;
  bool head_ = false;  // a HEAD request: the answer has no body
  bool chunked_ = false;
  bool idle_listed_ = false;
  size_t discarded_ = 0;

  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  SteadyClock::time_point body_since_;
  SteadyClock::time_point idle_since_;

  std::atomic<bool> gone_{false};          // nothing can be sent any more
  std::atomic<size_t> stream_pending_{0};  // chunk bytes not yet sent
};

}  // namespace flawless::http
