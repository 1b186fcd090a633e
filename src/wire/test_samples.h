// The sample reports of tests/data, for tests that hold what is made of each against a golden file.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "wire/report.h"

namespace flawless::wire {

struct Sample {
  std::string name;  // "sentry-actix"
  Protocol protocol;
  std::filesystem::path path;
};

inline std::filesystem::path test_data() {
  return std::filesystem::path(FLAWLESS_SOURCE_DIR) / "tests/data";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void add_folder(std::vector<Sample>& samples, const std::filesystem::path& folder,
                       Protocol protocol) {
  for (const auto& entry : std::filesystem::directory_iterator(test_data() / folder)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".json" && path.extension() != ".form") continue;
    samples.push_back({folder.filename().string() + "-" + path.stem().string(), protocol, path});
  }
}

// In order of name.
inline std::vector<Sample> all_samples() {
  std::vector<Sample> samples;
  for (const char* folder : {"events/sentry", "events/bugsink", "events/glitchtip"}) {
    add_folder(samples, folder, Protocol::kSentryStore);
  }
  add_folder(samples, "rollbar", Protocol::kRollbar);
  add_folder(samples, "flawless", Protocol::kFlawless);
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.name < b.name; });
  return samples;
}

// The sample's name as GoogleTest allows one.
inline std::string test_name(const testing::TestParamInfo<Sample>& sample) {
  std::string name = sample.param.name;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

// FLAWLESS_UPDATE_GOLDEN=1 asks for golden files to be written instead of compared.
inline bool updates_golden() { return std::getenv("FLAWLESS_UPDATE_GOLDEN") != nullptr; }

}  // namespace flawless::wire
