#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "api/json_in.h"

namespace flawless::cli {
namespace {

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
  }));
}

}  // namespace

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - characters(row[i]) + 2, ' ');
    }
    fmt::print("{}\n", line);
  }
}

Result<Reply> Reply::read(std::string_view json) {
  Reply reply;
  ASSIGN_OR_RETURN(reply.value_, api::read_json(json, reply.arena_));
  return reply;
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  if (member == nullptr) return "-";
  switch (member->kind) {
    case Value::Kind::kBool:
      return member->flag ? "yes" : "no";
    case Value::Kind::kInt:
      return std::to_string(member->integer);
    case Value::Kind::kString:
      return member->text.empty() ? "-" : std::string(member->text);
    default:
      return "-";
  }
}

const std::vector<Member>& list_of(const Value& object, std::string_view name) {
  static const std::vector<Member> kNone;
  const Value* member = object.find(name);
  return member == nullptr ? kNone : member->members;
}

}  // namespace flawless::cli
