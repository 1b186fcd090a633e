#include "http/connection.h"

#include <algorithm>
#include <exception>
#include <string>

#include "http/errors.h"
#include "http/loop.h"
#include "http/slot.h"

namespace flawless::http {
namespace {

constexpr size_t kJoinBodyBytes = 16u << 10;   // a smaller body is sent with its head
constexpr size_t kKeptBufferBytes = 4u << 10;  // what an idle connection may keep allocated
constexpr size_t kMaxDiscardBytes = 32u << 20;
constexpr size_t kSlowestBodyBytesPerSecond = 16u << 10;
constexpr auto kLingerTime = std::chrono::seconds(5);
constexpr auto kNoDeadline = SteadyClock::time_point::max();

std::string over_limit(size_t bytes) { return ": over " + std::to_string(bytes) + " bytes"; }

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, Peer peer, bool tls)
    : loop_(std::move(loop)),
      peer_(std::move(peer)),
      tls_(tls),
      behind_proxy_(!peer_.is_unix && loop_->shared().proxies.contains(peer_.address)),
      reader_(loop_->shared().limits, loop_->shared().budget) {}

Connection::~Connection() = default;

void Connection::start() {
  self_ = shared_from_this();
  loop_->enter(*this);
  deadline_ = SteadyClock::now() + loop_->shared().options.header_timeout;
  start_handshake();
}

void Connection::on_ready() {
  become_idle();
  // Who connects and says nothing is not a client that keeps its connection alive.
  const Options& options = loop_->shared().options;
  deadline_ = idle_since_ + std::min(options.header_timeout, options.idle_timeout);
  want_input();
}

void Connection::on_input(std::string_view bytes) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (state_ == State::kLingering || state_ == State::kStreaming) {
    discarded_ += bytes.size();
    if (discarded_ > kMaxDiscardBytes) return close();
    return state_ == State::kLingering ? discard_input() : want_input();
  }
  if (inbox_.empty()) {
    input_ = bytes;
  } else {
    inbox_.append(bytes);
    input_ = inbox_;
  }
  advance();
}

void Connection::on_end() {
  reading_ = false;
  if (state_ != State::kClosed) close();
}

void Connection::on_written(size_t bytes) {
  writing_ = false;
  if (state_ == State::kClosed) return;
  out_sent_ += bytes;
  advance();
}

// Goes on until something has to be waited for. Never recursive: a handler that answers at once
// comes back here through deliver() while we are advancing.
void Connection::advance() {
  if (advancing_) return;
  advancing_ = true;
  const auto keep = shared_from_this();
  for (bool more = true; more && flush();) {
    switch (state_) {
      case State::kIdle:
      case State::kReading:
        more = read_request();
        break;
      case State::kAnswered:
        finish_answer();
        break;
      case State::kStreaming:
        deadline_ = kNoDeadline;
        more = false;
        break;
      default:
        more = false;
    }
  }
  keep_rest();
  advancing_ = false;
}

// True when there is nothing left to send. False when the transport will call on_written(), or the
// connection is closed.
bool Connection::flush() {
  if (writing_ || state_ == State::kClosed) return false;
  for (;;) {
    if (out_sent_ == out_.size()) {
      out_sent_ = 0;
      out_.clear();
      if (tail_.empty()) return true;
      out_.swap(tail_);
    }
    const ssize_t sent = write_some(std::string_view(out_).substr(out_sent_));
    if (sent < 0) return close(), false;
    if (sent == 0) {
      writing_ = true;
      deadline_ = SteadyClock::now() + loop_->shared().options.body_timeout;
      return false;
    }
    out_sent_ += static_cast<size_t>(sent);
  }
}

// False when more input is needed.
bool Connection::read_request() {
  if (input_.empty()) return want_input(), false;
  if (state_ == State::kIdle) {
    loop_->set_idle(*this, false);
    idle_listed_ = false;
    state_ = State::kReading;
    deadline_ = SteadyClock::now() + loop_->shared().options.header_timeout;
  }
  const bool had_header = reader_.header_done();
  switch (reader_.feed(input_)) {
    case RequestReader::Progress::kDone:
      dispatch();
      return true;
    case RequestReader::Progress::kRefused:
      refuse(reader_.refusal());
      return true;
    case RequestReader::Progress::kMore:
      break;
  }
  if (reader_.header_done()) {
    if (!had_header) body_since_ = SteadyClock::now();
    const auto allowance =
        std::chrono::seconds(reader_.body_received() / kSlowestBodyBytesPerSecond);
    deadline_ = body_since_ + loop_->shared().options.body_timeout + allowance;
    if (reader_.expects_continue() && !std::exchange(continued_, true)) {
      out_ = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!flush()) return false;
    }
  }
  want_input();
  return false;
}

Request Connection::take_request() {
  Request request = reader_.take();
  request.peer_uid = peer_.uid;
  request.secure = tls_;
  request.peer = peer_.text;
  if (behind_proxy_) {
    auto client = loop_->shared().proxies.client_behind(peer_.address, request.headers);
    request.peer = std::move(client.peer);
    request.secure = tls_ || client.secure;
  }
  return request;
}

void Connection::dispatch() {
  keep_alive_ = reader_.keep_alive();
  http10_ = reader_.http10();
  Request request = take_request();
  reader_.reset();
  head_ = request.method == Method::kHead;
  continued_ = false;
  state_ = State::kHandling;
  deadline_ = kNoDeadline;
  loop_->count_request();
  const auto slot = std::make_shared<Slot>(shared_from_this(), request.method, request.path);
  try {
    loop_->shared().handler(std::move(request), Responder(slot));
  } catch (const std::exception& error) {
    slot->fail(std::string("the handler threw ") + typeid(error).name());
  } catch (...) {
    slot->fail("the handler threw");
  }
}

void Connection::refuse(const Refusal& why) {
  Shared& shared = loop_->shared();
  auto& counter = why.status == 408   ? shared.timeouts
                  : why.status == 413 ? shared.too_large
                  : why.status == 503 ? shared.shed
                                      : shared.malformed;
  counter.fetch_add(1, std::memory_order_relaxed);
  Refused refused{why.status, why.code, why.message};
  if (why.status == 413) refused.message += over_limit(shared.options.max_body_bytes);
  http10_ = reader_.http10();
  if (shared.options.refused && reader_.header_done()) return hand_over_refused(refused);
  const Response response = refused_response(refused);
  head_ = false;
  reader_.reset();
  begin_answer(response, nullptr, false);
  out_ += response.body;
}

// Whoever the request was meant for may count it and answer in words of its own.
void Connection::hand_over_refused(const Refused& why) {
  keep_alive_ = false;
  Request request = take_request();
  request.body = {};
  reader_.reset();
  head_ = request.method == Method::kHead;
  state_ = State::kHandling;
  deadline_ = kNoDeadline;
  const auto slot = std::make_shared<Slot>(shared_from_this(), request.method, request.path);
  try {
    loop_->shared().options.refused(std::move(request), why, Responder(slot));
  } catch (const std::exception& error) {
    slot->fail(std::string("the handler threw ") + typeid(error).name());
  }
}

void Connection::begin_answer(const Response& response, const SharedHeaders& also, bool chunked) {
  state_ = State::kAnswered;
  keep_alive_ = keep_alive_ && !response.close && !loop_->stopping();
  chunked_ = chunked && !http10_;
  const HeadStyle style{http10_, keep_alive_, chunked, also.get()};
  out_ = serialize_head(response, style);
  out_sent_ = 0;
}

void Connection::post(Delivery delivery) {
  if (loop_->is_current()) {
    deliver(std::move(delivery));
  } else {
    loop_->enqueue(std::move(delivery));
  }
}

void Connection::deliver(Delivery&& delivery) {
  switch (delivery.kind) {
    case Delivery::Kind::kAnswer:
      if (state_ == State::kHandling) take_answer(delivery);
      break;
    case Delivery::Kind::kStreamHead:
      if (state_ == State::kHandling) take_stream_head(delivery);
      break;
    case Delivery::Kind::kChunk:
      take_chunk(delivery.chunk);
      break;
    case Delivery::Kind::kStreamEnd:
      end_stream();
      break;
    case Delivery::Kind::kAbort:
      close();
      break;
  }
  if (state_ != State::kClosed) advance();
}

void Connection::take_answer(Delivery& delivery) {
  Response& response = delivery.response;
  begin_answer(response, delivery.also, false);
  if (head_ || is_bodiless(response.status)) return;
  if (response.body.size() <= kJoinBodyBytes) {
    out_ += response.body;
  } else {
    tail_ = std::move(response.body);
  }
}

void Connection::take_stream_head(Delivery& delivery) {
  // A stream closes its connection, so that a late chunk cannot reach the next request's answer.
  keep_alive_ = false;
  begin_answer(delivery.response, delivery.also, true);
  if (head_) return gone_.store(true, std::memory_order_relaxed);
  state_ = State::kStreaming;
  add_chunk(delivery.response.body);
  if (loop_->stopping()) return end_stream();
  want_input();  // only to notice that the peer leaves
}

void Connection::take_chunk(const std::string& chunk) {
  stream_pending_.fetch_sub(chunk.size(), std::memory_order_relaxed);
  if (state_ != State::kStreaming) return;
  if (out_.size() - out_sent_ + tail_.size() > kMaxPendingStreamBytes) return close();
  add_chunk(chunk);
}

void Connection::end_stream() {
  if (state_ != State::kStreaming) return;
  if (chunked_) tail_ += "0\r\n\r\n";
  gone_.store(true, std::memory_order_relaxed);
  state_ = State::kAnswered;
}

bool Connection::write_stream(std::string chunk) {
  if (gone_.load(std::memory_order_relaxed)) return false;
  if (chunk.empty()) return true;
  const size_t pending = stream_pending_.fetch_add(chunk.size(), std::memory_order_relaxed);
  if (pending + chunk.size() > kMaxPendingStreamBytes) {
    gone_.store(true, std::memory_order_relaxed);
    post({shared_from_this(), Delivery::Kind::kAbort, {}, nullptr});
    return false;
  }
  post({shared_from_this(), Delivery::Kind::kChunk, {}, nullptr, std::move(chunk)});
  return true;
}

void Connection::add_chunk(std::string_view bytes) {
  if (chunked_) {
    append_chunk(tail_, bytes);
  } else {
    tail_ += bytes;
  }
}

void Connection::finish_answer() {
  if (loop_->stopping()) return close();
  if (!keep_alive_) return linger();
  if (out_.capacity() > kKeptBufferBytes) out_ = std::string();
  become_idle();
}

void Connection::become_idle() {
  state_ = State::kIdle;
  idle_since_ = SteadyClock::now();
  deadline_ = idle_since_ + loop_->shared().options.idle_timeout;
  loop_->set_idle(*this, true);
  idle_listed_ = true;
}

// Closing a socket with unread input resets it, and the client would lose our answer.
void Connection::linger() {
  input_ = {};
  inbox_ = std::string();
  end_sending();
  state_ = State::kLingering;
  deadline_ = SteadyClock::now() + kLingerTime;
  discard_input();
}

void Connection::want_input() {
  if (reading_ || state_ == State::kClosed) return;
  reading_ = true;
  start_read();
}

void Connection::discard_input() {
  if (reading_ || state_ == State::kClosed) return;
  reading_ = true;
  start_raw_read();
}

// The transport's buffer is about to be used for another connection.
void Connection::keep_rest() {
  const bool in_inbox = !inbox_.empty() && input_.data() >= inbox_.data() &&
                        input_.data() <= inbox_.data() + inbox_.size();
  if (input_.empty()) {
    inbox_.clear();
    if (inbox_.capacity() > kKeptBufferBytes) inbox_ = std::string();
  } else if (!in_inbox) {
    inbox_.assign(input_);
  } else if (input_.data() != inbox_.data()) {
    inbox_.erase(0, static_cast<size_t>(input_.data() - inbox_.data()));
  }
  input_ = inbox_;
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  gone_.store(true, std::memory_order_relaxed);
  if (std::exchange(idle_listed_, false)) loop_->set_idle(*this, false);
  reader_.reset();
  close_socket();
  loop_->leave(*this);
  self_.reset();
}

void Connection::check_deadline(SteadyClock::time_point now) {
  if (now < deadline_) return;
  const bool reading = state_ == State::kReading && !writing_;
  if (!reading) {
    const bool failed = state_ == State::kHandshake || writing_;
    if (failed) loop_->shared().timeouts.fetch_add(1, std::memory_order_relaxed);
    return close();
  }
  input_ = {};
  keep_alive_ = false;
  refuse({408, "timeout", "the request did not arrive in time"});
  advance();
}

void Connection::begin_stop() {
  if (state_ == State::kStreaming) {
    end_stream();
    advance();
  } else if (state_ == State::kIdle || state_ == State::kHandshake || state_ == State::kLingering) {
    close();
  }
}

}  // namespace flawless::http
