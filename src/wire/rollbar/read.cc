#include "wire/rollbar/read.h"

#include <algorithm>
#include <array>

#include "wire/user_agent.h"

namespace flawless::wire::rollbar {
namespace {

// Reads the members of `data`, then what follows from several of them together.
class ItemReader {
 public:
  ItemReader(const Arrival& arrival, Reader& reader)
      : arrival_(arrival), reader_(reader), event_(reader.event) {}

  void read(const Path& path, JsonObject data) {
    for (auto [key, value] : data) {
      if (value.is_null()) continue;
      Path inner(&path, key);
      if (!read_origin(key, inner, value) && !read_part(key, inner, value) && reader_.full) {
        extra_.push_back({key, value});
      }
    }
    if (reader_.full) merge_extra(path);
    finish(path);
  }

 private:
  bool read_origin(std::string_view key, const Path& path, Json value) {
    struct Field {
      std::string_view key;
      std::string_view Event::* member;
    };
    static constexpr std::array kFields = {
        Field{"environment", &Event::environment}, Field{"platform", &Event::platform},
        Field{"language", &Event::language},       Field{"framework", &Event::framework},
        Field{"context", &Event::context},         Field{"code_version", &Event::release}};
    for (const Field& field : kFields) {
      if (field.key == key) return event_.*field.member = reader_.name(path, value), true;
    }
    return false;
  }

  bool read_part(std::string_view key, const Path& path, Json value) {
    if (key == "body") return read_body(path, value, reader_), true;
    if (key == "level") return read_level(path, value), true;
    if (key == "timestamp") return event_.occurred_at = reader_.time(path, value), true;
    if (key == "title") return event_.title = reader_.text(path, value), true;
    if (key == "uuid") return read_id(value), true;
    if (key == "fingerprint") return read_fingerprint(path, value), true;
    if (key == "request") return read_request(path, value, arrival_, reader_), true;
    if (key == "person") return read_person(path, value), true;
    if (key == "server") return read_server(path, value), true;
    if (key == "client") return read_client(path, value), true;
    if (key == "notifier") return read_notifier(path, value), true;
    if (key == "attributes") return read_attributes(path, value), true;
    if (key == "is_uncaught") return uncaught_ = reader_.flag(path, value), true;
    if (key == "custom") return custom_ = value, true;
    // Where JavaScript's clients send it: nothing about the error.
    return key == "endpoint" && as_text(value).find("/api/1/item") != std::string_view::npos;
  }

  void read_level(const Path& path, Json value) {
    if (auto level = reader_.level(path, value)) {
      event_.level = *level;
      event_.level_sent = true;
    }
  }

  void read_id(Json value) {
    if (event_.id.is_zero() && !as_text(value).empty())
      event_.id = ReportId::from_client(as_text(value));
  }

  void read_fingerprint(const Path& path, Json value) {
    std::string_view text = reader_.text_of_any(path, value);
    if (!text.empty()) event_.fingerprint.assign(1, text);
  }

  void read_person(const Path& path, Json value) {
    auto object = reader_.object(path, value);
    if (!object) return;
    Person& person = event_.person;
    for (auto [key, field] : *object) {
      if (field.is_null()) continue;
      Path inner(&path, key);
      if (key == "id") {
        person.id = reader_.name(inner, field);
      } else if (key == "username") {
        person.username = reader_.name(inner, field);
      } else if (key == "email") {
        person.email = reader_.name(inner, field);
      } else if (reader_.full) {
        reader_.add_member(person.extra, inner, key, field);
      }
    }
  }

  void read_server(const Path& path, Json value) {
    auto object = reader_.object(path, value);
    if (!object) return;
    for (auto [key, field] : *object) {
      if (field.is_null()) continue;
      Path inner(&path, key);
      if (key == "host") {
        event_.host = reader_.name(inner, field);
      } else if (key == "root") {
        event_.server_root = without_trailing_slash(reader_.name(inner, field));
      } else if (key == "code_version") {
        server_version_ = reader_.name(inner, field);
      } else if (key == "sha") {
        server_sha_ = reader_.name(inner, field);
      } else if (reader_.full) {
        reader_.add_member(event_.server, inner, key, field);
      }
    }
  }

  static std::string_view without_trailing_slash(std::string_view root) {
    while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
    return root;
  }

  void read_client(const Path& path, Json value) {
    if (auto javascript = member(value, "javascript")) {
      if (auto browser = member(*javascript, "browser")) user_agent_ = as_text(*browser);
      if (auto version = member(*javascript, "code_version")) {
        client_version_ = reader_.name(path, *version);
      }
    }
    if (reader_.full) reader_.add_member(event_.contexts, path, "client", value);
  }

  void read_notifier(const Path& path, Json value) {
    auto object = reader_.object(path, value);
    if (!object) return;
    for (auto [key, field] : *object) {
      Path inner(&path, key);
      if (key == "name") event_.sdk_name = reader_.name(inner, field);
      if (key == "version") event_.sdk_version = reader_.name(inner, field);
      if (key == "diagnostic" && !uncaught_) read_diagnostic(inner, field);
    }
    if (reader_.full && object->size() > 2) {
      reader_.add_member(event_.contexts, path, "notifier", value);
    }
  }

  // The browser's client says only here whether anybody caught it.
  void read_diagnostic(const Path& path, Json value) {
    if (auto flag = member(value, "is_uncaught")) {
      uncaught_ = reader_.flag(Path(&path, "is_uncaught"), *flag);
    }
  }

  void read_attributes(const Path& path, Json value) {
    event_.tags = reader_.pairs(path, value, reader_.limits.tags);
    for (const auto& [key, text] : event_.tags) {
      if (key == "is_uncaught") uncaught_ = text == "true";
    }
  }

  // The application's own data, and behind it members of `data` that nobody knows.
  void merge_extra(const Path& path) {
    Value message_extra = std::move(event_.custom);
    event_.custom = Value{};
    if (custom_) read_custom(Path(&path, "custom"), *custom_);
    for (Member& member : message_extra.members) {
      if (event_.custom.find(member.name) == nullptr) add_custom(std::move(member));
    }
    event_.custom.cut += message_extra.cut;
    for (const auto& [key, value] : extra_) {
      reader_.add_member(event_.custom, Path(&path, key), key, value);
    }
  }

  void read_custom(const Path& path, Json json) {
    if (json.is_object()) {
      event_.custom = reader_.value(path, json);
    } else {
      reader_.add_member(event_.custom, path, "custom", json);
    }
  }

  void add_custom(Member member) {
    event_.custom.kind = Value::Kind::kObject;
    event_.custom.members.push_back(std::move(member));
  }

  // Go's notifiers send a stack as the run-time tells it: the innermost frame first.
  void put_innermost_last() {
    if (!event_.sdk_name.ends_with("rollbar-go") && event_.sdk_name != "go-rollbar") return;
    for (Exception& exception : event_.exceptions) {
      std::reverse(exception.frames.begin(), exception.frames.end());
    }
  }

  void finish(const Path& path) {
    put_innermost_last();
    if (event_.release.empty()) event_.release = server_version_;
    if (event_.release.empty()) event_.release = client_version_;
    if (event_.release.empty()) event_.release = server_sha_;
    if (!event_.level_sent)
      event_.level =
          event_.exceptions.empty() && !event_.message.empty() ? Level::kInfo : Level::kError;
    if (event_.environment.empty()) {
      event_.environment = "production";
      reader_.warn(Path(&path, "environment"), "missing; taken as production");
    }
    if (uncaught_ && !event_.exceptions.empty()) event_.exceptions[0].handled = !*uncaught_;
    if (user_agent_.empty() && event_.request) user_agent_ = event_.request->header("User-Agent");
    apply_user_agent(event_, user_agent_);
    if (event_.request) event_.person.ip = event_.request->user_ip;
  }

  struct Extra {
    std::string_view key;
    Json value;
  };

  const Arrival& arrival_;
  Reader& reader_;
  Event& event_;
  std::vector<Extra> extra_;
  std::optional<Json> custom_;
  std::optional<bool> uncaught_;
  std::string_view server_version_, client_version_, server_sha_, user_agent_;
};

}  // namespace

Status read(Json document, const Arrival& arrival, Reader& reader) {
  auto data = member(document, "data");
  JsonObject object;
  if (!data || data->get(object) != simdjson::SUCCESS) {
    return {Code::kInvalid, "the report has no \"data\" object"};
  }
  ItemReader(arrival, reader).read(Path("data"), object);
  return Status::ok();
}

}  // namespace flawless::wire::rollbar
