#include "triage/path.h"

#include <algorithm>
#include <iterator>

#include "triage/grouping.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;

// What lies behind the last of these directories is the same on every host.
constexpr std::string_view kRoots[] = {"site-packages",    "dist-packages", "node_modules", "gems",
                                       "bower_components", "current",       "wwwroot"};
// Behind one of these comes a directory per deploy.
constexpr std::string_view kReleaseRoots[] = {"releases", "deploys", "revisions",
                                              "versions", "builds",  "deployments"};
// At the front of an absolute path; the first that fits.
constexpr std::string_view kFronts[] = {
    "usr/src/app/",
    "usr/src/",
    "usr/local/",
    "var/www/html/",
    "var/www/",
    "var/app/current/",
    "var/app/",
    "var/task/",
    "var/lib/",
    "app/",
    "code/",
    "workspace/",
    "github/workspace/",
    "srv/",
    "opt/",
    "root/",
    "build/",
    "mnt/",
    "data/",
    "usr/lib/",
};
// Followed by somebody's name.
constexpr std::string_view kHomes[] = {"home/", "Users/", "private/home/", "export/home/"};

constexpr std::string_view kScripts[] = {".js", ".mjs", ".cjs", ".css", ".map", ".wasm"};

struct Counts {
  size_t digits = 0, hex_letters = 0, lower = 0, upper = 0, other = 0;
  [[nodiscard]] bool hex_only(size_t size) const { return digits + hex_letters == size; }
};
Counts count(std::string_view text) {
  Counts counts;
  for (char c : text) {
    if (is_digit(c)) ++counts.digits;
    if (!is_digit(c) && is_hex(c)) ++counts.hex_letters;
    if (is_lower(c)) ++counts.lower;
    if (is_upper(c)) ++counts.upper;
    if (!is_alnum(c) && c != '_' && c != '-') ++counts.other;
  }
  return counts;
}

bool has_digit(std::string_view text) {
  for (char c : text) {
    if (is_digit(c)) return true;
  }
  return false;
}

// Digits in three places or more: "AppleIntelHD4000GraphicsGLDriver" is a name.
bool is_mixed(std::string_view text) {
  size_t runs = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]))) ++runs;
  }
  return runs >= 3;
}

// A content hash or commit: hexadecimal of seven or more with digits and letters, or a long mix of
// both.
bool is_hash(std::string_view text) {
  if (text.size() < 7) return false;
  Counts counts = count(text);
  if (counts.hex_only(text.size())) return counts.digits >= 2 && counts.hex_letters >= 1;
  return text.size() >= 20 && counts.other == 0 && counts.digits >= 3 && is_mixed(text);
}

// The eight or more characters that Vite and esbuild put before the extension: "BxY12abC".
bool is_short_hash(std::string_view text) {
  if (text.size() < 8 || text.size() > 16) return false;
  Counts counts = count(text);
  if (counts.other > 0 || counts.lower + counts.digits == 0) return false;
  return (counts.digits >= 1 && counts.upper >= 1) || counts.digits >= 3 ||
         (counts.upper >= 3 && counts.lower >= 1);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

// A directory made for one deploy: "20260101120000", a commit, "v1.2.3".
bool is_per_deploy(std::string_view segment) {
  if (segment.size() < 6 || !has_digit(segment)) return false;
  if (is_number(segment)) return segment.size() >= 6;
  if (is_hash(segment) || is_uuid(segment)) return true;
  if (segment.starts_with("build_") || segment.starts_with("tmp"))
    return is_hash(segment.substr(segment.find('_') + 1));
  auto digits = std::count_if(segment.begin(), segment.end(), is_digit);
  return segment.size() >= 8 && digits >= 8 &&
         segment.find_first_not_of("0123456789-_.TZv") == kNone;
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') ||
         (path.size() > 2 && is_letter(path[0]) && path[1] == ':' && is_slash(path[2]));
}

std::string_view skip_slashes(std::string_view path) {
  while (!path.empty() && is_slash(path.front())) path.remove_prefix(1);
  return path;
}

// Scheme and host off; nothing but the path stays. `url` says whether there was one.
std::string_view strip_scheme(std::string_view path, bool& url) {
  size_t colon = path.substr(0, 32).find(':');
  if (colon == kNone || colon < 2 || path.substr(colon).size() < 2 || path[colon + 1] != '/')
    return path;
  url = true;
  std::string_view scheme = path.substr(0, colon);
  path.remove_prefix(colon + 1);
  if (path.starts_with("//") &&
      (scheme == "http" || scheme == "https" || scheme == "capacitor" || scheme == "ionic")) {
    path.remove_prefix(2);
    size_t slash = path.find('/');
    path = slash == kNone ? std::string_view() : path.substr(slash);
  }
  path = strip_query(path);
  return scheme == "file" ? path : skip_slashes(path);
}

// Either kind of slash.
bool starts_with_path(std::string_view path, std::string_view front) {
  if (path.size() <= front.size() || path[0] != front[0]) return false;
  return std::equal(front.begin(), front.end(), path.begin(),
                    [](char a, char b) { return a == b || (is_slash(a) && is_slash(b)); });
}

std::string_view strip_front(std::string_view path) {
  for (std::string_view home : kHomes) {
    if (!starts_with_path(path, home)) continue;
    size_t slash = path.find_first_of("/\\", home.size());
    return slash == kNone ? path : path.substr(slash + 1);
  }
  for (std::string_view front : kFronts) {
    if (starts_with_path(path, front)) return path.substr(front.size());
  }
  return path;
}

// Where the part begins that every host has alike: behind the last marker or directory of a deploy,
// else behind a usual front if `with_front`.
std::string_view strip_host_part(std::string_view path, bool with_front) {
  path = skip_slashes(path);
  if (path.size() > 2 && path[1] == ':') path = skip_slashes(path.substr(2));
  size_t from = 0;
  std::string_view before;
  for (size_t at = 0; at < path.size();) {
    size_t end = end_of_segment(path, at);
    if (end >= path.size()) break;  // the file itself
    std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (one_of(segment, kRoots) || is_per_deploy(segment) || one_of(before, kReleaseRoots))
      from = at;
    before = segment;
  }
  if (from > 0) return path.substr(from);
  return with_front ? strip_front(path) : path;
}

std::string_view strip_root(std::string_view path, std::string_view root) {
  while (!root.empty() && is_slash(root.back())) root.remove_suffix(1);
  if (root.empty() || !starts_with_folded(path, root) || path.size() <= root.size() + 1 ||
      !is_slash(path[root.size()])) {
    return {};
  }
  return path.substr(root.size() + 1);
}

// "rails-7.0.1" → rails, "react@18.2.0_x" → react, "Beaker-1.6.4-py2.6.egg" → Beaker, "python3.11"
// → python.
std::string_view strip_version(std::string_view segment) {
  for (size_t i = 1; i + 1 < segment.size(); ++i) {
    if (segment[i] != '-' && segment[i] != '@') continue;
    size_t digit = i + 1 + (segment[i + 1] == 'v' ? 1 : 0);
    size_t digits = run(segment, digit, is_digit);
    size_t behind = digit + digits;
    if (digits > 0 && (behind == segment.size() || segment[behind] == '.'))
      return segment.substr(0, i);
  }
  for (std::string_view name : {"python", "ruby", "php", "perl"}) {
    if (segment.starts_with(name) && segment.size() > name.size() &&
        segment.find_first_not_of("0123456789.", name.size()) == kNone) {
      return name;
    }
  }
  return segment;
}

void append_directory(std::string& out, std::string_view segment, std::string_view before) {
  if (!has_digit(segment) && before != "static") {
    out += segment;
  } else if (is_uuid(segment)) {
    out += "<uuid>";
  } else if (is_number(segment)) {
    out += "<number>";
  } else if (is_hash(segment) || (before == "static" && segment.size() == 21 &&
                                  count(segment).other == 0)) {  // Next.js build
    out += "<hash>";
  } else {
    out += strip_version(segment);
  }
}

// The file's name, piece by piece between its dots and dashes.
void append_file(std::string& out, std::string_view name) {
  size_t last_dot = name.rfind('.');
  bool script = last_dot != kNone && last_dot > 0 && one_of(name.substr(last_dot), kScripts);
  if (!script && !has_digit(name)) {
    out += name;
    return;
  }
  if (is_uuid(name) || is_number(name)) return append_directory(out, name, {});
  for (size_t at = 0; at < name.size();) {
    size_t end =
        at + run(name, at, [](char c) { return c != '.' && c != '-' && c != '~' && c != '_'; });
    std::string_view piece = name.substr(at, end - at);
    size_t wide_end = at + run(name, at, [](char c) { return c != '.'; });
    std::string_view wide =
        name.substr(at, wide_end - at);  // a base64url hash may hold '-' and '_'
    bool before_extension =
        script && at > 0 && wide_end < name.size() && name.find('.', wide_end + 1) == kNone;
    if (before_extension && (is_short_hash(wide) || is_hash(wide))) {
      out += "<hash>";
      end = wide_end;
    } else if (is_hash(piece)) {
      out += "<hash>";
    } else if (is_number(piece) && (piece.size() >= 6 || (script && at == 0))) {
      out += "<number>";
    } else {
      out.append(piece);
    }
    if (end < name.size()) out += name[end];
    at = end + 1;
  }
}

}  // namespace

std::string_view known_path(const Frame& frame) {
  for (std::string_view path : {frame.path, frame.abs_path}) {
    if (!path.empty() && path != "(unknown)" && path != "<unknown>") return path;
  }
  return {};
}

bool is_page(std::string_view path) {
  bool file = path.starts_with("file://");
  if (!file && !path.starts_with("http://") && !path.starts_with("https://")) return false;
  path = strip_query(path);
  if (file) return path.ends_with(".html") || path.ends_with(".htm");
  size_t slash = path.rfind('/');
  size_t dot = path.rfind('.');
  if (slash < 8 || dot == kNone || dot < slash) return true;
  return path.substr(dot).find("htm") != kNone || path.substr(dot) == ".php" ||
         path.substr(dot) == ".aspx" || path.substr(dot) == ".jsp";
}

bool is_bundle(std::string_view path) {
  if (path.find(".min.") != kNone || path.find("chunk") != kNone || path.find("bundle") != kNone)
    return true;
  std::string name;
  size_t slash = path.find_last_of("/\\");
  append_file(name, path.substr(slash == kNone ? 0 : slash + 1));
  return name.find("<hash>") != std::string::npos;
}

void append_normalised_path(std::string& out, std::string_view path, std::string_view root) {
  bool url = false;
  path = strip_scheme(trim(path), url);
  if (is_absolute(path)) {
    std::string_view below = strip_root(path, root);
    path = url && !path.starts_with('/')
               ? skip_slashes(path)
               : strip_host_part(below.empty() ? path : below, below.empty());
  }
  std::string_view before;
  for (size_t at = 0; at < path.size();) {
    size_t end = end_of_segment(path, at);
    std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (end >= path.size()) return append_file(out, segment);
    if (segment.empty() || segment == "." || segment == ".." || segment == "~") continue;
    append_directory(out, segment, before);
    out += '/';
    before = segment;
  }
}

void append_image(std::string& out, std::string_view package) {
  package = trim(package);
  bool windows = package.find('\\') != kNone || package.ends_with(".dll") ||
                 package.ends_with(".DLL") || package.ends_with(".exe");
  size_t slash = package.find_last_of("/\\");
  if (slash != kNone && slash + 1 < package.size()) package.remove_prefix(slash + 1);
  size_t start = out.size();
  append_file(out, package);
  if (!windows) return;
  for (size_t i = start; i < out.size(); ++i) out[i] = to_lower(out[i]);
}

std::string normalise_path(std::string_view path) {
  std::string out;
  append_normalised_path(out, path, {});
  return out;
}

}  // namespace flawless::triage
