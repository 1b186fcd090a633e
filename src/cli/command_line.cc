#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

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
    "\n`flawless help COMMAND` explains a command.\n\n"
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
    CLI::App* help = app_.add_subcommand("help", "Explain a command, or list them all");
    help->add_option("COMMAND", help_words_, "the command's name")->expected(0, 2);
    for (const Command& command : commands) add(command);
  }

  ParsedLine parse(std::vector<std::string> words);

 private:
  void add(const Command& command);
  CLI::App* group(std::string_view name);
  ParsedLine explain(const std::vector<std::string>& names);
  ParsedLine matched();

  std::span<const Command> commands_;
  CLI::App app_;
  std::vector<std::string> help_words_;
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
  CLI::App* made = app_.add_subcommand(std::string(name), fmt::format("{}s: {}", name, verbs));
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
      added->type_name(std::string(option.value));
      added->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::Throw);
      added->expected(1, option.repeated ? 1'000'000 : 1);
      added->allow_extra_args(false);
    }
    slots.push_back({&option, added});
  }
  parsed_.emplace_back(app, std::move(slots));
}

ParsedLine Grammar::explain(const std::vector<std::string>& names) {
  CLI::App* app = &app_;
  for (const std::string& name : names) {
    app = subcommand(*app, name);
    if (app == nullptr) {
      return {nullptr,
              {},
              fmt::format("flawless: there is no command '{}'; `flawless help` lists them\n",
                          fmt::join(names, " ")),
              kExitUsage};
    }
  }
  std::string parents = "flawless";
  for (size_t i = 0; i + 1 < names.size(); ++i) parents += " " + names[i];
  return {nullptr, {}, app->help(app == &app_ ? "" : parents), kExitOk};
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
  return explain(help_words_);
}

ParsedLine Grammar::parse(std::vector<std::string> words) {
  std::vector<std::string> names;  // of the command, as far as given: for its own help
  for (const std::string& word : words) {
    if (word.starts_with("-")) break;
    names.push_back(word);
  }
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app_.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    for (; !names.empty(); names.pop_back()) {
      if (ParsedLine line = explain(names); line.exit_code == kExitOk) return line;
    }
    return explain({});
  } catch (const CLI::ParseError& error) {
    const std::string_view first = names.empty() ? "" : " ";
    return {nullptr,
            {},
            fmt::format("flawless: {}\nTry `flawless help{}{}`.\n", error.what(), first,
                        names.empty() ? "" : names.front()),
            kExitUsage};
  }
  return matched();
}

}  // namespace

ParsedLine parse_command_line(std::span<const Command> commands, std::vector<std::string> words) {
  for (std::string& word : words) {
    if (word == "-conf" || word.starts_with("-conf=")) word.insert(word.begin(), '-');
  }
  Grammar grammar(commands);
  if (words.empty()) {
    ParsedLine line = grammar.parse({"help"});
    line.exit_code = kExitUsage;
    return line;
  }
  return grammar.parse(std::move(words));
}

}  // namespace flawless::cli
