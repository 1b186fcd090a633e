#include <utility>

#include "http/query.h"
#include "http/server.h"
#include "http/text.h"

namespace flawless::http {

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
    case Method::kOther:
      break;
  }
  return "OTHER";
}

std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::string Request::query_value(std::string_view name) const {
  return http::query_value(query, name);
}

std::vector<std::pair<std::string, std::string>> Request::query_values() const {
  return parse_query(query);
}

Responder::~Responder() = default;  // the sink answers 500 when nobody holds it any more

void Responder::send(Response response) {
  if (const auto sink = std::exchange(sink_, nullptr)) sink->send(std::move(response));
}

void Responder::add_headers(std::shared_ptr<const std::vector<Header>> headers) {
  if (sink_) sink_->add_headers(std::move(headers));
}

Responder::Stream Responder::stream(Response head) {
  auto sink = std::exchange(sink_, nullptr);
  if (sink) sink->start_stream(std::move(head));
  return Stream(std::move(sink));
}

}  // namespace flawless::http
