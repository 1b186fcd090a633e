#include "wire/body.h"

#include <fmt/format.h>

#include "wire/envelope.h"
#include "wire/limits.h"
#include "wire/text_codec.h"

namespace flawless::wire {
namespace {

bool starts_like_object(std::string_view body) {
  while (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '{';
}

Result<OpenBody> open_json(std::string_view text, Parser::Impl& parser) {
  ASSIGN_OR_RETURN(Document document, parse_json(parser.document, parser.cleaned, text));
  if (!document.root.is_object()) {
    return {Code::kInvalid,
            fmt::format("the report must be a JSON object, not {}", kind_name(document.root))};
  }
  OpenBody open;
  open.event = document.root;
  open.event_bytes = document.bytes;
  open.sanitised = document.sanitised;
  return open;
}

std::string_view decoded_note(std::string_view encoded, Arena& notes) {
  encoded = encoded.substr(0, 1024);
  char* out = notes.reserve(encoded.size());
  return {out, decode_form_value(encoded, out)};
}

Status check_rollbar(Json root) {
  auto data = member(root, "data");
  if (!data) return {Code::kInvalid, "the report has no \"data\""};
  if (!data->is_object()) {
    return {Code::kInvalid, fmt::format("\"data\" must be an object, not {}", kind_name(*data))};
  }
  auto body = member(*data, "body");
  if (!body) {
    return {Code::kInvalid,
            "\"data\" has no \"body\" (trace, trace_chain, message or crash_report)"};
  }
  if (!body->is_object()) {
    return {Code::kInvalid,
            fmt::format("\"data.body\" must be an object, not {}", kind_name(*body))};
  }
  return Status::ok();
}

// The fields of a form that we look at, in either encoding. Views point into the body or `parser`.
struct Form {
  std::string_view payload, access_token;
};

Result<Form> read_multipart(std::string_view body) {
  auto payload = multipart_field(body, "payload");
  if (!payload) {
    return {Code::kInvalid, "the multipart body has no field \"payload\" with the report as JSON"};
  }
  return Form{*payload, multipart_field(body, "access_token").value_or("")};
}

Result<Form> read_urlencoded(std::string_view body, Parser::Impl& parser) {
  auto payload = form_field(body, "payload");
  if (!payload) {
    return {Code::kInvalid,
            "the body is neither a JSON object nor a form with the field \"payload\""};
  }
  parser.decoded.reserve(payload->size());
  parser.decoded.set_size(decode_form_value(*payload, parser.decoded.data()));
  return Form{parser.decoded.view(),
              decoded_note(form_field(body, "access_token").value_or(""), parser.notes)};
}

Result<OpenBody> open_rollbar(std::string_view body, Parser::Impl& parser) {
  Form form{body, {}};
  if (body.starts_with("--")) {
    ASSIGN_OR_RETURN(form, read_multipart(body));
  } else if (!starts_like_object(body)) {
    ASSIGN_OR_RETURN(form, read_urlencoded(body, parser));
  }
  ASSIGN_OR_RETURN(OpenBody open, open_json(form.payload, parser));
  RETURN_IF_ERROR(check_rollbar(open.event));
  if (auto token = member(open.event, "access_token")) open.access_token = as_text(*token);
  if (open.access_token.empty()) open.access_token = form.access_token;
  return open;
}

// base64 of JSON, or base64 of zlib of JSON, as clients without Content-Encoding sent it.
Result<std::string_view> unwrap_store(std::string_view body, Parser::Impl& parser, size_t most) {
  if (body.empty()) return {Code::kInvalid, "the body is empty"};
  if (!decode_base64(body, parser.decoded)) {
    return {Code::kInvalid, "the body is neither a JSON object nor base64"};
  }
  if (starts_like_object(parser.decoded.view())) return parser.decoded.view();
  Buffer inflated;
  RETURN_IF_ERROR(inflate(Encoding::kDeflate, parser.decoded.view(), most, inflated)
                      .with_context("inside the base64 text"));
  parser.decoded = std::move(inflated);
  return parser.decoded.view();
}

Result<OpenBody> open_store(std::string_view body, Parser::Impl& parser, size_t most) {
  std::string_view text = body;
  if (!starts_like_object(body)) {
    ASSIGN_OR_RETURN(text, unwrap_store(body, parser, most));
  }
  ASSIGN_OR_RETURN(OpenBody open, open_json(text, parser));
  if (auto type = member(open.event, "type"); type && as_text(*type) == "transaction") {
    open.has_event = false;
    open.skipped_items = 1;
  }
  return open;
}

Result<OpenBody> open_envelope(std::string_view body, Parser::Impl& parser) {
  ASSIGN_OR_RETURN(Envelope envelope, split_envelope(body, parser));
  OpenBody open;
  if (envelope.has_event) {
    auto event = open_json(envelope.event, parser);
    if (!event) return event.status().with_context("Envelope event item");
    open = *event;
  }
  open.has_event = envelope.has_event;
  open.header_id = envelope.event_id;
  open.dsn_key = envelope.dsn_key;
  open.skipped_items = envelope.skipped_items;
  return open;
}

}  // namespace

Result<OpenBody> open_body(Protocol protocol, std::string_view body, Parser::Impl& parser,
                           size_t most) {
  parser.notes.reset();
  switch (protocol) {
    case Protocol::kRollbar:
      return open_rollbar(body, parser);
    case Protocol::kSentryStore:
      return open_store(body, parser, most);
    case Protocol::kSentryEnvelope:
      return open_envelope(body, parser);
    case Protocol::kFlawless:
      return open_json(body, parser);
  }
  return {Code::kInvalid, "unknown protocol"};
}

}  // namespace flawless::wire
