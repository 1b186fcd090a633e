// Made-up errors that look like a Python web shop's: same seed and sources, same errors.
//
// Errors of one group share exception class and stack; everything else varies. Groups are as
// frequent as Zipf's law says: the first of 120 makes 19 % of all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event_parts.h"
#include "random.h"
#include "source_lines.h"

namespace flawless::bench {

enum class Form { kSentry, kRollbar };

struct GeneratorOptions {
  uint64_t seed = 1;
  size_t size_bytes = 25'000;  // of a body, about
  uint32_t groups = 120;
  uint32_t bodies = 600;   // different ones; at least one for each group
  uint32_t variety = 300;  // hosts, people and releases, each
  Form form = Form::kSentry;
  std::string token;  // pyrollbar sends it in the body too
  std::string sources = "/usr/lib/python3.11";
};

class Generator {
 public:
  explicit Generator(GeneratorOptions options);

  // The bodies, ordered by group; a group's share of them follows its weight.
  [[nodiscard]] std::vector<Body> bodies() const;
  // Cumulative weight of the groups, ending with 1.
  [[nodiscard]] std::vector<double> cumulative_weights() const;

 private:
  struct Shape {
    size_t frames, context, locals, modules;
  };
  [[nodiscard]] Shape shape() const;
  [[nodiscard]] Body body(uint32_t group, uint32_t index) const;
  [[nodiscard]] EventParts parts(uint32_t group, uint32_t index) const;
  [[nodiscard]] Body write(const EventParts& parts) const;
  void add_frames(EventParts& parts, Random& random) const;
  [[nodiscard]] FramePart frame(Random& stack, Random& random, bool in_app) const;
  void add_context(FramePart& frame, const SourceFile& file, size_t at) const;
  void add_about(EventParts& parts, Random& random, uint32_t index) const;
  void fill(EventParts& parts, Random& random) const;

  const GeneratorOptions options_;
  const std::vector<SourceFile> sources_;
  const double now_;
};

}  // namespace flawless::bench
