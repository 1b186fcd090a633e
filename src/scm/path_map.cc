#include "scm/path_map.h"

#include <algorithm>
#include <array>
#include <optional>

#include "scm/revision.h"

namespace flawless::scm {
namespace {

using How = MappedPath::How;

constexpr auto kNone = std::string_view::npos;
constexpr size_t kMostCandidates = 10;

// Directories that hold other people's code, or one's own once it is installed.
constexpr std::array<std::string_view, 6> kLibraryPlaces = {
    "site-packages", "dist-packages", "node_modules", "gems", "vendor", "pkg/mod"};
constexpr std::array<std::string_view, 3> kSystemPlaces = {"/usr/lib/", "/usr/local/lib/",
                                                           "/usr/share/"};

constexpr std::array<std::string_view, 14> kModuleEnds = {
    ".py", "/__init__.py", ".pyx", ".java", ".kt", ".scala", ".groovy",
    ".rb", ".js",          ".ts",  ".php",  ".cs", ".ex",    ".go"};

// One kind of slash; no scheme, query or "./" in front, no "." parts.
std::string tidy(std::string_view reported) {
  if (const size_t scheme = reported.find("://"); scheme != kNone && scheme < 16) {
    reported.remove_prefix(scheme + 2);
    while (reported.starts_with("//")) reported.remove_prefix(1);
  }
  std::string path(reported);
  std::replace(path.begin(), path.end(), '\\', '/');
  for (size_t at = 0; (at = path.find("/./", at)) != std::string::npos;) path.erase(at, 2);
  while (path.starts_with("./")) path.erase(0, 2);
  return path;
}

std::string without_end_slash(std::string_view prefix) {
  std::string tidied = tidy(prefix);
  while (tidied.ends_with('/')) tidied.pop_back();
  return tidied;
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || (path.size() > 2 && path[1] == ':' && path[2] == '/');
}

// Where `prefix` ends in `path`; none when it is not there as whole directories.
std::optional<size_t> end_of_prefix(std::string_view path, std::string_view prefix, bool absolute) {
  if (absolute && !is_absolute(path)) return std::nullopt;
  if (prefix.empty()) return absolute ? 1 : 0;
  for (size_t at = 0; (at = path.find(prefix, at)) != kNone; ++at) {
    const size_t end = at + prefix.size();
    const bool whole = (at == 0 || path[at - 1] == '/') && (end == path.size() || path[end] == '/');
    if (whole && (at == 0 || !absolute)) return std::min(end + 1, path.size());
    if (absolute) break;
  }
  return std::nullopt;
}

std::string join(std::string_view directory, std::string_view rest) {
  std::string path(directory);
  if (!directory.empty() && !rest.empty()) path += '/';
  return path + std::string(rest);
}

// True when a rule fits, whether or not its file exists.
bool apply_rules(std::string_view path, std::vector<PathRule> rules, const FileList& files,
                 MappedPath& mapped) {
  std::stable_sort(rules.begin(), rules.end(), [](const PathRule& a, const PathRule& b) {
    return a.deployed.size() > b.deployed.size();
  });
  bool any = false;
  for (const PathRule& rule : rules) {
    const std::string deployed = without_end_slash(rule.deployed);
    const bool absolute = is_absolute(tidy(rule.deployed));
    const auto end = end_of_prefix(path, deployed, absolute);
    if (!end) continue;
    any = true;
    std::string target = join(without_end_slash(rule.repository), path.substr(*end));
    if (!files.contains(target)) continue;
    mapped = {How::kRule, std::move(target), rule, {}};
    return true;
  }
  return any;
}

// Bytes of the longest common end that consists of whole parts; `parts` counts them.
size_t common_end(std::string_view a, std::string_view b, size_t& parts) {
  size_t whole = 0, length = 0;
  parts = 0;
  const size_t most = std::min(a.size(), b.size());
  while (length < most && a[a.size() - 1 - length] == b[b.size() - 1 - length]) {
    if (a[a.size() - 1 - length] == '/') {
      whole = length;
      ++parts;
    }
    ++length;
  }
  const bool at_edge_of_a = length == a.size() || a[a.size() - 1 - length] == '/';
  const bool at_edge_of_b = length == b.size() || b[b.size() - 1 - length] == '/';
  if (length > whole && at_edge_of_a && at_edge_of_b) {
    whole = length;
    ++parts;
  }
  return whole;
}

// How many bytes at the end of `path` must agree because they lie in a place of libraries.
size_t bytes_behind_library_place(std::string_view path) {
  size_t behind = 0;
  bool found = false;
  for (std::string_view place : kLibraryPlaces) {
    for (size_t at = 0; (at = path.find(place, at)) != kNone; at += place.size()) {
      const size_t end = at + place.size();
      if ((at > 0 && path[at - 1] != '/') || end >= path.size() || path[end] != '/') continue;
      const size_t rest = path.size() - end - 1;
      behind = found ? std::min(behind, rest) : rest;
      found = true;
    }
  }
  if (found) return behind;
  for (std::string_view place : kSystemPlaces) {
    if (path.starts_with(place)) return path.size() - place.size();
  }
  return 0;
}

struct Match {
  std::string_view file;
  size_t bytes = 0, parts = 0;
  bool whole = false;  // the file's whole path agrees
};

bool is_good(const Match& match, size_t must_agree) {
  if (must_agree > 0) return match.bytes >= must_agree && match.parts >= 2;
  return match.parts >= 2 || match.whole;
}

bool better(const Match& a, const Match& b) {
  return a.parts != b.parts ? a.parts > b.parts : a.whole && !b.whole;
}

MappedPath guess(std::string_view path, const FileList& files) {
  const size_t must_agree = bytes_behind_library_place(path);
  std::vector<Match> best;
  for (std::string_view file : files.named(file_name(path))) {
    Match match;
    match.file = file;
    match.bytes = common_end(path, file, match.parts);
    match.whole = match.bytes == file.size();
    if (!best.empty() && better(best.front(), match)) continue;
    if (!best.empty() && better(match, best.front())) best.clear();
    best.push_back(match);
  }
  MappedPath mapped;
  if (best.size() == 1 && is_good(best.front(), must_agree)) {
    const Match& match = best.front();
    mapped.how = match.whole && match.bytes == path.size() ? How::kExact : How::kGuess;
    mapped.path = match.file;
    mapped.rule.deployed = path.substr(0, path.size() - match.bytes);
    mapped.rule.repository = match.file.substr(0, match.file.size() - match.bytes);
    return mapped;
  }
  for (const Match& match : best) {
    if (mapped.candidates.size() < kMostCandidates) mapped.candidates.emplace_back(match.file);
  }
  return mapped;
}

// "com.shop.Cart$Line" -> "com/shop/Cart"; empty when it does not look like a module.
std::string module_path(std::string_view module) {
  std::string path(module.substr(0, module.find_first_of("$<:(")));
  if (path.find_first_of("/\\ ") != std::string::npos) return {};
  std::replace(path.begin(), path.end(), '.', '/');
  return is_repository_path(path) ? path : std::string();
}

// The file of a module: one that ends with all of the module's parts.
MappedPath map_module(std::string_view module, const FileList& files) {
  const std::string stem = module_path(module);
  MappedPath mapped;
  if (stem.empty()) return mapped;
  std::vector<MappedPath> found;
  for (std::string_view end : kModuleEnds) {
    const std::string wanted = stem + std::string(end);
    const bool has_directory = wanted.find('/') != std::string::npos;
    for (std::string_view file : files.named(file_name(wanted))) {
      size_t parts = 0;
      if (common_end(wanted, file, parts) != wanted.size()) continue;
      if (!has_directory && file != wanted) continue;  // a lone name says too little
      MappedPath one{How::kGuess, std::string(file), {}, {}};
      one.rule.repository = file.substr(0, file.size() - wanted.size());
      found.push_back(std::move(one));
    }
  }
  if (found.size() == 1) return found.front();
  const auto at_root = std::find_if(found.begin(), found.end(), [](const MappedPath& one) {
    return one.rule.repository.empty();
  });
  if (at_root != found.end()) return *at_root;
  for (const MappedPath& one : found) {
    if (mapped.candidates.size() < kMostCandidates) mapped.candidates.push_back(one.path);
  }
  return mapped;
}

// A bare "Cart.java" of module "com.shop.Cart" is com/shop/Cart.java.
std::string with_directories(std::string_view name, std::string_view module) {
  const std::string path = module_path(module);
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return std::string(name);
  const std::string_view stem = name.substr(0, name.rfind('.'));
  if (path.substr(slash + 1) == stem || name == "__init__.py") {
    return (name == "__init__.py" ? path : path.substr(0, slash)) + "/" + std::string(name);
  }
  return path.substr(0, slash) + "/" + std::string(name);
}

}  // namespace

MappedPath map_path(const ReportedPlace& reported, const std::vector<PathRule>& rules,
                    const FileList& files) {
  const std::string path = tidy(reported.path);
  MappedPath mapped;
  if (path.empty()) return map_module(reported.module, files);
  if (apply_rules(path, rules, files, mapped)) return mapped;
  const bool bare = path.find('/') == std::string::npos;
  if (bare && !reported.module.empty()) {
    mapped = guess(with_directories(path, reported.module), files);
    if (mapped.how != How::kNone) return mapped;
  }
  if (!bare && !is_absolute(path) && files.contains(path)) return {How::kExact, path, {}, {}};
  mapped = guess(path, files);
  if (mapped.how != How::kNone || !mapped.candidates.empty()) return mapped;
  if (!reported.module.empty()) return map_module(reported.module, files);
  return bare ? map_module(path, files) : mapped;
}

}  // namespace flawless::scm
