// Which frames are the application's own.
#pragma once

#include "event/event.h"

namespace flawless::triage {

// Sets Frame::in_app of every frame: the SDK's word, else path, module and image rules
// (site-packages, node_modules, vendor, <frozen …>, java.*, /usr/lib, ntdll.dll, std:: …). A
// browser's or Java's that denies every frame is not believed, nor is a yes of Rust's, which says
// it of every crate, nor of Python's for its standard library. What lies below the server's root is
// in-app unless a vendored directory follows. An application that is itself installed into
// site-packages beside .egg directories is recognised when nothing else is in-app. Never depends on
// a repository, so that grouping does not change when one arrives.
void mark_in_app(Event& event);

}  // namespace flawless::triage
