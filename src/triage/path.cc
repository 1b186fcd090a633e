#include "triage/path.h"

#include <algorithm>

#include "triage/build_mark.h"
#include "triage/grouping.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;

// What lies behind the last of these directories is the same on every host.
constexpr std::string_view kRoots[] = {"site-packages", "dist-packages",    "node_modules",
                                       "gems",          "bower_components", "wwwroot"};
// Behind one of these comes a directory per deploy.
constexpr std::string_view kReleaseRoots[] = {"releases", "deploys", "revisions",
                                              "versions", "builds",  "deployments"};
// What absolute paths begin with; '*' is one directory of any name. The first that fits.
struct Front {
  std::string_view pattern;
  bool keeps_applications;  // behind it comes the application's directory, else its files
};
constexpr Front kFronts[] = {
    {"usr/src/app/", false},
    {"usr/src/", false},
    {"usr/lib/", false},
    {"usr/local/", true},
    {"var/www/html/", false},
    {"var/www/", true},
    {"var/app/current/", false},
    {"var/app/", true},
    {"var/task/", false},
    {"var/lib/jenkins/workspace/*/", false},
    {"var/lib/", true},
    {"app/", false},
    {"code/", false},
    {"src/", false},
    {"workspace/", false},
    {"github/workspace/", false},
    {"home/runner/work/*/*/", false},
    {"__w/*/*/", false},
    {"a/*/s/", false},
    {"builds/*/*/", false},
    {"build/", false},
    {"srv/www/", true},
    {"srv/apps/", true},
    {"srv/", true},
    {"opt/", true},
    {"root/", true},
    {"mnt/", true},
    {"data/apps/", true},
    {"data/", true},
    {"u/apps/", true},
    {"home/*/apps/", true},
    {"home/*/www/", true},
    {"home/*/", true},
    {"Users/*/", true},
    {"private/home/*/", true},
    {"export/home/*/", true},
};

constexpr std::string_view kScripts[] = {".js", ".mjs", ".cjs", ".css", ".map", ".wasm"};

bool has_digit(std::string_view text) {
  for (char c : text) {
    if (is_digit(c)) return true;
  }
  return false;
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') ||
         (path.size() > 2 && is_letter(path[0]) && path[1] == ':' && is_slash(path[2]));
}

std::string_view skip_slashes(std::string_view path) {
  while (!path.empty() && is_slash(path.front())) path.remove_prefix(1);
  return path;
}

// What a path's scheme says about it.
enum class Source { kFile, kUrl, kServed };

// Scheme and host off; nothing but the path stays.
std::string_view strip_scheme(std::string_view path, Source& source) {
  size_t colon = path.substr(0, 32).find(':');
  if (colon == kNone || colon < 2 || path.substr(colon).size() < 2 || path[colon + 1] != '/')
    return path;
  std::string_view scheme = path.substr(0, colon);
  bool served =
      scheme == "http" || scheme == "https" || scheme == "capacitor" || scheme == "ionic";
  source = served ? Source::kServed : Source::kUrl;
  path.remove_prefix(colon + 1);
  if (path.starts_with("//") && served) {
    path.remove_prefix(2);
    size_t slash = path.find('/');
    path = slash == kNone ? std::string_view() : path.substr(slash);
  }
  path = strip_query(path);
  return scheme == "file" ? path : skip_slashes(path);
}

// Size of what `pattern` matches at the start of `path` if a name follows, else 0. Either kind of
// slash.
size_t front_size(std::string_view path, std::string_view pattern) {
  size_t at = 0;
  for (char c : pattern) {
    if (at >= path.size()) return 0;
    if (c == '*') {
      at = end_of_segment(path, at);
    } else if (c == '/' ? is_slash(path[at]) : path[at] == c) {
      ++at;
    } else {
      return 0;
    }
  }
  return at < path.size() ? at : 0;
}

// "shop-a1b2c3d", "shop_r123", "shop.20260101" → shop
std::string_view strip_deploy(std::string_view name) {
  if (!has_digit(name)) return name;
  for (size_t i = 1; i + 1 < name.size(); ++i) {
    if (name[i] != '-' && name[i] != '_' && name[i] != '.') continue;
    std::string_view rest = name.substr(i + 1);
    bool revision = rest.size() > 2 && rest[0] == 'r' && is_number(rest.substr(1));
    if (revision || is_deploy(rest)) return name.substr(0, i);
  }
  return name;
}

// A path in the part that every host has alike.
struct HostFree {
  std::string_view application;  // its directory, if that is known, without what marks a deploy
  std::string_view path;
};

// Where an application lies in an absolute path.
struct Place {
  size_t front;    // size of what is before it
  size_t deploys;  // in how many directories from there deploys are kept
  bool keeps_applications;
};
Place place_of(std::string_view path) {
  for (const Front& known : kFronts) {
    size_t size = front_size(path, known.pattern);
    if (size > 0) return {size, known.keeps_applications ? 2u : 1u, known.keeps_applications};
  }
  return {0, 3, false};
}

// A Python project's directory is called like the package in it, which alone is what a path below
// the root names.
bool is_package_of(std::string_view application, std::string_view path) {
  return path.ends_with(".py") && path.size() > application.size() &&
         path.starts_with(application) && is_slash(path[application.size()]);
}

// Whether what lies behind `segment` is the same in every deploy; `near` says that it is where
// deploys are.
bool ends_host_part(std::string_view segment, std::string_view before, bool near) {
  if (near && segment == "current") return true;
  if (!has_digit(segment)) return false;
  if (is_made_up(segment) || (near && is_deploy(segment))) return true;
  return one_of(before, kReleaseRoots) && (is_number(segment) || is_deploy(segment));
}

// A directory called "current", and one made for a deploy, is taken for that only where deploys
// are: in the first directory of an application or beside it. Deeper it is a name of the
// application, which a hash, a UUID and a time never are.
HostFree strip_host_part(std::string_view path, bool below_root) {
  path = skip_slashes(path);
  if (path.size() > 2 && path[1] == ':') path = skip_slashes(path.substr(2));
  Place place = below_root ? Place{0, 1, false} : place_of(path);
  size_t from = 0;
  std::string_view before, application;
  for (size_t at = 0, index = 0; at < path.size();) {
    size_t end = end_of_segment(path, at);
    if (end >= path.size()) break;  // the file itself
    std::string_view segment = path.substr(at, end - at);
    if (at == place.front && place.keeps_applications) application = segment;
    bool near = at >= place.front && index++ < place.deploys;
    at = end + 1;
    if (one_of(segment, kRoots) || ends_host_part(segment, before, near)) from = at;
    before = segment;
  }
  if (from > 0) return {{}, path.substr(from)};
  path.remove_prefix(place.front);
  if (application.empty()) return {{}, path};
  path.remove_prefix(application.size() + 1);
  application = strip_deploy(application);
  return {is_package_of(application, path) ? std::string_view() : application, path};
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
// → python. Behind '-' and '_' a number without a dot is a part of the name: "api-v1".
std::string_view strip_version(std::string_view segment) {
  for (size_t i = 1; i + 1 < segment.size(); ++i) {
    std::string_view rest = segment.substr(i + 1);
    bool number = segment[i] == '@' && is_digit(rest[rest[0] == 'v' && rest.size() > 1 ? 1 : 0]);
    if (number || ((segment[i] == '-' || segment[i] == '_') && is_version(rest)))
      return segment.substr(0, i);
  }
  for (std::string_view name : {"python", "ruby", "php", "perl"}) {
    if (segment.starts_with(name) && is_version(segment.substr(name.size()))) return name;
  }
  return segment;
}

// A number in an address is a build's or a page's; in a path of sources it is a name, unless it is
// a time.
void append_directory(std::string& out, std::string_view segment, std::string_view before,
                      bool served) {
  constexpr size_t kTime = 10, kNextJsBuild = 21;
  if (!has_digit(segment) && before != "static") {
    out += segment;
  } else if (is_uuid(segment)) {
    out += "<uuid>";
  } else if (is_number(segment)) {
    out += served || segment.size() >= kTime ? "<number>" : segment;
  } else if (is_hash(segment) ||
             (before == "static" && segment.size() == kNextJsBuild &&
              std::all_of(segment.begin(), segment.end(),
                          [](char c) { return is_alnum(c) || c == '-' || c == '_'; }))) {
    out += "<hash>";
  } else if (is_version(segment)) {
    out += "<version>";
  } else {
    out += strip_version(segment);
  }
}

// What a bundler puts between the parts of a script's name, behind '.' or '-'.
bool is_hash_of_script(std::string_view piece) {
  constexpr size_t kHex = 8;
  return is_hash(piece) ||
         (piece.size() >= kHex && std::all_of(piece.begin(), piece.end(), is_hex));
}

// "2.4f2a9c1b.chunk.js": the first number is a chunk's. In "404.js" it is the name.
bool is_chunk_number(std::string_view piece, std::string_view rest) {
  if (!is_number(piece) || rest.empty()) return false;
  rest.remove_prefix(1);
  return rest.starts_with("chunk.") || rest.starts_with("bundle.") ||
         is_hash_of_script(rest.substr(0, rest.find_first_of(".-~_")));
}

// The file's name, piece by piece between its dots and dashes.
void append_file(std::string& out, std::string_view name) {
  size_t last_dot = name.rfind('.');
  bool script = last_dot != kNone && last_dot > 0 && one_of(name.substr(last_dot), kScripts);
  if (!script && !has_digit(name)) {
    out += name;
    return;
  }
  if (is_uuid(name) || is_number(name)) return append_directory(out, name, {}, true);
  for (size_t at = 0; at < name.size();) {
    char before = at > 0 ? name[at - 1] : '\0';
    size_t end =
        at + run(name, at, [](char c) { return c != '.' && c != '-' && c != '~' && c != '_'; });
    std::string_view piece = name.substr(at, end - at);
    size_t wide_end = std::min(name.find('.', at), name.size());
    // A base64url hash may hold '-' and '_'.
    std::string_view wide = name.substr(at, wide_end - at);
    bool may_be_version = before == '-' || (script && (before == '.' || before == '_'));
    if (script && wide_end < name.size() &&
        ((before == '-' && is_bundler_hash(wide)) || (at > 0 && is_hash(wide)))) {
      out += "<hash>";
      end = wide_end;
    } else if (script && (before == '.' || before == '-') ? is_hash_of_script(piece)
                                                          : is_hash(piece)) {
      out += "<hash>";
    } else if (size_t size = may_be_version ? version_size(name.substr(at)) : 0; size > 0) {
      out += "<version>";
      end = at + size;
    } else if (script && at == 0 && is_chunk_number(piece, name.substr(end))) {
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
  Source source = Source::kFile;
  path = strip_scheme(trim(path), source);
  if (is_absolute(path) && (source == Source::kFile || path.starts_with('/'))) {
    std::string_view below = strip_root(path, root);
    HostFree rest = strip_host_part(below.empty() ? path : below, !below.empty());
    path = rest.path;
    if (!rest.application.empty()) {
      append_directory(out, rest.application, {}, false);
      out += '/';
    }
  }
  std::string_view before;
  for (size_t at = 0; at < path.size();) {
    size_t end = end_of_segment(path, at);
    std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (end >= path.size()) return append_file(out, segment);
    if (segment.empty() || segment == "." || segment == ".." || segment == "~") continue;
    append_directory(out, segment, before, source == Source::kServed);
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
