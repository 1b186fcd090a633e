#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "cli/exit_code.h"

namespace flawless::cli {
namespace {

CLI::App* subcommand(CLI::App& app, std::string_view name) {
  const auto named = app.get_subcommands([&](CLI::App* sub) { return sub->get_name() == name; });
  return named.empty() ? nullptr : named.front();
}

constexpr std::string_view kAbout =
    "Flawless: an error tracker that Rollbar and Sentry clients report to.\n";
constexpr std::string_view kFooter =
    "\n`flawless help COMMAND` explains a command; `flawless --version` tells the version.\n\n"
    "Exit codes: 0 ok, 1 failed, 2 usage or configuration error, 3 not found,\n"
    "            4 conflict (exists already, or locked), 5 unavailable (server or disk).";

// Where CLI11 puts what it reads, per option of one command.
struct Slot {
  const Option* option;
  CLI::Option* parsed;
};

class Grammar {
 public:
  explicit Grammar(std::span<const Command> commands)
      : commands_(commands), app_(std::string(kAbout), "flawless") {
    app_.footer(std::string(kFooter));
    app_.require_subcommand(1);
    app_.get_formatter()->column_width(26);
    app_.add_subcommand("help", "Explain a command, or list them all");
    for (const Command& command : commands) add(command);
  }

  ParsedLine parse(std::vector<std::string> words);
  ParsedLine explain(const std::vector<std::string>& names);

 private:
  std::optional<ParsedLine> unknown(const std::vector<std::string>& names);
  void add(const Command& command);
  CLI::App* group(std::string_view name);
  ParsedLine matched();

  std::span<const Command> commands_;
  CLI::App app_;
  std::vector<std::pair<CLI::App*, std::vector<Slot>>> parsed_;  // one per command, same order
};

std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }

// "project" of "project create": a command that only has commands.
CLI::App* Grammar::group(std::string_view name) {
  if (CLI::App* known = subcommand(app_, name); known != nullptr) return known;
  std::string verbs;
  for (const Command& command : commands_) {
    if (first_word(command.name) != name) continue;
    verbs += fmt::format("{}{}", verbs.empty() ? "" : ", ", command.name.substr(name.size() + 1));
  }
  CLI::App* made = app_.add_subcommand(std::string(name), verbs);
  made->require_subcommand(1);
  return made;
}

void Grammar::add(const Command& command) {
  const size_t space = command.name.find(' ');
  CLI::App* parent = space == std::string_view::npos ? &app_ : group(first_word(command.name));
  const std::string_view verb =
      space == std::string_view::npos ? command.name : command.name.substr(space + 1);
  CLI::App* app = parent->add_subcommand(std::string(verb), std::string(command.summary));
  app->footer(std::string(command.details));
  std::vector<Slot> slots;
  for (const Option& option : command.options) {
    const std::string name(option.name);
    const std::string help(option.help);
    CLI::Option* added = option.value.empty() && name.starts_with("--")
                             ? app->add_flag(name, help)
                             : app->add_option(name, help);
    if (option.required) added->required();
    if (!option.value.empty()) {
      added->type_name(name.starts_with("--") ? std::string(option.value) : "");
      added->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::Throw);
      added->expected(1, option.repeated ? -1 : 1);
      added->allow_extra_args(option.repeated && !name.starts_with("--"));
    }
    slots.push_back({&option, added});
  }
  parsed_.emplace_back(app, std::move(slots));
}

ParsedLine usage_error(std::string_view what, std::string_view help) {
  return {
      nullptr,
      {},
      fmt::format("flawless: {}\nTry `flawless help{}{}`.\n", what, help.empty() ? "" : " ", help),
      kExitUsage};
}

// Only before anything was parsed: afterwards CLI11 explains what was parsed instead.
ParsedLine Grammar::explain(const std::vector<std::string>& names) {
  CLI::App* app = &app_;
  std::string parents;
  for (const std::string& name : names) {
    if (app != &app_) parents += (parents.empty() ? "flawless " : " ") + app->get_name();
    app = subcommand(*app, name);
    if (app == nullptr) {
      return usage_error(fmt::format("there is no command '{}'", fmt::join(names, " ")), "");
    }
  }
  if (parents.empty()) parents = "flawless";
  return {nullptr, {}, app->help(app == &app_ ? "" : parents), kExitOk};
}

// A command that is not there, or only the first word of one. CLI11 would only say that something
// is missing.
std::optional<ParsedLine> Grammar::unknown(const std::vector<std::string>& names) {
  CLI::App* app = names.empty() ? &app_ : subcommand(app_, names.front());
  if (names.empty()) return std::nullopt;
  if (app == nullptr)
    return usage_error(fmt::format("there is no command '{}'", names.front()), "");
  const auto verbs = app->get_subcommands([](CLI::App*) { return true; });
  if (verbs.empty() || (names.size() > 1 && subcommand(*app, names[1]) != nullptr))
    return std::nullopt;
  std::string known;
  for (const CLI::App* verb : verbs) known += (known.empty() ? "" : ", ") + verb->get_name();
  return usage_error(fmt::format("'{}' is followed by one of: {}", names.front(), known),
                     names.front());
}

ParsedLine Grammar::matched() {
  for (size_t i = 0; i < parsed_.size(); ++i) {
    const auto& [app, slots] = parsed_[i];
    if (!app->parsed()) continue;
    ParsedLine line;
    line.command = &commands_[i];
    for (const Slot& slot : slots) {
      for (const std::string& value : slot.parsed->results()) {
        line.arguments.add(slot.option->name, value);
      }
    }
    return line;
  }
  return usage_error("which command?", "");
}

ParsedLine Grammar::parse(std::vector<std::string> words) {
  std::vector<std::string> names;  // of the command, and perhaps its arguments
  for (const std::string& word : words) {
    if (word.starts_with("-")) break;
    names.push_back(word);
  }
  if (auto error = unknown(names)) return *error;
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app_.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what(), names.empty() ? "" : names.front());
  }
  return matched();
}

// The words before "--help" that name a command.
std::vector<std::string> help_subject(const std::vector<std::string>& words,
                                      std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const std::string& word : words) {
    const std::string longer = names.empty() ? word : names.back() + " " + word;
    const bool known = std::any_of(commands.begin(), commands.end(), [&](const Command& command) {
      return command.name == longer || command.name.starts_with(longer + " ");
    });
    if (!known) break;
    names.push_back(word);
  }
  return names;
}

// An option before the command.
ParsedLine stray_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  if (name == kConfOption.name) {
    return usage_error(fmt::format("{} stands behind the command: flawless COMMAND {} FILE", name,
                                   name), "");
  }
  return usage_error(fmt::format("there is no option '{}'; an option stands behind its command",
                                 name), "");
}

}  // namespace

ParsedLine parse_command_line(std::span<const Command> commands, std::vector<std::string> words) {
  for (std::string& word : words) {
    if (word == "-conf" || word.starts_with("-conf=")) word.insert(word.begin(), '-');
  }
  Grammar grammar(commands);
  if (words.empty()) {
    ParsedLine line = grammar.explain({});
    line.exit_code = kExitUsage;
    return line;
  }
  if (words.front() == "help") return grammar.explain({words.begin() + 1, words.end()});
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") return grammar.explain(help_subject(words, commands));
  }
  if (words.front() == "--version") words.front() = "version";
  if (words.front().starts_with('-')) return stray_option(words.front());
  return grammar.parse(std::move(words));
}

}  // namespace flawless::cli
