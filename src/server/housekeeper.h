// Small regular work that nobody waits for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace flawless::server {

// Runs its tasks one after another, every so often, on a thread of its own until it is destroyed;
// then once more.
class Housekeeper {
 public:
  Housekeeper(std::chrono::milliseconds every, std::vector<std::function<void()>> tasks);
  ~Housekeeper();
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void run();

  const std::chrono::milliseconds every_;
  const std::vector<std::function<void()>> tasks_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace flawless::server
