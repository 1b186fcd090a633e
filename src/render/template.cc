#include "render/template.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <utility>

#include "base/result.h"
#include "render/links.h"
#include "render/printable.h"

namespace flawless::render {

namespace mustache = kainjow::mustache;

View& View::text(std::string name, std::string_view value) {
  fields_.push_back({std::move(name), Kind::kText, printable(value), false, {}});
  return *this;
}

View& View::flag(std::string name, bool value) {
  fields_.push_back({std::move(name), Kind::kFlag, {}, value, {}});
  return *this;
}

View& View::child(std::string name, View value) {
  std::vector<View> one;
  one.push_back(std::move(value));
  fields_.push_back({std::move(name), Kind::kChild, {}, false, std::move(one)});
  return *this;
}

View& View::list(std::string name, std::vector<View> values) {
  fields_.push_back({std::move(name), Kind::kList, {}, false, std::move(values)});
  return *this;
}

View& View::url(std::string name, std::string_view value) {
  return text(std::move(name), safe_url(value));
}

View& View::markup(std::string name, std::string value) {
  fields_.push_back({std::move(name), Kind::kText, std::move(value), false, {}});
  return *this;
}

// Turns Views into what the library takes.
struct Filler {
  static mustache::data of(const View& view) {
    mustache::object object;
    for (const View::Field& field : view.fields_) object[field.name] = of(field);
    return mustache::data(std::move(object));
  }

  static mustache::data of(const View::Field& field) {
    switch (field.kind) {
      case View::Kind::kText:
        return field.text.empty() ? mustache::data(false) : mustache::data(field.text);
      case View::Kind::kFlag:
        return mustache::data(field.flag);
      case View::Kind::kChild:
        return of(field.views.front());
      case View::Kind::kList:
        break;
    }
    mustache::data list(mustache::data::type::list);
    for (const View& each : field.views) list.push_back(of(each));
    return list;
  }
};

namespace {

constexpr const char* kPartials[] = {"incident.html", "incident.text", "top.html", "foot.html"};

// Stands for an empty line of a template; no printable text has one.
constexpr char kEmptyLine = '\x01';

// A line with nothing but a tag that shows nothing itself.
bool is_standalone(std::string_view line) {
  if (!line.starts_with("{{") || !line.ends_with("}}")) return false;
  const bool silent = std::string_view("#^/>").find(line[2]) != std::string_view::npos;
  return silent && line.find("{{", 2) == line.npos;
}

// Standalone tags leave no line behind, and empty lines stay, whatever sections are near: the
// library gets both wrong where a section is not shown.
std::string source_of(std::string_view name) {
  std::string_view rest = template_file(std::string(name) + ".mustache");
  std::string source;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty()) source += kEmptyLine;
    source += line;
    if (!is_standalone(line)) source += '\n';
  }
  return source;
}

// Only the first line of a value may begin a line of a mail: else a message could bring a line of
// links that looks like ours.
std::string set_in(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

}  // namespace

std::string fill(std::string_view name, const View& view) {
  mustache::data data = Filler::of(view);
  for (const char* partial : kPartials) {
    data.set(partial, mustache::partial([partial] { return source_of(partial); }));
  }
  const std::string source = source_of(name);
  FLAWLESS_CHECK(!source.empty());
  mustache::mustache form(source);
  if (name.ends_with(".text")) {
    form.set_custom_escape(set_in);
  }
  std::string filled = form.render(data);
  if (!form.is_valid()) check_failed(form.error_message(), __FILE__, __LINE__);
  std::erase(filled, kEmptyLine);
  return filled;
}

}  // namespace flawless::render
