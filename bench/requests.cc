#include "requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace flawless::bench {
namespace {

std::string header(const RequestOptions& options, size_t body_bytes) {
  const std::string& token = options.events.token;
  if (options.events.form == Form::kRollbar) {
    return fmt::format(
        "POST /api/1/item/ HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
        "Content-Encoding: gzip\r\nX-Rollbar-Access-Token: {}\r\nContent-Length: {}\r\n\r\n",
        options.host, token, body_bytes);
  }
  return fmt::format(
      "POST /api/{}/envelope/ HTTP/1.1\r\nHost: {}\r\nUser-Agent: sentry.python/2.19.2\r\n"
      "Content-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\n"
      "X-Sentry-Auth: Sentry sentry_key={}, sentry_version=7, "
      "sentry_client=sentry.python/2.19.2\r\n"
      "Content-Length: {}\r\n\r\n",
      options.project, options.host, token, body_bytes);
}

void put_hex(char* out, uint64_t value) {
  for (int i = 15; i >= 0; --i, value >>= 4U) out[i] = "0123456789abcdef"[value & 15U];
}

}  // namespace

Requests::Requests(const RequestOptions& options)
    : random_(options.events.seed, 77), id_seed_(options.id_seed) {
  Generator generator(options.events);
  events_ = generator.bodies();
  weights_ = generator.cumulative_weights();
  for (const Body& event : events_) {
    if (event.group == group_start_.size()) group_start_.push_back(prepared_.size());
    SplicedGzip gzip(event.head, event.tail);
    std::string request = header(options, gzip.bytes().size());
    size_t body_at = request.size();
    request += gzip.bytes();
    prepared_.push_back({std::move(gzip), std::move(request), body_at});
  }
  group_start_.push_back(prepared_.size());
}

std::string_view Requests::next() {
  choose();
  make_id();
  Prepared& chosen = prepared_[last_];
  chosen.gzip.patch(chosen.request.data() + chosen.body_at, last_id());
  return chosen.request;
}

void Requests::choose() {
  auto at = std::upper_bound(weights_.begin(), weights_.end() - 1, random_.unit());
  auto group = static_cast<size_t>(at - weights_.begin());
  size_t start = group_start_[group];
  last_ = start + random_.below(group_start_[group + 1] - start);
}

// Like a random UUID (version 4). The first half is a bijection of the counter: no id comes twice.
void Requests::make_id() {
  uint64_t number = ids_++;
  put_hex(id_, mix(id_seed_ + number));
  put_hex(id_ + 16, mix(~id_seed_ ^ mix(number)));
  id_[16] = 'a';
}

std::string_view Requests::last_body() const {
  const Prepared& chosen = prepared_[last_];
  return std::string_view(chosen.request).substr(chosen.body_at);
}

template <typename Size>
double Requests::weighted(const Size& size) const {
  double mean = 0;
  for (size_t group = 0; group + 1 < group_start_.size(); ++group) {
    size_t start = group_start_[group], end = group_start_[group + 1];
    double sum = 0;
    for (size_t i = start; i < end; ++i) sum += static_cast<double>(size(i));
    double weight = weights_[group] - (group == 0 ? 0 : weights_[group - 1]);
    mean += weight * sum / static_cast<double>(end - start);
  }
  return mean;
}

double Requests::mean_event_bytes() const {
  return weighted([&](size_t i) { return events_[i].size(); });
}

double Requests::mean_wire_bytes() const {
  return weighted([&](size_t i) { return prepared_[i].gzip.bytes().size(); });
}

}  // namespace flawless::bench
