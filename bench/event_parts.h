// One made-up error before it is written down in a protocol's form.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace flawless::bench {

struct FramePart {
  std::string path;    // "/srv/shop/releases/current/orders/argparse.py"
  std::string file;    // the part below the root: "orders/argparse.py"
  std::string module;  // "orders.argparse"
  std::string function;
  size_t line_number = 0;
  std::string line;
  std::vector<std::string> before, after;
  std::vector<std::pair<std::string, std::string>> locals;  // name, value as JSON
  bool in_app = false;
};

struct CrumbPart {
  double at = 0;  // seconds since 1970
  std::string category, level, message;
  std::string data;  // a JSON object, or empty
};

struct EventParts {
  uint32_t group = 0;
  double at = 0;  // seconds since 1970
  std::string exception_class, exception_module, message;
  std::vector<FramePart> frames;  // outermost first
  std::vector<CrumbPart> crumbs;
  std::vector<std::pair<std::string, std::string>> modules, tags;
  std::string environment, release, host, transaction;
  std::string url, method, query, user_agent, address;
  std::string person_id, person_name, person_email;
  std::vector<std::pair<std::string, std::string>> extra;  // name, value as JSON
};

// A report's body around the 32 hex digits of its id.
struct Body {
  std::string head, tail;
  uint32_t group = 0;
  [[nodiscard]] size_t size() const { return head.size() + 32 + tail.size(); }
};

// As Python's sentry-sdk sends it, in an envelope. The id is in the envelope's header only: that
// one counts.
Body sentry_envelope(const EventParts& parts);
// As pyrollbar sends it. The id is data.uuid.
Body rollbar_item(const EventParts& parts, const std::string& token);

}  // namespace flawless::bench
