#include "wire/envelope.h"

#include <fmt/format.h>

#include <algorithm>

namespace flawless::wire {
namespace {

std::string_view take_line(std::string_view& rest) {
  size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

Result<Json> parse_header(std::string_view line, std::string_view what, Parser::Impl& parser) {
  if (line.size() > kMostHeaderLineBytes) {
    return {Code::kInvalid, fmt::format("{}: the header line has {} bytes, {} are allowed", what,
                                        line.size(), kMostHeaderLineBytes)};
  }
  auto document = parse_json(parser.header, parser.cleaned, line);
  if (!document) return document.status().with_context(what);
  if (!document->root.is_object()) {
    return {Code::kInvalid, fmt::format("{}: the header must be a JSON object, not {}", what,
                                        kind_name(document->root))};
  }
  return document->root;
}

struct ItemHeader {
  bool is_event = false;
  std::optional<uint64_t> length;
};

Result<ItemHeader> read_item_header(Json json, std::string_view what) {
  ItemHeader header;
  bool has_type = false;
  JsonObject object;
  if (json.get(object) != simdjson::SUCCESS) return header;
  for (auto [key, value] : object) {
    if (key == "type") {
      has_type = value.is_string();
      header.is_event = as_text(value) == "event";
    } else if (key == "length" && !value.is_null()) {
      uint64_t length = 0;
      if (value.get(length) != simdjson::SUCCESS) {
        return {Code::kInvalid, fmt::format("{}: \"length\" is no count of bytes", what)};
      }
      header.length = length;
    }
  }
  if (!has_type) return {Code::kInvalid, fmt::format("{} has no \"type\"", what)};
  return header;
}

Result<std::string_view> take_payload(std::string_view& rest, std::optional<uint64_t> length,
                                      std::string_view what) {
  if (!length) return take_line(rest);
  if (*length > rest.size()) {
    return {Code::kInvalid,
            fmt::format("{}: length {} goes past the end of the body ({} bytes left)", what,
                        *length, rest.size())};
  }
  std::string_view payload = rest.substr(0, *length);
  rest.remove_prefix(*length);
  if (!rest.empty() && rest.front() != '\n') {
    return {Code::kInvalid,
            fmt::format("{}: no newline after {} bytes of payload; is \"length\" right?", what,
                        *length)};
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return payload;
}

Status read_envelope_header(std::string_view line, Envelope& envelope, Parser::Impl& parser) {
  ASSIGN_OR_RETURN(Json header, parse_header(line, "Envelope header", parser));
  JsonObject object;
  if (header.get(object) != simdjson::SUCCESS) return Status::ok();
  for (auto [key, value] : object) {
    // The header parser is used again for each item: keep what is needed.
    if (key == "event_id") envelope.event_id = parser.notes.copy(as_text(value));
    if (key == "dsn") envelope.dsn_key = parser.notes.copy(key_of_dsn(as_text(value)));
  }
  return Status::ok();
}

Status read_item(std::string_view& rest, std::string_view line, size_t number, Envelope& envelope,
                 Parser::Impl& parser) {
  std::string what = fmt::format("Envelope item {}", number);
  ASSIGN_OR_RETURN(Json json, parse_header(line, what, parser));
  ASSIGN_OR_RETURN(ItemHeader header, read_item_header(json, what));
  ASSIGN_OR_RETURN(std::string_view payload, take_payload(rest, header.length, what));
  if (!header.is_event) {
    ++envelope.skipped_items;
  } else if (envelope.has_event) {
    return {Code::kInvalid, "2 event items in one envelope; send one event per envelope"};
  } else {
    envelope.has_event = true;
    envelope.event = payload;
  }
  return Status::ok();
}

}  // namespace

Result<Envelope> split_envelope(std::string_view body, Parser::Impl& parser) {
  Envelope envelope;
  std::string_view rest = body;
  if (is_blank(rest))
    return {Code::kInvalid, "the body is empty; an envelope begins with a header line"};
  RETURN_IF_ERROR(read_envelope_header(take_line(rest), envelope, parser));
  size_t number = 0;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (is_blank(line)) continue;
    if (++number > kMostEnvelopeItems) {
      return {Code::kInvalid,
              fmt::format("more than {} items in one envelope", kMostEnvelopeItems)};
    }
    RETURN_IF_ERROR(read_item(rest, line, number, envelope, parser));
  }
  return envelope;
}

std::string_view key_of_dsn(std::string_view dsn) {
  size_t scheme = dsn.find("://");
  if (scheme == std::string_view::npos) return {};
  dsn.remove_prefix(scheme + 3);
  std::string_view authority = dsn.substr(0, dsn.find_first_of("/?#"));
  size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string_view user = authority.substr(0, at);
  return user.substr(0, user.find(':'));
}

}  // namespace flawless::wire
