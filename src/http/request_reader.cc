#include "http/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

#include "http/query.h"
#include "http/text.h"

namespace flawless::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;
using beast::http::verb;

// A body is given this much at once, however much it announces: memory follows what has arrived.
constexpr size_t kFirstBodyBytes = 64u << 10;

constexpr Refusal kMalformed{400, "malformed", "the request is not valid HTTP/1.1"};
constexpr Refusal kBadTarget{400, "malformed", "the request target is not a valid path"};
constexpr Refusal kBadLength{400, "malformed", "Content-Length or Transfer-Encoding is ambiguous"};
constexpr Refusal kNoLength{400, "malformed", "Content-Length is not a number, or beyond all size"};
constexpr Refusal kBadHost{400, "malformed", "exactly one Host header is required"};
constexpr Refusal kBadEncoding{501, "unsupported", "the only Transfer-Encoding is chunked"};
constexpr Refusal kBadExpect{417, "unsupported", "the only Expect is 100-continue"};
constexpr Refusal kTooLarge{413, "too_large", "the request body is too large"};
constexpr Refusal kHeadersTooLarge{431, "headers_too_large", "the request headers are too large"};
constexpr Refusal kNoRoom{503, "overloaded", "too many bodies are being received, try again"};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Method to_method(verb method) {
  switch (method) {
    case verb::get:
      return Method::kGet;
    case verb::head:
      return Method::kHead;
    case verb::post:
      return Method::kPost;
    case verb::put:
      return Method::kPut;
    case verb::patch:
      return Method::kPatch;
    case verb::delete_:
      return Method::kDelete;
    case verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

Refusal refusal_for(const error_code& code) {
  using Error = beast::http::error;
  if (code == Error::header_limit || code == Error::buffer_overflow) return kHeadersTooLarge;
  if (code == Error::body_limit) return kTooLarge;
  if (code == Error::bad_content_length) return kNoLength;
  const bool length =
      code == Error::bad_transfer_encoding || code == Error::multiple_content_length;
  return length ? kBadLength : kMalformed;
}

}  // namespace

class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  Parser(const ReadLimits& limits, ByteBudget& budget) : limits_(limits), budget_(budget) {
    eager(true);
    header_limit(static_cast<uint32_t>(limits.max_header_bytes));
    body_limit(boost::none);
    request_.headers.reserve(16);
  }
  ~Parser() override { budget_.give(reserved_); }

  Request take() {
    if (bytes_) {
      std::memset(bytes_.get() + size_, 0, kSlackBytes);
    } else {
      bytes_ = std::make_unique<char[]>(kSlackBytes);
    }
    request_.body = Body(std::move(bytes_), size_);
    budget_.give(std::exchange(reserved_, 0));
    return std::move(request_);
  }

  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_ && version_ >= 11; }
  [[nodiscard]] bool http10() const { return version_ < 11; }
  [[nodiscard]] size_t body_received() const { return size_; }
  void refuse(const Refusal& why, error_code& error) {
    refusal_ = why;
    error = beast::http::error::bad_value;
  }
  void refuse_for(const error_code& error) {
    if (refusal_.status == 0) refusal_ = refusal_for(error);
  }

 private:
  void on_request_impl(verb method, beast::string_view, beast::string_view target, int version,
                       error_code& error) override {
    version_ = version;
    request_.method = to_method(method);
    auto parsed = http::parse_target(view(target));
    if (!parsed) return refuse(kBadTarget, error);
    request_.path = std::move(parsed->path);
    request_.query = std::move(parsed->query);
  }
  void on_response_impl(int, beast::string_view, int, error_code& error) override {
    error = beast::http::error::bad_version;
  }

  void on_field_impl(field name, beast::string_view text, beast::string_view value,
                     error_code& error) override {
    if (is_header_done()) return;  // a trailer must not pass for a header
    check_field(name, view(value), error);
    if (name == field::content_encoding && ++encodings_ > 1) return join(view(text), view(value));
    request_.headers.push_back({std::string(view(text)), std::string(view(value))});
  }
  // A header in two lines is one list (RFC 9110, section 5.2).
  void join(std::string_view name, std::string_view value) {
    for (Header& header : request_.headers) {
      if (equals_ignoring_case(header.name, name)) header.value.append(", ").append(value);
    }
  }
  // Stricter than Beast where two servers in a row could disagree about where a request ends.
  void check_field(field name, std::string_view value, error_code& error) {
    switch (name) {
      case field::host:
        ++hosts_;
        break;
      case field::content_length:
        // Beast would take "4, 4" for 4.
        if (++lengths_ > 1 || value.find(',') != value.npos) refuse(kBadLength, error);
        break;
      case field::transfer_encoding:
        if (http10()) return refuse(kBadLength, error);
        if (!equals_ignoring_case(value, "chunked")) refuse(kBadEncoding, error);
        break;
      case field::expect:
        expects_continue_ = equals_ignoring_case(value, "100-continue");
        if (!expects_continue_) refuse(kBadExpect, error);
        break;
      default:
        break;
    }
  }
  void on_header_impl(error_code& error) override {
    if (hosts_ > 1 || (hosts_ == 0 && !http10())) return refuse(kBadHost, error);
    if (const auto length = content_length()) {
      if (*length > limits_.max_body_bytes) return refuse(kTooLarge, error);
      declared_ = static_cast<size_t>(*length);
    }
  }

  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  size_t on_body_impl(beast::string_view bytes, error_code& error) override {
    append(view(bytes), error);
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t bytes, beast::string_view, error_code& error) override {
    if (bytes > limits_.max_body_bytes - size_) refuse(kTooLarge, error);
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, error_code& error) override {
    append(view(bytes), error);
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  void append(std::string_view bytes, error_code& error) {
    if (size_ + bytes.size() > limits_.max_body_bytes) return refuse(kTooLarge, error);
    if (size_ + bytes.size() > reserved_ && !grow(size_ + bytes.size())) {
      return refuse(kNoRoom, error);
    }
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  bool grow(size_t needed) {
    const size_t most = declared_ > 0 ? declared_ : limits_.max_body_bytes;
    const size_t start = declared_ > 0 ? kFirstBodyBytes : kFirstBodyBytes / 8;
    const size_t target = std::max(needed, std::min(most, std::max(start, reserved_ * 2)));
    if (!budget_.take(target - reserved_)) return false;
    reserved_ = target;
    auto larger = std::make_unique_for_overwrite<char[]>(target + kSlackBytes);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    return true;
  }

  const ReadLimits& limits_;
  ByteBudget& budget_;
  Request request_;
  Refusal refusal_;
  std::unique_ptr<char[]> bytes_;  // reserved_ + kSlackBytes long
  size_t size_ = 0;
  size_t reserved_ = 0;
  size_t declared_ = 0;  // Content-Length; 0 if there is none
  int version_ = 11;
  int hosts_ = 0;
  int lengths_ = 0;
  int encodings_ = 0;
  bool expects_continue_ = false;
};

RequestReader::RequestReader(const ReadLimits& limits, ByteBudget& budget)
    : limits_(limits), budget_(budget) {}
RequestReader::~RequestReader() = default;

RequestReader::Progress RequestReader::feed(std::string_view& bytes) {
  if (!parser_) {  // clients may leave an empty line behind a body
    bytes.remove_prefix(std::min(bytes.size(), bytes.find_first_not_of("\r\n")));
    if (bytes.empty()) return Progress::kMore;
    parser_ = std::make_unique<Parser>(limits_, budget_);
  }
  error_code error;
  bytes.remove_prefix(parser_->put({bytes.data(), bytes.size()}, error));
  if (error && error != beast::http::error::need_more) {
    parser_->refuse_for(error);
    return Progress::kRefused;
  }
  if (parser_->is_done()) return Progress::kDone;
  if (bytes.size() > limits_.max_header_bytes) {  // a chunk header that does not end
    parser_->refuse(parser_->is_header_done() ? kMalformed : kHeadersTooLarge, error);
    return Progress::kRefused;
  }
  return Progress::kMore;
}

void RequestReader::reset() { parser_.reset(); }
Request RequestReader::take() { return parser_->take(); }
const Refusal& RequestReader::refusal() const { return parser_->refusal(); }
bool RequestReader::header_done() const { return parser_ && parser_->is_header_done(); }
bool RequestReader::keep_alive() const { return parser_ && parser_->keep_alive(); }
bool RequestReader::http10() const { return parser_ && parser_->http10(); }
bool RequestReader::expects_continue() const { return parser_ && parser_->expects_continue(); }
size_t RequestReader::body_received() const { return parser_ ? parser_->body_received() : 0; }

}  // namespace flawless::http
