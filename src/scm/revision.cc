#include "scm/revision.h"

#include <algorithm>

namespace flawless::scm {
namespace {

constexpr size_t kMostName = 250;
constexpr std::string_view kDirty = "-dirty";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_hex(char c) { return is_lower_hex(c) || (c >= 'A' && c <= 'F'); }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kMostName || text == "HEAD" || text == "@") return false;
  if (!is_alnum(text[0]) && text[0] != '_' && text[0] != '@') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_alnum(c) && std::string_view("._/+-@").find(c) == std::string_view::npos) return false;
    if ((c == '.' || c == '/') && i + 1 < text.size() && (text[i + 1] == '.' || text[i + 1] == '/'))
      return false;
  }
  return !text.ends_with('/') && !text.ends_with('.') && !text.ends_with(".lock");
}

// "v1.0-5-gabcdef1" -> "abcdef1"
std::string_view described_hash(std::string_view text) {
  const size_t at = text.rfind("-g");
  if (at == std::string_view::npos) return {};
  const std::string_view hash = text.substr(at + 2);
  return is_hex_revision(hash) ? hash : std::string_view();
}

bool is_long_hash(std::string_view text) {
  return is_hex_revision(text) && (text.size() == 40 || text.size() == 64);
}

void add_names(std::string_view name, std::vector<std::string>& candidates) {
  candidates.push_back("refs/tags/" + std::string(name));
  if (is_digit(name[0])) candidates.push_back("refs/tags/v" + std::string(name));
  candidates.push_back("refs/heads/" + std::string(name));
}

void add_hash(std::string_view text, std::vector<std::string>& candidates) {
  const std::string_view hash = is_hex_revision(text) ? text : described_hash(text);
  if (!hash.empty()) candidates.emplace_back(hash);
}

}  // namespace

bool is_hex_revision(std::string_view text) {
  return text.size() >= 7 && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_hex);
}

bool is_full_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(), is_lower_hex);
}

std::vector<std::string> revision_candidates(std::string_view text) {
  std::vector<std::string> candidates;
  const std::string_view whole = text;
  if (text.ends_with(kDirty)) text.remove_suffix(kDirty.size());
  if (!is_name(whole) || text.empty()) return candidates;
  if (!is_long_hash(text)) add_names(whole, candidates);
  if (text != whole) add_names(text, candidates);
  add_hash(text, candidates);
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || !is_name(text.substr(at + 1))) return candidates;
  const std::string_view version = text.substr(at + 1);
  if (!is_long_hash(version)) add_names(version, candidates);
  add_hash(version, candidates);
  return candidates;
}

bool is_repository_path(std::string_view path) {
  if (path.empty() || path.size() > 4096 || path.find('\0') != std::string_view::npos) return false;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

}  // namespace flawless::scm
