// Reports that were put aside instead of digested: the list of them, and trying them again. One
// implementation for the API and for commands; arguments and replies are JSON objects.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/value.h"
#include "store/store.h"

namespace flawless::api {

// What only a running server can say and do; empty where none runs.
struct QuarantineParts {
  std::function<uint64_t()> oldest_record = {};  // the journal's: older bodies are gone
  // Waits some seconds for digestion to try them, in this order. kUnavailable: it got none done.
  std::function<Result<std::vector<store::Retried>>(std::vector<uint64_t> sequences)> retry = {};
};

// {project?, limit?, cursor?}: `project` by id, also of one that does not exist, or by name.
[[nodiscard]] Result<std::string> list_quarantine(store::Store& store, const QuarantineParts& parts,
                                                  const Value& arguments);
// {sequences} or {all: true, cursor?}; at most kMostRetries a call, `next` goes on with `all`.
[[nodiscard]] Result<std::string> retry_quarantine(store::Store& store,
                                                   const QuarantineParts& parts,
                                                   std::string_view public_url,
                                                   const Value& arguments);
inline constexpr uint32_t kMostRetries = 100;

}  // namespace flawless::api
