#include "api/json_in.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>

namespace flawless::api {
namespace {

namespace dom = simdjson::dom;

constexpr int kMostLevels = 64;

class Converter {
 public:
  explicit Converter(Arena& arena) : arena_(arena) {}

  Result<Value> convert(dom::element element, int levels_left) {
    switch (element.type()) {
      case dom::element_type::ARRAY:
        return array(element, levels_left);
      case dom::element_type::OBJECT:
        return object(element, levels_left);
      default:
        return scalar(element);
    }
  }

 private:
  Value scalar(dom::element element) {
    Value value;
    switch (element.type()) {
      case dom::element_type::INT64:
        return Value::of_integer(element.get_int64().value_unsafe());
      case dom::element_type::UINT64:
        value.kind = Value::Kind::kUint;
        value.unsigned_integer = element.get_uint64().value_unsafe();
        return value;
      case dom::element_type::DOUBLE:
        value.kind = Value::Kind::kDouble;
        value.number = element.get_double().value_unsafe();
        return value;
      case dom::element_type::STRING:
        return Value::string(arena_.copy(element.get_string().value_unsafe()));
      case dom::element_type::BOOL:
        return Value::boolean(element.get_bool().value_unsafe());
      default:
        return value;
    }
  }

  Result<Value> array(dom::element element, int levels_left) {
    if (levels_left == 0) return too_deep();
    Value value;
    value.kind = Value::Kind::kArray;
    const dom::array entries = element.get_array().value_unsafe();
    for (dom::element entry : entries) {
      ASSIGN_OR_RETURN(Value converted, convert(entry, levels_left - 1));
      value.members.push_back({{}, std::move(converted)});
    }
    return value;
  }

  Result<Value> object(dom::element element, int levels_left) {
    if (levels_left == 0) return too_deep();
    Value value;
    value.kind = Value::Kind::kObject;
    const dom::object fields = element.get_object().value_unsafe();
    for (dom::key_value_pair field : fields) {
      ASSIGN_OR_RETURN(Value converted, convert(field.value, levels_left - 1));
      value.members.push_back({arena_.copy(field.key), std::move(converted)});
    }
    return value;
  }

  static Status too_deep() {
    return {Code::kInvalid, fmt::format("the JSON is nested deeper than {} levels", kMostLevels)};
  }

  Arena& arena_;
};

}  // namespace

Result<Value> read_json(std::string_view text, Arena& arena) {
  dom::parser parser;
  dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error) {
    return {Code::kInvalid, fmt::format("this is not JSON: {}", simdjson::error_message(error))};
  }
  return Converter(arena).convert(root, kMostLevels);
}

ObjectReader::ObjectReader(const Value& object) : object_(object) {
  if (!object.is_object()) fail("expected a JSON object, { … }");
}

const Value* ObjectReader::member(std::string_view name) {
  asked_.push_back(name);
  const Value* found = object_.find(name);
  return found != nullptr && found->is_null() ? nullptr : found;
}

std::optional<std::string_view> ObjectReader::string(std::string_view name) {
  const Value* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) return found->text;
  fail(fmt::format("'{}' must be a string", name));
  return std::nullopt;
}

std::string_view ObjectReader::required_string(std::string_view name) {
  const auto found = string(name);
  if (!found || found->empty()) {
    fail(fmt::format("'{}' is missing; give it as a string that is not empty", name));
  }
  return found.value_or(std::string_view());
}

std::optional<bool> ObjectReader::boolean(std::string_view name) {
  const Value* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (found->kind == Value::Kind::kBool) return found->flag;
  fail(fmt::format("'{}' must be true or false", name));
  return std::nullopt;
}

std::optional<int64_t> ObjectReader::integer(std::string_view name) {
  const Value* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (found->kind == Value::Kind::kInt) return found->integer;
  fail(fmt::format("'{}' must be a whole number", name));
  return std::nullopt;
}

Status ObjectReader::finish() const {
  if (!status_.is_ok() || !object_.is_object()) return status_;
  for (const Member& given : object_.members) {
    if (std::find(asked_.begin(), asked_.end(), given.name) == asked_.end()) {
      return {Code::kInvalid,
              fmt::format("'{}' is not known here; known: {}", given.name, known_names())};
    }
  }
  return Status::ok();
}

void ObjectReader::fail(std::string message) {
  if (status_.is_ok()) status_ = Status(Code::kInvalid, std::move(message));
}

std::string ObjectReader::known_names() const {
  return asked_.empty() ? "nothing" : fmt::format("{}", fmt::join(asked_, ", "));
}

}  // namespace flawless::api
