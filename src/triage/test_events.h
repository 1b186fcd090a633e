// Events for this room's tests and benchmark. Text given must outlive the event (literals do).
#pragma once

#include <string_view>
#include <vector>

#include "event/event.h"

namespace flawless::triage {

inline Frame frame(std::string_view path, std::string_view function, std::string_view code = {}) {
  Frame result;
  result.path = path;
  result.function = function;
  result.code = code;
  return result;
}

inline Frame own(std::string_view path, std::string_view function, std::string_view code = {}) {
  Frame result = frame(path, function, code);
  result.in_app_sent = result.in_app = true;
  return result;
}

inline Exception exception(std::string_view type, std::string_view message,
                           std::vector<Frame> frames = {}) {
  Exception result;
  result.type = type;
  result.message = message;
  result.frames = std::move(frames);
  return result;
}

inline Event event_of(std::string_view platform, std::vector<Exception> exceptions) {
  Event event;
  event.platform = platform;
  event.exceptions = std::move(exceptions);
  return event;
}

// The original project's example mail: an application installed into site-packages, its libraries
// as eggs.
inline Event seed_event() {
#define SITE "/services/shopkick_pylons/shopkick_pylons-current/py/lib/python2.6/site-packages/"
  return event_of(
      "python",
      {exception("IntegrityError",
                 "(IntegrityError) (1062, \"Duplicate entry '10229602058' for key 'PRIMARY'\")",
                 {frame(SITE "flawless-0.1.4-py2.6.egg/flawless/client/middleware.py", "__call__",
                        "return self.app(environ, start_response)"),
                  frame(SITE "Beaker-1.6.4-py2.6.egg/beaker/middleware.py", "__call__",
                        "return self.app(environ, start_response)"),
                  frame(SITE "apps/shopkick/pylons/lib/json_api.py", "wrapped",
                        "return func(obj, **new_kwargs)"),
                  frame(SITE "apps/shopkick/pylons/controllers/user.py", "create_web_registration",
                        "return handler.run() # Returns json string"),
                  frame(SITE "apps/shopkick/pylons/controllers/user.py", "run", "session.commit()"),
                  frame(SITE "SQLAlchemy-0.7.1-py2.6-linux-x86_64.egg/sqlalchemy/orm/session.py",
                        "commit", "self.transaction.commit()"),
                  frame("/build/bdist.linux-x86_64/egg/MySQLdb/cursors.py", "execute",
                        "self.errorhandler(self, exc, value)"),
                  frame("/build/bdist.linux-x86_64/egg/MySQLdb/connections.py",
                        "defaulterrorhandler", "raise errorclass, errorvalue")})});
#undef SITE
}

}  // namespace flawless::triage
