// Admission: who may report. An immutable snapshot of tokens and projects that intake reads without
// asking the store, so that reports are accepted while the store opens, migrates or is busy. It is
// also a file, replaced durably before the command that changed a token answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/locked.h"
#include "base/result.h"
#include "os/file.h"

namespace flawless::intake {

// One token that may post.
struct Grant {
  TokenId token;
  ProjectId project;
  bool client_only = false;  // post_client_item: Rollbar items only from client platforms
  bool enabled = true;       // the token
  bool project_enabled = true;
  uint64_t soft_per_minute = 0;  // over it bodies are sampled; 0 = no limit
  uint64_t hard_per_minute = 0;  // over it 429; 0 = no limit
  friend bool operator==(const Grant&, const Grant&) = default;
};

class Admission {
 public:
  Admission() = default;
  explicit Admission(std::vector<std::pair<std::string, Grant>> grants);

  // The grant of a token value; nothing if unknown. Time does not depend on how much of a wrong
  // token is right.
  [[nodiscard]] const Grant* find(std::string_view token) const;
  [[nodiscard]] size_t size() const { return grants_.size(); }

  // The file: one line per grant under a header line, a checksum at the end.
  [[nodiscard]] std::string serialise() const;
  [[nodiscard]] static Result<Admission> parse(std::string_view text);

 private:
  std::unordered_map<uint64_t, std::pair<std::string, Grant>>
      grants_;  // by seeded hash of the value
};

// The current snapshot. Readers take a shared pointer; publish() replaces it durably first, then in
// memory.
class AdmissionBoard {
 public:
  AdmissionBoard(os::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  // Loads the file if there is one; an absent file is an empty snapshot, a damaged one an error.
  [[nodiscard]] Status load();
  [[nodiscard]] Status publish(Admission next);
  [[nodiscard]] std::shared_ptr<const Admission> current() const { return current_.copy(); }

 private:
  os::Disk& disk_;
  std::string path_;
  Locked<std::shared_ptr<const Admission>> current_{std::make_shared<const Admission>()};
};

}  // namespace flawless::intake
