#include "body/indent.h"

namespace flawless::body {
namespace {

void new_line(std::string& out, size_t depth) {
  out.push_back('\n');
  out.append(2 * depth, ' ');
}

// The index behind the string that starts at `at` with a quote.
size_t end_of_string(std::string_view json, size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at < json.size() ? at + 1 : json.size();
}

bool opens(char c) { return c == '{' || c == '['; }
bool closes(char c) { return c == '}' || c == ']'; }

}  // namespace

std::string indent(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 2);
  size_t depth = 0;
  for (size_t i = 0; i < json.size();) {
    char c = json[i];
    if (c == '"') {
      size_t end = end_of_string(json, i);
      out.append(json, i, end - i);
      i = end;
      continue;
    }
    if (opens(c) && i + 1 < json.size() && closes(json[i + 1])) {
      out.append(json, i, 2);
      i += 2;
      continue;
    }
    if (closes(c)) new_line(out, depth > 0 ? --depth : 0);
    out.push_back(c);
    if (opens(c)) new_line(out, ++depth);
    if (c == ',') new_line(out, depth);
    if (c == ':') out.push_back(' ');
    ++i;
  }
  return out;
}

}  // namespace flawless::body
