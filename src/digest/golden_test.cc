// Golden files: what digestion decides about every sample report of tests/data, in readable text.
// FLAWLESS_UPDATE_GOLDEN=1 rewrites tests/data/golden/triage/*.txt instead of comparing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "digest/sighting.h"
#include "wire/test_samples.h"

namespace flawless::digest {
namespace {

using wire::Sample;

const wire::Arrival kArrival{{}, {}, {}, "203.0.113.7"};

Digested digested(const Sample& sample) {
  static const triage::Scrubber scrubber{{}};
  wire::Parser parser;
  wire::Buffer body;
  body.assign(wire::read_file(sample.path));
  auto event =
      wire::read_event(sample.protocol, body.view(), wire::Detail::kIndex, kArrival, parser);
  Digested out;
  EXPECT_TRUE(event.is_ok()) << event.message();
  if (!event.is_ok()) return out;
  auto report = std::make_unique<wire::InFlight>();
  report->event = std::move(*event);
  digest_report(std::move(report), {&scrubber, {}}, out);
  return out;
}

std::string place(const Frame& frame) {
  std::string_view path = frame.path.empty() ? frame.abs_path : frame.path;
  if (path.empty()) path = frame.module.empty() ? frame.package : frame.module;
  std::string name = frame.class_name.empty() ? "" : std::string(frame.class_name) + ".";
  name += frame.function;
  return fmt::format("{}:{} in {}", path, frame.line, name.empty() ? "?" : name);
}

std::string culprit_of(const Event& event) {
  auto culprit = triage::find_culprit(event, {});
  if (!culprit) return "none";
  return fmt::format("{} ({})", place(event.exceptions[culprit->exception].frames[culprit->frame]),
                     culprit->why);
}

std::string decisions(const Digested& digested) {
  const Event& event = digested.report->event;
  std::string out = fmt::format(
      "title: {}\nlevel: {}\nculprit: {}\nreason: {}\nhash: {:016x}{:016x}\n\n{}\n", digested.title,
      level_name(event.level), culprit_of(event), digested.grouping.reason,
      digested.grouping.hash.high, digested.grouping.hash.low, digested.grouping.canonical);
  for (const Exception& exception : event.exceptions) {
    out += fmt::format("{}{}\n", exception.type, exception.synthetic ? " (synthetic)" : "");
    for (const Frame& frame : exception.frames) {
      out += fmt::format("{} {}\n", frame.in_app ? "+" : "-", place(frame));
    }
  }
  return out;
}

class TriageGolden : public testing::TestWithParam<Sample> {};

TEST_P(TriageGolden, DecisionsAreAsRecorded) {
  std::string actual = decisions(digested(GetParam()));
  std::filesystem::path golden =
      wire::test_data() / "golden" / "triage" / (GetParam().name + ".txt");
  if (wire::updates_golden()) {
    std::filesystem::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(wire::read_file(golden), actual) << "FLAWLESS_UPDATE_GOLDEN=1 rewrites " << golden;
}

INSTANTIATE_TEST_SUITE_P(Samples, TriageGolden, testing::ValuesIn(wire::all_samples()),
                         wire::test_name);

}  // namespace
}  // namespace flawless::digest
