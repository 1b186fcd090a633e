// Thread names, as top, perf and /proc show them.
#pragma once

#include <pthread.h>

namespace flawless {

// At most 15 characters. "http", "journal", "digest" … : health adds up CPU time by these.
inline void name_this_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace flawless
