// The running server's ear for the command line: POST /admin/OPERATION on the local socket.
#pragma once

#include <functional>

#include "api/admin.h"
#include "http/server.h"

namespace flawless::api {

// Runs a job on a thread that may wait, or returns false when it has no room for it.
using Executor = std::function<bool(std::function<void()>)>;

// Answers 200 with the operation's reply, or a fitting status with {"error":{"code","message"}};
// with "reply" too when something was made all the same.
// Only the user the server runs as, and root, are served: anyone else gets 403. Operations run on
// `executor`, one at a time but for those that may wait. `admin` must outlive the handler and the
// executor's jobs.
[[nodiscard]] http::Handler local_handler(Admin& admin, Executor executor);

}  // namespace flawless::api
