#include "render/traceback_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "render/printable.h"
#include "render/value_text.h"
#include "triage/text.h"

namespace flawless::render {
namespace {

std::string_view frame_path(const Frame& frame) {
  for (const std::string_view name : {frame.path, frame.abs_path, frame.module, frame.package}) {
    if (!name.empty()) return name;
  }
  return "?";
}

std::string frame_function(const Frame& frame) {
  if (frame.function.empty()) return "?";
  std::string name = frame.class_name.empty() ? "" : std::string(frame.class_name) + ".";
  return name += frame.function;
}

View frame_view(const Frame& frame, const Frame* culprit, const Detail& detail) {
  View view;
  return std::move(view.text("path", brief(frame_path(frame), detail.short_bytes))
                       .text("line", frame.line == 0 ? "" : std::to_string(frame.line))
                       .text("function", brief(frame_function(frame), detail.short_bytes))
                       .text("code", shorten(triage::trim(frame.code), detail.short_bytes))
                       .text("left_out", "")
                       .flag("in_app", frame.in_app)
                       .flag("hit", &frame == culprit));
}

// Of a long traceback the outer and the inner half, and the frame to blame.
std::vector<View> frame_views(const std::vector<Frame>& frames, const Frame* culprit,
                              const Detail& detail) {
  std::vector<View> views;
  const size_t outer = frames.size() <= detail.frames ? frames.size() : detail.frames / 3;
  const size_t inner = frames.size() <= detail.frames ? 0 : detail.frames - outer;
  size_t left_out = 0;
  const auto say_left_out = [&] {
    if (left_out == 0) return;
    views.emplace_back().text("left_out", counted(left_out, "frame", "frames") + " left out");
    left_out = 0;
  };
  for (size_t i = 0; i < frames.size(); ++i) {
    if (i >= outer && i + inner < frames.size() && &frames[i] != culprit) {
      ++left_out;
      continue;
    }
    say_left_out();
    views.push_back(frame_view(frames[i], culprit, detail));
  }
  say_left_out();
  return views;
}

std::vector<View> exception_views(const Event& event, const Frame* culprit, const Detail& detail) {
  std::vector<View> views;
  for (const Exception& exception : event.exceptions) {
    if (views.size() >= detail.rows) break;
    const std::string type =
        exception.module.empty() || exception.module == "builtins" || exception.type.empty()
            ? std::string(exception.type)
            : fmt::format("{}.{}", exception.module, exception.type);
    const bool suppressed = exception.mechanism == "suppressed";
    const bool cause = !views.empty() && !suppressed;
    views.emplace_back()
        .flag("cause", cause)
        .flag("suppressed", suppressed)
        .flag("first", !cause && !suppressed)
        .text("exception_type", brief(type.empty() ? "Error" : type, detail.short_bytes))
        .text("exception_message", shorten(exception.message, detail.text_bytes))
        .list("frames", frame_views(exception.frames, culprit, detail))
        .flag("has_frames", !exception.frames.empty());
  }
  return views;
}

using Named = std::pair<std::string, std::string>;

std::vector<View> variable_views(const Frame& frame, bool arguments, ValueStyle style,
                                 const Detail& detail, size_t& room) {
  std::vector<Named> named;
  for (const Variable& variable : frame.variables) {
    if ((variable.role != Variable::Role::kLocal) != arguments) continue;
    if (room == 0) break;
    --room;
    named.emplace_back(brief(variable.name, 100),
                       value_text(variable.value, style, detail.value_bytes));
  }
  std::sort(named.begin(), named.end());
  std::vector<View> views;
  for (const auto& [name, value] : named) {
    views.emplace_back().text("name", name).text("value", value);
  }
  return views;
}

View variables_view(const Frame& frame, const Frame* culprit, ValueStyle style,
                    const Detail& detail) {
  size_t room = detail.variables;
  std::vector<View> arguments = variable_views(frame, true, style, detail, room);
  std::vector<View> locals = variable_views(frame, false, style, detail, room);
  const size_t left_out = frame.variables.size() - arguments.size() - locals.size();
  View view = frame_view(frame, culprit, detail);
  view.flag("both", !arguments.empty() && !locals.empty())
      .flag("none", frame.variables.empty())
      .text("more", left_out == 0 ? "" : counted(left_out, "more variable", "more variables"))
      .list("arguments", std::move(arguments))
      .list("locals", std::move(locals));
  return view;
}

// Which frames' variables help: in-app ones that carry any; the culprit always; the innermost ones
// when they are too many. In order of the traceback.
std::vector<const Frame*> telling_frames(const Event& event, const Frame* culprit, size_t most) {
  std::vector<const Frame*> chosen;
  for (const Exception& exception : event.exceptions) {
    const size_t before = chosen.size();
    for (auto frame = exception.frames.rbegin(); frame != exception.frames.rend(); ++frame) {
      const bool first = &exception == &event.exceptions.front();
      const bool wanted = frame->in_app && (first || !frame->variables.empty());
      if ((wanted && chosen.size() < most) || (&*frame == culprit && most > 0)) {
        chosen.push_back(&*frame);
      }
    }
    std::reverse(chosen.begin() + static_cast<std::ptrdiff_t>(before), chosen.end());
  }
  return chosen;
}

}  // namespace

void add_traceback(View& view, const Incident& incident, const Detail& detail) {
  std::vector<View> exceptions, variables;
  if (incident.event != nullptr) {
    const Frame* culprit = culprit_frame(incident);
    const ValueStyle style = value_style(*incident.event);
    exceptions = exception_views(*incident.event, culprit, detail);
    for (const Frame* frame : telling_frames(*incident.event, culprit, detail.variable_frames)) {
      variables.push_back(variables_view(*frame, culprit, style, detail));
    }
  }
  view.flag("has_variables", !variables.empty())
      .list("exceptions", std::move(exceptions))
      .list("variable_frames", std::move(variables));
}

}  // namespace flawless::render
