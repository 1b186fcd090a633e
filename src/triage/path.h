// Internal: paths as grouping compares them.
#pragma once

#include <string>
#include <string_view>

namespace flawless::triage {

// normalise_path() behind `out`. An absolute path below `root` starts there.
void append_normalised_path(std::string& out, std::string_view path, std::string_view root);

// "https://host/orders/17": a page of a site, not a script of it.
bool is_page(std::string_view path);
// A file made by a bundler: ".min.", or a hash in its name.
bool is_bundle(std::string_view path);

}  // namespace flawless::triage
