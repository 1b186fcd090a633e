// Internal: paths as grouping compares them.
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"

namespace flawless::triage {

// normalise_path() behind `out`. An absolute path below `root` starts there.
void append_normalised_path(std::string& out, std::string_view path, std::string_view root);

// The file name of a library or program: where it lies differs by host, and on Windows the letter
// case too.
void append_image(std::string& out, std::string_view package);

// The frame's path, else its absolute one; empty if the client says that it does not know
// ("(unknown)").
std::string_view known_path(const Frame& frame);
// "https://host/orders/17", "file:///tmp/test.html": a page, not a script of it.
bool is_page(std::string_view path);
// A file made by a bundler: ".min.", or a hash in its name.
bool is_bundle(std::string_view path);

}  // namespace flawless::triage
