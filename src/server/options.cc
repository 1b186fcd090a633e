#include "server/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "journal/block_writer.h"

namespace flawless::server {
namespace {

constexpr int kFirstInheritedSocket = 3;  // sd_listen_fds(3)

int inherited_socket() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || std::atoi(pid) != ::getpid()) return -1;
  return std::atoi(count) >= 1 ? kFirstInheritedSocket : -1;
}

}  // namespace

http::Options http_options(const Config& config) {
  http::Options options;
  options.address = config.http.address;
  options.port = static_cast<uint16_t>(config.http.port);
  options.inherited_socket = inherited_socket();
  options.tls = {config.http.tls_certificate, config.http.tls_key};
  options.threads = static_cast<int>(config.http.threads);
  options.max_body_bytes = config.limits.request_bytes;
  options.max_connections = static_cast<size_t>(config.limits.connections);
  options.trusted_proxies = config.http.trusted_proxies;
  return options;
}

journal::Options journal_options(const Config& config) {
  journal::Options options;
  options.directory = config.data_dir + "/journal";
  options.max_record_bytes = config.limits.request_bytes + (1U << 20U);
  options.segment_bytes = journal::BlockWriter::block_end(
      std::max(options.segment_bytes, 2 * options.max_record_bytes));
  options.gather = std::chrono::milliseconds(2);
  options.keep_for = config.retention.journal_max_age;
  options.max_total_bytes = config.retention.journal_max_bytes;
  options.min_free_bytes = config.retention.min_free_bytes;
  return options;
}

http::Options local_options(const Config& config) {
  http::Options options;
  options.unix_socket = config.data_dir + "/flawless.sock";
  options.threads = 1;
  options.max_body_bytes = 1U << 20U;
  options.max_connections = 64;
  return options;
}

}  // namespace flawless::server
