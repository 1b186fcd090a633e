// Golden files: every sample report of tests/data as the Event that is read from it, in readable
// text. FLAWLESS_UPDATE_GOLDEN=1 rewrites tests/data/golden/*.txt instead of comparing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/bytes.h"
#include "wire/report.h"
#include "wire/test_samples.h"

namespace flawless::wire {
namespace {

// The event as text: a line per field, long values shortened to their beginning, length and hash.
class Printer {
 public:
  std::string print(const Event& event) {
    line("level", level_name(event.level));
    if (event.occurred_at) line("occurred_at", to_rfc3339(*event.occurred_at));
    line("id", event.id.hex());
    origin(event);
    line("message", event.message);
    line("message_template", event.message_template);
    for (const Exception& exception : event.exceptions) this->exception(exception);
    for (const Thread& thread : event.threads) this->thread(thread);
    line("crash_report", event.crash_report);
    if (event.request) request(*event.request);
    person(event.person);
    pairs("tag", event.tags);
    pairs("module", event.modules);
    for (const Breadcrumb& crumb : event.breadcrumbs) breadcrumb(crumb);
    value("custom", event.custom);
    value("contexts", event.contexts);
    value("server", event.server);
    for (const Warning& warning : event.warnings) {
      out_ += fmt::format("warning {}: {}\n", warning.field, warning.text);
    }
    return out_;
  }

 private:
  static std::string shortened(std::string_view text, size_t most) {
    if (text.size() <= most) return std::string(text);
    while ((static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return fmt::format("{}… ({} bytes, {:016x})", text.substr(0, most), text.size(), hash64(text));
  }

  static std::string shown(std::string_view text) {
    std::string escaped;
    append_json_string(escaped, text);
    return shortened(std::string_view(escaped).substr(1, escaped.size() - 2), 160);
  }

  void line(std::string_view name, std::string_view text) {
    if (!text.empty()) out_ += fmt::format("{}{}: {}\n", indent_, name, shown(text));
  }

  void versioned(std::string_view name, std::string_view what, std::string_view version) {
    line(name, version.empty() ? std::string(what) : fmt::format("{} {}", what, version));
  }

  void any_value(std::string_view name, const Value& value) {
    JsonWriter json;
    write_value(json, value);
    out_ += fmt::format("{}{}: {}\n", indent_, name, shortened(json.text(), 160));
  }

  void value(std::string_view name, const Value& value) {
    if (!value.is_null()) any_value(name, value);
  }

  void pairs(std::string_view name,
             const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
    for (const auto& [key, text] : pairs) {
      out_ += fmt::format("{}{} {} = {}\n", indent_, name, shown(key), shown(text));
    }
  }

  void origin(const Event& event) {
    line("platform", event.platform);
    line("language", event.language);
    line("framework", event.framework);
    line("environment", event.environment);
    line("release", event.release);
    line("host", event.host);
    line("logger", event.logger);
    line("context", event.context);
    line("title", event.title);
    versioned("sdk", event.sdk_name, event.sdk_version);
    versioned("browser", event.browser, event.browser_version);
    versioned("os", event.os, event.os_version);
    line("device", event.device);
    line("server_root", event.server_root);
    line("trace_id", event.trace_id);
    for (std::string_view part : event.fingerprint) line("fingerprint", part);
  }

  void exception(const Exception& exception) {
    out_ += fmt::format("exception {}: {}\n", exception.type, shown(exception.message));
    indent_ = "  ";
    line("module", exception.module);
    line("mechanism", exception.mechanism);
    if (exception.handled) line("handled", *exception.handled ? "yes" : "no");
    if (exception.synthetic) line("synthetic", "yes");
    for (const Frame& frame : exception.frames) this->frame(frame);
    indent_ = "";
  }

  void thread(const Thread& thread) {
    out_ += fmt::format("thread {} {} {}{}{}\n", thread.id, thread.name, thread.state,
                        thread.crashed ? " crashed" : "", thread.current ? " current" : "");
    indent_ = "  ";
    for (const Frame& frame : thread.frames) this->frame(frame);
    indent_ = "";
  }

  void frame(const Frame& frame) {
    out_ += fmt::format("  frame {}:{}:{} {}{}{}\n", frame.path, frame.line, frame.column,
                        frame.class_name, frame.class_name.empty() ? "" : ".", frame.function);
    indent_ = "    ";
    line("abs_path", frame.abs_path);
    line("module", frame.module);
    line("package", frame.package);
    line("address", frame.address);
    if (frame.in_app_sent) line("in_app", *frame.in_app_sent ? "yes" : "no");
    line("code", frame.code);
    size_t around = frame.code_before.size() + frame.code_after.size();
    if (around > 0) {
      std::string text;
      for (std::string_view code : frame.code_before) text += std::string(code) + "\n";
      for (std::string_view code : frame.code_after) text += std::string(code) + "\n";
      line("around", fmt::format("{}+{} lines, {:016x}", frame.code_before.size(),
                                 frame.code_after.size(), hash64(text)));
    }
    for (const Variable& variable : frame.variables) {
      any_value(fmt::format("{} {}", role_name(variable.role), variable.name), variable.value);
    }
    indent_ = "  ";
  }

  void request(const Request& request) {
    out_ += fmt::format("request {} {}\n", request.method, shown(request.url));
    indent_ = "  ";
    line("query", request.query);
    pairs("header", request.headers);
    value("cookies", request.cookies);
    value("body", request.body);
    value("params", request.params);
    value("env", request.env);
    value("session", request.session);
    line("user_ip", request.user_ip);
    indent_ = "";
  }

  void person(const Person& person) {
    line("person id", person.id);
    line("person username", person.username);
    line("person email", person.email);
    line("person ip", person.ip);
    value("person extra", person.extra);
  }

  void breadcrumb(const Breadcrumb& crumb) {
    out_ += fmt::format("breadcrumb {} {} {} {} {}\n", crumb.at ? to_rfc3339(*crumb.at) : "-",
                        crumb.level ? level_name(*crumb.level) : "-", crumb.type, crumb.category,
                        shown(crumb.message));
    indent_ = "  ";
    value("data", crumb.data);
    indent_ = "";
  }

  std::string out_, indent_;
};

class Golden : public testing::TestWithParam<Sample> {};

const Arrival kArrival{{}, {}, {}, "203.0.113.7"};

TEST_P(Golden, EventIsReadAsRecorded) {
  Parser parser;
  Buffer body;
  body.assign(read_file(GetParam().path));
  auto inspection = inspect(GetParam().protocol, body.view(), parser);
  ASSERT_TRUE(inspection.is_ok()) << inspection.message();
  EXPECT_TRUE(inspection->has_event);
  auto event = read_event(GetParam().protocol, body.view(), Detail::kFull, kArrival, parser);
  ASSERT_TRUE(event.is_ok()) << event.message();

  std::string actual = Printer().print(*event);
  std::filesystem::path golden = test_data() / "golden" / (GetParam().name + ".txt");
  if (updates_golden()) {
    std::ofstream(golden, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(read_file(golden), actual) << "FLAWLESS_UPDATE_GOLDEN=1 rewrites " << golden;
}

void forget_what_the_index_needs_not(Event& event) {
  for (Exception& exception : event.exceptions) {
    for (Frame& frame : exception.frames) {
      frame.code_before.clear();
      frame.code_after.clear();
      frame.variables.clear();
    }
  }
  if (event.request) {
    Request& request = *event.request;
    request.cookies = request.body = request.params = request.env = request.session = Value{};
  }
  event.threads.clear();
  event.person.extra = event.custom = event.contexts = event.server = Value{};
  event.modules.clear();
  event.breadcrumbs.clear();
  event.warnings.clear();
}

std::string json_of(const Event& event) {
  JsonWriter json;
  write_event(json, event);
  return json.take();
}

TEST_P(Golden, IndexAndFullAgree) {
  Parser parser;
  Buffer body;
  body.assign(read_file(GetParam().path));
  auto index = read_event(GetParam().protocol, body.view(), Detail::kIndex, kArrival, parser);
  auto full = read_event(GetParam().protocol, body.view(), Detail::kFull, kArrival, parser);
  ASSERT_TRUE(index.is_ok() && full.is_ok());
  index->warnings.clear();
  forget_what_the_index_needs_not(*full);
  EXPECT_EQ(json_of(*full), json_of(*index));
}

INSTANTIATE_TEST_SUITE_P(Samples, Golden, testing::ValuesIn(all_samples()), test_name);

}  // namespace
}  // namespace flawless::wire
