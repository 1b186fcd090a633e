#include "render/incident_view.h"

namespace flawless::render {
namespace {

// The client's own ink, greys made of transparency, and a few colours that are seen on white and on
// black alike: a mail is right in light and dark without any rule of its own.
struct Style {
  const char* name;
  const char* css;
};
#define MONO "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;"
constexpr Style kStyles[] = {
    {"wrap",
     "max-width:760px;margin:0 auto;padding:24px 20px 40px;font-family:system-ui,-apple-system,"
     "'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:14px;line-height:1.5;"},
    {"notice",
     "margin:0 0 20px;padding:10px 14px;border-left:3px solid #b7791f;border-radius:0 6px 6px 0;"
     "background:rgba(183,121,31,.12);white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"crumb", "margin:0 0 6px;opacity:.72;"},
    {"level", "color:#d14343;"},
    {"calm", "color:#3474da;"},
    {"h1", "margin:0 0 4px;font-size:20px;line-height:1.3;font-weight:600;overflow-wrap:anywhere;"},
    {"message",
     "margin:0 0 4px;font-size:16px;line-height:1.4;white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"place", "margin:14px 0 6px;" MONO "overflow-wrap:anywhere;"},
    {"source",
     "margin:0 0 16px;padding:8px 0;border:1px solid rgba(128,128,128,.28);border-radius:6px;" MONO
     "line-height:1.6;"},
    {"line", "padding:0 14px;white-space:pre-wrap;overflow-wrap:anywhere;opacity:.72;"},
    {"hit",
     "padding:0 14px 0 11px;white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid "
     "#d14343;background:rgba(209,67,67,.12);font-weight:600;"},
    {"who", "margin:0 0 2px;font-size:15px;"},
    {"small", "margin:0;font-size:13px;opacity:.8;overflow-wrap:anywhere;"},
    {"reasons", "margin:4px 0 0;padding:0 0 0 18px;font-size:13px;opacity:.8;"},
    {"facts", "margin:16px 0 0;"},
    {"actions", "margin:14px 0 10px;line-height:2.2;"},
    {"button",
     "display:inline-block;padding:5px 14px;margin-right:12px;border-radius:6px;"
     "background:#2f6fdb;color:#ffffff;text-decoration:none;font-weight:600;line-height:1.6;"},
    {"link",
     "margin-right:14px;color:inherit;text-decoration:underline;text-decoration-color:#3474da;"
     "text-underline-offset:3px;"},
    {"plain", "color:inherit;text-decoration:underline;text-decoration-color:#3474da;"},
    {"h2",
     "margin:28px 0 10px;padding-top:16px;border-top:1px solid rgba(128,128,128,.28);"
     "font-size:14px;font-weight:600;"},
    {"h3", "margin:14px 0 4px;" MONO "font-weight:600;overflow-wrap:anywhere;"},
    {"frame", "margin:0 0 6px;" MONO "overflow-wrap:anywhere;"},
    {"library_frame", "margin:0 0 6px;" MONO "overflow-wrap:anywhere;opacity:.66;"},
    {"code", "padding-left:22px;white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"hitcode",
     "margin-left:11px;padding-left:8px;border-left:3px solid #d14343;white-space:pre-wrap;"
     "overflow-wrap:anywhere;font-weight:600;"},
    {"error",
     "margin:10px 0 0;" MONO "font-weight:600;white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"role", "margin:2px 0 0 22px;font-size:12px;opacity:.66;"},
    {"variable", "padding-left:22px;" MONO "white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"data", "margin:0 0 8px;" MONO "white-space:pre-wrap;overflow-wrap:anywhere;"},
    {"foot",
     "margin:32px 0 0;padding-top:14px;border-top:1px solid rgba(128,128,128,.28);font-size:13px;"
     "opacity:.8;"},
    {"block",
     "margin:0 0 16px;padding:12px 14px;border:1px solid rgba(128,128,128,.28);border-radius:6px;"
     "overflow-wrap:anywhere;"},
};
#undef MONO

}  // namespace

View mail_styles() {
  View view;
  for (const Style& style : kStyles) {
    view.markup(style.name, std::string("style=\"") + style.css + "\"");
  }
  return view;
}

View page_styles() {
  View view;
  for (const Style& style : kStyles) {
    view.markup(style.name, std::string("class=\"") + style.name + "\"");
  }
  return view;
}

}  // namespace flawless::render
