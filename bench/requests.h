// Whole HTTP requests, ready to send: only the report's id is new each time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generator.h"
#include "random.h"
#include "spliced_gzip.h"

namespace flawless::bench {

struct RequestOptions {
  GeneratorOptions events;
  std::string host = "127.0.0.1";
  std::string project = "1";  // for the path of Sentry's endpoint
  uint64_t id_seed = 0;       // ids of runs with different seeds differ
};

class Requests {
 public:
  explicit Requests(const RequestOptions& options);

  // The next request; good until the call after this, which may write into the same bytes.
  std::string_view next();

  // What the last request was made of: its gzip'd body, the event and the id.
  [[nodiscard]] std::string_view last_body() const;
  [[nodiscard]] const Body& last_event() const { return events_[last_]; }
  [[nodiscard]] std::string_view last_id() const { return {id_, sizeof id_}; }

  [[nodiscard]] size_t count() const { return events_.size(); }
  [[nodiscard]] const std::vector<Body>& events() const { return events_; }
  // Means over what next() gives, weighted like it.
  [[nodiscard]] double mean_event_bytes() const;
  [[nodiscard]] double mean_wire_bytes() const;

 private:
  struct Prepared {
    SplicedGzip gzip;
    std::string request;
    size_t body_at;
  };
  void choose();
  void make_id();
  template <typename Size>
  [[nodiscard]] double weighted(const Size& size) const;

  std::vector<Body> events_;
  std::vector<Prepared> prepared_;
  std::vector<double> weights_;      // cumulative, by group
  std::vector<size_t> group_start_;  // index of its first body; one more at the end
  Random random_;
  uint64_t id_seed_, ids_ = 0;
  size_t last_ = 0;
  char id_[SplicedGzip::kIdBytes] = {};
};

}  // namespace flawless::bench
