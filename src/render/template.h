// Fills the templates of this room. Internal.
//
// HTML templates escape every value; text templates set in its further lines (in {{{name}}} they
// stay). A View takes text only through functions that make it printable, so whatever was reported
// cannot change what a page or mail says around it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flawless::render {

// What a template is filled with. Empty texts and empty lists do not open a section. Names that a
// template asks for must be set at that level, since an unset one is looked up further out.
class View {
 public:
  View& text(std::string name, std::string_view value);  // made printable; may have many lines
  View& flag(std::string name, bool value);
  View& child(std::string name, View value);
  View& list(std::string name, std::vector<View> values);
  // Only http and https; anything else is left empty.
  View& url(std::string name, std::string_view value);
  // Our own markup, inserted as it is by {{{name}}}.
  View& markup(std::string name, std::string value);

 private:
  friend struct Filler;
  enum class Kind { kText, kFlag, kChild, kList };
  struct Field {
    std::string name;
    Kind kind;
    std::string text;
    bool flag = false;
    std::vector<View> views;
  };
  std::vector<Field> fields_;
};

// `name`: "mail.html", "mail.text" …; every template can be a partial of another one. A template
// with a mistake ends the process: they are ours, and the tests fill each.
[[nodiscard]] std::string fill(std::string_view name, const View& view);

// A file of templates/ as it is; empty if there is none.
[[nodiscard]] std::string_view template_file(std::string_view name);

}  // namespace flawless::render
