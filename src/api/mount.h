// Puts the API on a router: v2, /check_health, /metrics.
#pragma once

#include <functional>

#include "api/access.h"
#include "api/health.h"
#include "api/pool.h"
#include "base/time.h"
#include "body/bodies.h"
#include "http/router.h"
#include "store/store.h"

namespace flawless::api {

// What the API is made of. Everything referred to outlives the HTTP server and, because jobs use
// it, Pool::stop().
struct ApiParts {
  // Null while the store opens or migrates: requests that need it get 503. Called per request, from
  // any thread.
  std::function<store::Store*()> store;
  const body::Bodies& bodies;
  const Access& access;
  HealthSource health;  // called on the pool's probe thread, and on its workers
  const Clock& clock;
  Pool& pool;
};

// Call before the server starts. Copies `parts`.
void mount(http::Router& router, const ApiParts& parts);

}  // namespace flawless::api
