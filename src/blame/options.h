// What the configuration says about blame. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "blame/address.h"
#include "scm/mirror.h"
#include "scm/path_map.h"
#include "store/lines.h"

namespace flawless::blame {

struct RepositoryOptions {
  scm::MirrorOptions mirror;
  std::vector<std::string> projects;  // names; empty: all
  std::vector<scm::PathRule> path_rules;
  std::chrono::milliseconds fetch_every = std::chrono::seconds(60);
};

struct Options {
  bool mail = true;  // false: no mail server is configured, so nothing is queued
  std::string default_contact;
  std::vector<std::string> allow;  // see allowed_addresses()
  AddressRules addresses;

  int64_t threshold = 1;
  std::optional<std::chrono::sys_days> minimum_date;
  std::vector<store::Rule> rules;  // of the configuration: for all projects, beside the store's

  // How long a decision waits for a commit that the report names and no mirror has, from when it
  // was queued; 0: it is not even fetched.
  std::chrono::milliseconds wait_for_release = std::chrono::seconds(30);
  std::chrono::milliseconds fetch_bound = std::chrono::seconds(10);  // for one fetch on its behalf
  // And for the first clone of a repository, as long as that has not failed.
  std::chrono::milliseconds wait_for_clone = std::chrono::minutes(15);
  // A decision for which git or the store fails is put off for this long; because of git not more
  // than a few times.
  std::chrono::milliseconds retry_after = std::chrono::seconds(5);
  int workers = 2;
};

}  // namespace flawless::blame
