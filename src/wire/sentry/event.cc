#include <array>

#include "wire/sentry/read.h"
#include "wire/user_agent.h"

namespace flawless::wire::sentry {
namespace {

struct Field {
  std::string_view key;
  std::string_view Event::* member;
};
constexpr std::array kNames = {
    Field{"platform", &Event::platform},   Field{"logger", &Event::logger},
    Field{"transaction", &Event::context}, Field{"server_name", &Event::host},
    Field{"release", &Event::release},     Field{"environment", &Event::environment},
};

// Members whose meaning depends on others; read once all have been seen.
struct Late {
  std::optional<Json> exception, threads, stacktrace, message, logentry, request, contexts, user,
      culprit, extra, dist, debug_meta;
};

struct LateField {
  std::string_view key;
  std::optional<Json> Late::* member;
};
constexpr std::array kLate = {
    LateField{"exception", &Late::exception},
    LateField{"threads", &Late::threads},
    LateField{"stacktrace", &Late::stacktrace},
    LateField{"message", &Late::message},
    LateField{"logentry", &Late::logentry},
    LateField{"request", &Late::request},
    LateField{"contexts", &Late::contexts},
    LateField{"user", &Late::user},
    LateField{"culprit", &Late::culprit},
    LateField{"extra", &Late::extra},
    LateField{"dist", &Late::dist},
    LateField{"debug_meta", &Late::debug_meta},
    // As the interfaces were called at first.
    LateField{"sentry.interfaces.Exception", &Late::exception},
    LateField{"sentry.interfaces.Stacktrace", &Late::stacktrace},
    LateField{"sentry.interfaces.Message", &Late::logentry},
    LateField{"sentry.interfaces.Http", &Late::request},
    LateField{"sentry.interfaces.User", &Late::user},
};

class EventReader {
 public:
  EventReader(std::string_view header_id, const Arrival& arrival, Reader& reader)
      : arrival_(arrival), reader_(reader), event_(reader.event) {
    if (event_.id.is_zero() && !header_id.empty()) event_.id = ReportId::from_client(header_id);
    id_is_known_ = !event_.id.is_zero();
  }

  void read(JsonObject object) {
    for (auto [key, value] : object) {
      if (value.is_null()) continue;
      if (!read_name(key, value) && !note_late(key, value)) read_other(key, value);
    }
    read_late();
    read_detail();
    finish();
  }

 private:
  bool read_name(std::string_view key, Json value) {
    for (const Field& field : kNames) {
      if (field.key == key) return event_.*field.member = reader_.name(Path(key), value), true;
    }
    return false;
  }

  bool note_late(std::string_view key, Json value) {
    for (const LateField& field : kLate) {
      if (field.key == key) return late_.*field.member = value, true;
    }
    return false;
  }

  void read_other(std::string_view key, Json value) {
    Path path(key);
    if (key == "event_id") {
      if (!id_is_known_ && !as_text(value).empty())
        event_.id = ReportId::from_client(as_text(value));
    } else if (key == "timestamp") {
      event_.occurred_at = reader_.time(path, value);
    } else if (key == "level") {
      read_level(path, value);
    } else if (key == "tags") {
      event_.tags = reader_.pairs(path, value, reader_.limits.tags);
    } else if (key == "fingerprint") {
      read_fingerprint(path, value);
    } else if (key == "sdk") {
      read_sdk(path, value);
    } else if (!reader_.full) {
      return;
    } else if (key == "modules") {
      event_.modules = reader_.pairs(path, value, reader_.limits.modules);
    } else if (key == "breadcrumbs" || key == "sentry.interfaces.Breadcrumbs") {
      read_breadcrumbs(path, value, reader_);
    }
  }

  void read_level(const Path& path, Json value) {
    if (auto level = reader_.level(path, value)) {
      event_.level = *level;
      event_.level_sent = true;
    }
  }

  void read_fingerprint(const Path& path, Json value) {
    if (value.is_array()) {
      event_.fingerprint = reader_.texts(path, value, reader_.limits.fingerprint_parts);
    } else {
      event_.fingerprint.assign(1, reader_.text_of_any(path, value));
    }
  }

  void read_sdk(const Path& path, Json value) {
    if (value.is_string()) {
      event_.sdk_name = reader_.name(path, value);
      return;
    }
    if (auto name = member(value, "name"))
      event_.sdk_name = reader_.name(Path(&path, "name"), *name);
    if (auto version = member(value, "version")) {
      event_.sdk_version = reader_.name(Path(&path, "version"), *version);
    }
    // Newer clients ask so for what was user.ip_address "{{auto}}".
    if (auto settings = member(value, "settings")) {
      auto infer = member(*settings, "infer_ip");
      infer_ip_ = infer && as_text(*infer) == "auto";
    }
  }

  void read_late() {
    if (late_.exception) read_exceptions(Path("exception"), *late_.exception, reader_);
    adopt_stack(late_.stacktrace, late_.threads, reader_);
    if (late_.message) read_message(Path("message"), *late_.message, reader_);
    if (late_.logentry) read_message(Path("logentry"), *late_.logentry, reader_);
    if (late_.request) read_request(Path("request"), *late_.request, reader_);
    if (late_.contexts) read_contexts(Path("contexts"), *late_.contexts, reader_);
    if (late_.user) read_user(Path("user"), *late_.user, arrival_, reader_);
    if (infer_ip_ && event_.person.ip.empty()) event_.person.ip = event_.keep(arrival_.peer_ip);
    if (late_.dist && event_.tags.size() < reader_.limits.tags) {
      event_.tags.emplace_back("dist", reader_.name(Path("dist"), *late_.dist));
    }
  }

  void read_detail() {
    if (!reader_.full) return;
    if (late_.threads) read_threads(Path("threads"), *late_.threads, reader_);
    if (late_.extra) event_.custom = reader_.value(Path("extra"), *late_.extra);
    if (late_.debug_meta) {
      reader_.add_member(event_.contexts, Path("debug_meta"), "debug_meta", *late_.debug_meta);
    }
  }

  void finish() {
    if (event_.environment.empty()) event_.environment = "production";
    if (event_.context.empty() && late_.culprit) {
      event_.context = reader_.name(Path("culprit"), *late_.culprit);
    }
    if (!event_.request) return;
    apply_user_agent(event_, event_.request->header("User-Agent"));
    if (event_.request->user_ip.empty()) event_.request->user_ip = event_.person.ip;
    if (event_.person.ip.empty()) event_.person.ip = event_.request->user_ip;
  }

  const Arrival& arrival_;
  Reader& reader_;
  Event& event_;
  Late late_;
  bool id_is_known_ = false, infer_ip_ = false;
};

}  // namespace

Status read(Json document, std::string_view header_id, const Arrival& arrival, Reader& reader) {
  JsonObject object;
  if (document.get(object) != simdjson::SUCCESS)
    return {Code::kInvalid, "the event is no JSON object"};
  EventReader(header_id, arrival, reader).read(object);
  return Status::ok();
}

}  // namespace flawless::wire::sentry
