#include "render/request_view.h"

#include <fmt/format.h>

#include "render/links.h"
#include "render/printable.h"
#include "render/value_text.h"

namespace flawless::render {
namespace {

constexpr ValueStyle kPlain{false, false};

std::vector<View> pair_views(
    const std::vector<std::pair<std::string_view, std::string_view>>& pairs, const Detail& detail) {
  std::vector<View> views;
  for (const auto& [name, value] : pairs) {
    if (views.size() >= detail.rows) break;
    views.emplace_back()
        .text("name", brief(name, 100))
        .text("value", brief(value, detail.value_bytes));
  }
  return views;
}

std::vector<View> member_views(const Value& value, const Detail& detail) {
  std::vector<View> views;
  for (const Member& member : value.members) {
    if (views.size() >= detail.rows) break;
    views.emplace_back()
        .text("name", brief(member.name, 100))
        .text("value", value_text(member.value, kPlain, detail.text_bytes));
  }
  return views;
}

std::string url_of(const Request& request) {
  std::string url(request.url);
  if (!request.query.empty() && url.find('?') == url.npos) url += fmt::format("?{}", request.query);
  return url;
}

View request_view(const Request& request, const Detail& detail) {
  const std::string url = url_of(request);
  View view;
  return std::move(view.text("method", brief(request.method, 20))
                       .text("url", brief(url, detail.short_bytes))
                       .url("href", url.size() <= detail.short_bytes ? std::string_view(url) : "")
                       .list("headers", pair_views(request.headers, detail))
                       .text("body", request.body.is_null()
                                         ? ""
                                         : value_text(request.body, kPlain, detail.text_bytes))
                       .text("user_ip", brief(request.user_ip, 100)));
}

View person_view(const Person& person, const Detail& detail) {
  View view;
  const auto line = [&](std::string_view text) { return brief(text, detail.short_bytes); };
  return std::move(view.text("id", line(person.id))
                       .text("username", line(person.username))
                       .text("address", line(person.email)));
}

}  // namespace

void add_request(View& view, const Incident& incident, const Detail& detail) {
  const Event* event = incident.event;
  std::vector<View> tags, custom;
  if (event != nullptr) {
    tags = pair_views(event->tags, detail);
    custom = member_views(event->custom, detail);
  }
  const bool has_request = event != nullptr && event->request.has_value();
  const bool has_person = event != nullptr && !event->person.empty();
  view.flag("has_more", has_request || has_person || !tags.empty() || !custom.empty())
      .flag("has_tags", !tags.empty())
      .flag("has_custom", !custom.empty())
      .list("tags", std::move(tags))
      .list("custom", std::move(custom));
  if (has_request) {
    view.child("request", request_view(*event->request, detail));
  } else {
    view.flag("request", false);
  }
  if (has_person) {
    view.child("person", person_view(event->person, detail));
  } else {
    view.flag("person", false);
  }
}

}  // namespace flawless::render
