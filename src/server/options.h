// From the configuration to the options of each part.
#pragma once

#include "http/server.h"
#include "journal/file_journal.h"
#include "server/config.h"

namespace flawless::server {

// Takes a socket that the service manager passed (sd_listen_fds(3)).
[[nodiscard]] http::Options http_options(const Config& config);
[[nodiscard]] http::Options local_options(const Config& config);  // the command line's socket
[[nodiscard]] journal::Options journal_options(const Config& config);

}  // namespace flawless::server
