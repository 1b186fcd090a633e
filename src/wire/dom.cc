#include "wire/dom.h"

#include "wire/json_error.h"
#include "wire/sanitise.h"

namespace flawless::wire {
namespace {

// What a parser may keep for the next report: twenty bytes of index and text for each of these.
constexpr size_t kKeptCapacity = 256 << 10;

simdjson::error_code try_parse(simdjson::dom::parser& parser, std::string_view text, Json& root) {
  return parser.parse(text.data(), text.size(), false).get(root);
}

Status explain(std::string_view text, simdjson::error_code code) {
  if (code == simdjson::MEMALLOC) return {Code::kUnavailable, "no memory to parse the report"};
  std::string where = find_json_error(text);
  if (where.empty()) where = simdjson::error_message(code);
  return {Code::kInvalid, "not valid JSON: " + where};
}

void shrink_parser(simdjson::dom::parser& parser) {
  if (parser.capacity() > kKeptCapacity) parser = simdjson::dom::parser();
}

void shrink_buffer(Buffer& buffer) {
  if (buffer.capacity() > kKeptCapacity) buffer = Buffer();
}

}  // namespace

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

void Parser::Impl::shrink() {
  bool large = document.capacity() > kKeptCapacity || header.capacity() > kKeptCapacity ||
               decoded.capacity() > kKeptCapacity || cleaned.capacity() > kKeptCapacity;
  if (!large) return;
  inspected.reset();
  shrink_parser(document);
  shrink_parser(header);
  shrink_buffer(decoded);
  shrink_buffer(cleaned);
}

Result<Document> parse_json(simdjson::dom::parser& parser, Buffer& cleaned, std::string_view text) {
  Document document;
  document.bytes = text.size();
  if (text.empty()) return {Code::kInvalid, "not valid JSON: the text is empty"};
  if (try_parse(parser, text, document.root) == simdjson::SUCCESS) return document;
  sanitise(text, cleaned);
  auto code = try_parse(parser, cleaned.view(), document.root);
  if (code != simdjson::SUCCESS) return explain(text, code);
  document.sanitised = true;
  return document;
}

std::optional<Json> member(Json json, std::string_view name) {
  std::optional<Json> found;
  JsonObject object;
  if (json.get(object) != simdjson::SUCCESS) return found;
  for (auto [key, value] : object) {
    if (key == name) found = value;
  }
  return found;
}

std::string_view kind_name(Json json) {
  switch (json.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

}  // namespace flawless::wire
