#include "triage/scrub.h"

#include <algorithm>

#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {

// Walks trees and the fields of an Event.
class TreeScrubber {
 public:
  TreeScrubber(const Scrubber& names, Arena& arena) : names_(names), arena_(arena) {}

  void text(std::string_view& text) {
    if (text.size() < kShortestSecretText) return;
    std::string out;
    if (TextScrubber(names_, text, TextScrubber::Mode::kAll).run(out)) text = arena_.copy(out);
  }

  // Of text that is one URL or none.
  void url(std::string_view& url) {
    if (url.size() < kShortestSecretUrl || url.find("://") == std::string_view::npos) return;
    urls_and_keys(url);
  }

  // Of a name, which may be a URL or a key.
  void name(std::string_view& name) { name.size() < kShortestKey ? url(name) : urls_and_keys(name); }

  void named(std::string_view name, Value& value) {
    if (is_cookie_jar(name, value)) return jar(value);
    if (!names_.is_secret_name(name)) {
      if (value.is_string() && is_plain_number(value.text) && is_id_name(name)) return;
      return tree(value);
    }
    if (value.is_string() && is_cookie_name(name)) return cookie_text(name, value.text);
    hide(name, value);
  }

  void tree(Value& value) {
    if (value.is_string()) return text(value.text);
    if (value.is_array()) return array(value);
    if (!value.is_object()) return;
    const Member* secret = named_apart(value);
    const bool in_frame = is_frame(value);
    const Value* names = in_frame ? value.find("argspec") : nullptr;
    for (Member& member : value.members) {
      if (&member == secret || (in_frame && is_source(member.name))) continue;
      if (in_frame && is_path(member.name) && member.value.is_string()) {
        url(member.value.text);
        continue;
      }
      if (names != nullptr && member.name == "args") positional(*names, member.value);
      named(member.name, member.value);
      this->name(member.name);
    }
  }

  // Every value of a map of cookies.
  void jar(Value& value) {
    if (value.is_string()) return cookie_text("cookie", value.text);
    for (Member& member : value.members) {
      name(member.name);
      if (member.value.is_array() || member.value.is_object()) {
        jar(member.value);
      } else if (hides(member.value)) {
        member.value = Value::scrubbed();
      }
    }
  }

  void pair(std::string_view& name, std::string_view& value) {
    secret_pair(name, value);
    this->name(name);
  }

 private:
  void urls_and_keys(std::string_view& text) {
    std::string out;
    if (TextScrubber(names_, text, TextScrubber::Mode::kUrlsOnly).run(out)) text = arena_.copy(out);
  }

  static constexpr size_t kShortestSecretText = 5;  // "pw=x" is not worth the time
  static constexpr size_t kShortestSecretUrl = 10;  // "a://u:p@hh"
  static constexpr size_t kShortestKey = 20;        // "AKIA" and 16 more

  void secret_pair(std::string_view name, std::string_view& value) {
    if (!names_.is_secret_name(name)) {
      if (!is_plain_number(value) || !is_id_name(name)) text(value);
      return;
    }
    if (is_harmless(value)) return;
    if (is_cookie_name(name)) return cookie_text(name, value);
    if (equal_folded(name, "authorization") || equal_folded(name, "proxy-authorization")) {
      return authorization(value);
    }
    value = kScrubbedText;
  }

  // As Rollbar and Sentry send it, or as our own format has it.
  static bool is_frame(const Value& object) {
    if (object.find("lineno") != nullptr) return true;
    return object.find("line") != nullptr &&
           (object.find("path") != nullptr || object.find("function") != nullptr);
  }
  static bool is_source(std::string_view name) {
    return name == "code" || name == "context" || name == "context_line" ||
           name == "pre_context" || name == "post_context" || name == "code_before" ||
           name == "code_after";
  }
  static bool is_path(std::string_view name) {
    return name == "filename" || name == "path" || name == "abs_path";
  }

  static bool hides(const Value& value) {
    switch (value.kind) {
      case Value::Kind::kNull:
      case Value::Kind::kBool:
      case Value::Kind::kScrubbed:
        return false;
      case Value::Kind::kString:
        return !is_harmless(value.text);
      case Value::Kind::kArray:
      case Value::Kind::kObject:
        return !value.members.empty();
      default:
        return true;
    }
  }

  // What keeps more than the secret is looked into: a session is a map of the user's state.
  static bool is_container(std::string_view name) {
    std::string_view last = name.substr(name.find_last_of("_-.") + 1);
    return equal_folded(last, "session") || equal_folded(last, "auth") ||
           equal_folded(last, "authentication");
  }

  static bool is_cookie_name(std::string_view name) {
    return name.size() >= 6 && equal_folded(name.substr(name.size() - 6), "cookie");
  }
  static bool is_cookie_jar(std::string_view name, const Value& value) {
    return (equal_folded(name, "cookies") || equal_folded(name, "request.cookies")) &&
           (value.is_object() || value.is_array() || value.is_string());
  }

  void hide(std::string_view name, Value& value) {
    if (value.is_object() && is_container(name)) return tree(value);
    if (hides(value)) value = Value::scrubbed();
  }

  // {"name": "password", "value": …}, as header and parameter lists have it: hides the value and
  // returns its member.
  const Member* named_apart(Value& object) {
    Member* value = nullptr;
    std::string_view name;
    for (Member& member : object.members) {
      if (equal_folded(member.name, "value")) value = &member;
      if (member.value.is_string() &&
          (equal_folded(member.name, "name") || equal_folded(member.name, "key"))) {
        name = member.value.text;
      }
    }
    if (value == nullptr || name.empty() || !names_.is_secret_name(name)) return nullptr;
    hide(name, value->value);
    return value;
  }

  // "--password", or "'--password'" as Python's repr() shows it.
  bool is_secret_option(std::string_view text) const {
    const Opening opening = opening_of(text, 0);
    if (opening.quoted) text.remove_prefix(opening.at + 1);
    return text.starts_with('-') && text.find('=') == std::string_view::npos &&
           names_.is_secret_name(text);
  }

  // Lists of pairs, and arguments of a command ("--password", "x").
  void array(Value& array) {
    bool next_is_secret = false;
    for (Member& member : array.members) {
      Value& value = member.value;
      if (next_is_secret && value.is_string() && hides(value)) value = Value::scrubbed();
      next_is_secret = value.is_string() && is_secret_option(value.text);
      if (value.is_array() && value.members.size() == 2 && value.members[0].value.is_string()) {
        std::string_view& first = value.members[0].value.text;
        named(first, value.members[1].value);
        text(first);
      } else {
        tree(value);
      }
    }
  }

  // Rollbar's `args` lie beside the names of the parameters.
  void positional(const Value& names, Value& values) {
    if (!names.is_array() || !values.is_array()) return;
    const size_t most = std::min(names.members.size(), values.members.size());
    for (size_t i = 0; i < most; ++i) named(names.members[i].value.text, values.members[i].value);
  }

  void cookie_text(std::string_view name, std::string_view& text) {
    std::string out;
    if (scrub_cookies(text, starts_with_folded(name, "set"), out)) text = arena_.copy(out);
  }

  // Keeps the scheme: "Basic [scrubbed]".
  void authorization(std::string_view& value) {
    size_t space = value.find(' ');
    std::string_view secret = space == std::string_view::npos ? value : value.substr(space + 1);
    if (is_harmless(secret)) return;
    std::string out(value.substr(0, value.size() - secret.size()));
    value = arena_.copy(out.append(kScrubbedText));
  }

  const Scrubber& names_;
  Arena& arena_;
};

namespace {

void scrub_frames(TreeScrubber& scrubber, std::vector<Frame>& frames) {
  for (Frame& frame : frames) {
    for (std::string_view* place : {&frame.path, &frame.abs_path, &frame.module, &frame.function,
                                    &frame.class_name, &frame.package, &frame.address}) {
      scrubber.url(*place);
    }
    for (Variable& variable : frame.variables) {
      scrubber.named(variable.name, variable.value);
      scrubber.url(variable.name);
    }
  }
}

void scrub_stacks(TreeScrubber& scrubber, Event& event) {
  for (Exception& exception : event.exceptions) {
    for (std::string_view* text :
         {&exception.type, &exception.module, &exception.message, &exception.mechanism}) {
      scrubber.text(*text);
    }
    scrub_frames(scrubber, exception.frames);
  }
  for (Thread& thread : event.threads) {
    for (std::string_view* text : {&thread.id, &thread.name, &thread.state}) scrubber.text(*text);
    scrub_frames(scrubber, thread.frames);
  }
}

void scrub_request(TreeScrubber& scrubber, Request& request) {
  for (std::string_view* text : {&request.method, &request.url, &request.query, &request.user_ip}) {
    scrubber.text(*text);
  }
  for (auto& [name, value] : request.headers) scrubber.pair(name, value);
  scrubber.jar(request.cookies);
  for (Value* value : {&request.body, &request.params, &request.env, &request.session}) {
    scrubber.tree(*value);
  }
}

void scrub_person(TreeScrubber& scrubber, Person& person) {
  if (!is_plain_number(person.id)) scrubber.text(person.id);
  for (std::string_view* text : {&person.username, &person.email, &person.ip}) {
    scrubber.text(*text);
  }
  scrubber.tree(person.extra);
}

void scrub_texts(TreeScrubber& scrubber, Event& event) {
  for (std::string_view* text :
       {&event.platform, &event.language, &event.framework, &event.environment, &event.release,
        &event.host, &event.logger, &event.context, &event.title, &event.sdk_name,
        &event.sdk_version, &event.browser, &event.browser_version, &event.os, &event.os_version,
        &event.device, &event.server_root, &event.trace_id, &event.message,
        &event.message_template, &event.crash_report}) {
    scrubber.text(*text);
  }
  for (std::string_view& part : event.fingerprint) scrubber.text(part);
}

void scrub_lists(TreeScrubber& scrubber, Event& event) {
  for (auto& [name, value] : event.tags) scrubber.pair(name, value);
  for (auto& [name, version] : event.modules) {  // a module may be called "jwt"
    scrubber.text(name);
    scrubber.text(version);
  }
  for (Breadcrumb& crumb : event.breadcrumbs) {
    for (std::string_view* text : {&crumb.type, &crumb.category, &crumb.message}) {
      scrubber.text(*text);
    }
    scrubber.tree(crumb.data);
  }
  for (Warning& warning : event.warnings) {
    scrubber.text(warning.field);
    scrubber.text(warning.text);
  }
}

}  // namespace

void Scrubber::scrub(Event& event) const {
  TreeScrubber scrubber(*this, event.arena);
  scrub_stacks(scrubber, event);
  if (event.request) scrub_request(scrubber, *event.request);
  scrub_person(scrubber, event.person);
  scrub_texts(scrubber, event);
  scrub_lists(scrubber, event);
  for (Value* value : {&event.custom, &event.contexts, &event.server}) scrubber.tree(*value);
}

void Scrubber::scrub(Value& value, Arena& arena) const { TreeScrubber(*this, arena).tree(value); }

std::string Scrubber::scrub_urls(std::string_view text) const {
  std::string out(text);
  TextScrubber(*this, text, TextScrubber::Mode::kUrlsOnly).run(out);
  return out;
}

std::string Scrubber::scrub_text(std::string_view text) const {
  std::string out(text);
  TextScrubber(*this, text, TextScrubber::Mode::kAll).run(out);
  return out;
}

}  // namespace flawless::triage
