#include "cli/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>

namespace flawless::cli {
namespace {

constexpr size_t kMostReplyBytes = 64U << 20U;

size_t collect(char* bytes, size_t, size_t count, void* reply) {
  auto& body = *static_cast<std::string*>(reply);
  if (body.size() + count > kMostReplyBytes) return 0;
  body.append(bytes, count);
  return count;
}

struct CloseCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList make_headers(const std::vector<std::string>& headers) {
  HeaderList list;
  for (const std::string& header : headers) {
    curl_slist* longer = curl_slist_append(list.get(), header.c_str());
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

Code code_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
      return Code::kNotFound;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return Code::kUnavailable;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Code::kInvalid;
    default:
      return Code::kInternal;
  }
}

}  // namespace

Result<HttpReply> http_call(const HttpCall& call) {
  const std::unique_ptr<CURL, CloseCurl> curl(curl_easy_init());
  if (!curl) return {Code::kInternal, "libcurl cannot be used on this machine"};
  const HeaderList headers = make_headers(call.headers);
  HttpReply reply;
  std::array<char, CURL_ERROR_SIZE> reason{};
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, static_cast<long>(call.timeout.count()));
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &reply.body);
  if (!call.unix_socket.empty()) {
    curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, call.unix_socket.c_str());
  }
  if (!call.certificate.empty()) {
    curl_easy_setopt(c, CURLOPT_CAINFO, call.certificate.c_str());
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (call.body) {
    curl_easy_setopt(c, CURLOPT_POST, 1L);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, call.body->data());
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body->size()));
  }
  if (const CURLcode code = curl_easy_perform(c); code != CURLE_OK) {
    const std::string_view why = reason[0] != '\0' ? reason.data() : curl_easy_strerror(code);
    return {code_of(code), std::string(why)};
  }
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

Status try_to_connect(const std::string& host, int port, std::chrono::seconds timeout) {
  const std::unique_ptr<CURL, CloseCurl> curl(curl_easy_init());
  if (!curl) return {Code::kInternal, "libcurl cannot be used on this machine"};
  std::array<char, CURL_ERROR_SIZE> reason{};
  CURL* c = curl.get();
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string url = fmt::format("http://{}:{}", is_v6 ? "[" + host + "]" : host, port);
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, reason.data());
  const CURLcode code = curl_easy_perform(c);
  if (code == CURLE_OK) return Status::ok();
  return {Code::kUnavailable, reason[0] != '\0' ? reason.data() : curl_easy_strerror(code)};
}

}  // namespace flawless::cli
