// The web app: its files, and index.html for every address of its own (history routing).
#pragma once

#include <functional>
#include <string_view>

#include "http/router.h"
#include "http/server.h"
#include "web/assets.h"

namespace flawless::api {

// A file by its path ("index.html", "assets/app-ab12.js"); null if there is none. What it gives
// stays where it is.
using AssetSource = std::function<const web::Asset*(std::string_view path)>;

// Serves the app by GET and HEAD where none of our own pages and no API lies, `router` the rest.
// Files in assets/ carry a hash in their names and may be kept for ever; everything else is asked
// for anew (ETag). `router` must outlive the handler.
[[nodiscard]] http::Handler with_app(const http::Router& router, AssetSource find);

}  // namespace flawless::api
