#include "server/housekeeper.h"

#include <utility>

#include "base/thread_name.h"

namespace flawless::server {

Housekeeper::Housekeeper(std::chrono::milliseconds every, std::vector<std::function<void()>> tasks)
    : every_(every), tasks_(std::move(tasks)), thread_([this] { run(); }) {}

Housekeeper::~Housekeeper() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeper::run() {
  name_this_thread("housekeeper");
  std::unique_lock lock(mutex_);
  bool last = false;
  while (!last) {
    last = wake_.wait_for(lock, every_, [this] { return stopping_; });
    lock.unlock();
    for (const auto& task : tasks_) task();
    lock.lock();
  }
}

}  // namespace flawless::server
