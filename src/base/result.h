// Status and Result<T>: how a function says that something which can be expected went wrong.
//
// Expected failures (bad input, no space, peer gone, not found) are values. Exceptions come only
// from third-party code and are caught in the file that calls it. A message is written for the
// person who has to act on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace flawless {

enum class Code {
  kOk = 0,
  kInvalid,      // the input is malformed: the caller must change it
  kNotFound,     // no such thing (or not visible to the caller)
  kConflict,     // exists already, or is in a state that forbids the operation
  kDenied,       // known, but not allowed
  kTooLarge,     // over a documented limit
  kExhausted,    // quota or bounded queue: try again later
  kUnavailable,  // a resource we depend on does not work now (disk full, store closed)
  kCorrupt,      // stored bytes fail their check
  kInternal,     // a bug or an unknown failure of a library
};

[[nodiscard]] std::string_view code_name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status ok() { return {}; }

  [[nodiscard]] bool is_ok() const { return code_ == Code::kOk; }
  explicit operator bool() const { return is_ok(); }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  // "what: message", keeping the code: adds the place to an error on its way up.
  [[nodiscard]] Status with_context(std::string_view what) const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// Either a T or a Status that is not ok. Reading value() of a failed result ends the process.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {}  // NOLINT(google-explicit-constructor)
  Result(Code code, std::string message) : status_(code, std::move(message)) {}

  [[nodiscard]] bool is_ok() const { return value_.has_value(); }
  explicit operator bool() const { return is_ok(); }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] Code code() const { return status_.code(); }
  [[nodiscard]] const std::string& message() const { return status_.message(); }

  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  T&& value() && { return check(), std::move(*value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T other) const& { return value_ ? *value_ : std::move(other); }

 private:
  void check() const;
  std::optional<T> value_;
  Status status_;
};

[[noreturn]] void check_failed(std::string_view what, const char* file, int line);

template <typename T>
void Result<T>::check() const {
  if (!value_) check_failed(status_.message(), "Result::value", 0);
}

}  // namespace flawless

// Ends the process with a message when an invariant of ours is broken. Always on.
#define FLAWLESS_CHECK(condition) \
  ((condition) ? void(0) : ::flawless::check_failed(#condition, __FILE__, __LINE__))

#define FLAWLESS_CONCAT_(a, b) a##b
#define FLAWLESS_CONCAT(a, b) FLAWLESS_CONCAT_(a, b)

// Returns the failed Status of `expression` from the enclosing function.
#define RETURN_IF_ERROR(expression)                                    \
  do {                                                                 \
    if (::flawless::Status status_ = (expression); !status_.is_ok()) { \
      return status_;                                                  \
    }                                                                  \
  } while (false)

// ASSIGN_OR_RETURN(auto file, open(path)): binds the value, or returns the Status.
#define ASSIGN_OR_RETURN(declaration, expression)         \
  auto FLAWLESS_CONCAT(result_, __LINE__) = (expression); \
  if (!FLAWLESS_CONCAT(result_, __LINE__).is_ok()) {      \
    return FLAWLESS_CONCAT(result_, __LINE__).status();   \
  }                                                       \
  declaration = std::move(FLAWLESS_CONCAT(result_, __LINE__)).value()
