// Revisions, paths and addresses from outside: what is let through can never be taken for an option or an expression.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "scm/remote.h"
#include "scm/revision.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::scm;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string& candidate : revision_candidates(text)) {
    FLAWLESS_CHECK(!candidate.empty() && candidate[0] != '-');
    FLAWLESS_CHECK(candidate.find_first_of(std::string_view(" \t\r\n\0~^:?*[\\", 12)) == std::string::npos);
    FLAWLESS_CHECK(candidate.find("..") == std::string::npos && candidate.find("@{") == std::string::npos);
  }
  if (is_repository_path(text)) {
    FLAWLESS_CHECK(!text.empty() && text[0] != '/' && text.find('\0') == std::string_view::npos);
  }
  if (auto remote = parse_remote(text)) {
    FLAWLESS_CHECK(!remote->url.empty() && remote->url[0] != '-');
    if (remote->transport == Transport::kHttps) {  // git and health get to see it
      std::string_view authority = std::string_view(remote->url).substr(std::string_view("https://").size());
      FLAWLESS_CHECK(authority.substr(0, authority.find('/')).find('@') == std::string_view::npos);
    }
  }
  return 0;
}
