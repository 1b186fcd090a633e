#include "blame/identity.h"

#include <algorithm>
#include <charconv>

namespace flawless::blame {
namespace {

bool is_in(const Origin& origin, const scm::FileBlame& file) {
  return std::any_of(file.runs.begin(), file.runs.end(), [&](const scm::BlameRun& run) {
    return origin.line >= run.origin_line && origin.line - run.origin_line < run.lines &&
           file.commits[run.commit].id == origin.commit && file.paths[run.path] == origin.path;
  });
}

// Takes the text up to the next space.
std::string_view next_word(std::string_view& text) {
  const size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

bool is_another_line(const IdentityQuestion& question) {
  bool any = false;
  for (const store::LineKey& key : question.keys_of_line) {
    const auto origin = read_repository_key(key.key, question.repository);
    any = any || (origin && is_in(*origin, *question.file));
  }
  return any;
}

}  // namespace

Origin origin_of(const scm::BlamedLine& line) {
  return {line.commit.id, std::string(line.origin_path), line.origin_line};
}

store::LineKey repository_key(std::string_view repository, const Origin& origin) {
  std::string key(repository);
  key += ' ' + origin.commit + ' ' + std::to_string(origin.line) + ' ' + origin.path;
  return {std::string(kRepositoryKey), std::move(key)};
}

std::optional<Origin> read_repository_key(std::string_view key, std::string_view repository) {
  if (next_word(key) != repository) return std::nullopt;
  Origin origin;
  origin.commit = next_word(key);
  const std::string_view line = next_word(key);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), origin.line);
  origin.path = key;
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return origin;
}

Identity identify(const IdentityQuestion& question) {
  Identity identity;
  identity.keys.push_back(repository_key(question.repository, question.plain));
  if (question.through != question.plain) {
    identity.keys.push_back(repository_key(question.repository, question.through));
  }
  const auto known = question.line_of_plain ? question.line_of_plain : question.line_of_through;
  if (known) {
    if (*known != question.line) identity.join = *known;
    return identity;
  }
  identity.split = is_another_line(question);
  return identity;
}

}  // namespace flawless::blame
