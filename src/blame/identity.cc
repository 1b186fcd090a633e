#include "blame/identity.h"

#include <algorithm>
#include <charconv>

namespace flawless::blame {
namespace {

// Takes the text up to the next space.
std::string_view next_word(std::string_view& text) {
  const size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

// "shop 3f2c… 17 src/cart.py" -> "shop"
std::string_view repository_of(std::string_view key) { return next_word(key); }

bool has_origin_elsewhere(const Candidate& candidate, const Origin& origin) {
  return std::any_of(
      candidate.keys.begin(), candidate.keys.end(), [&](const store::LineKey& key) {
        return read_repository_key(key.key, repository_of(key.key)) == origin;
      });
}

bool is_elsewhere(const Candidate& candidate, std::span<const std::string_view> repositories) {
  return std::any_of(
      candidate.keys.begin(), candidate.keys.end(), [&](const store::LineKey& key) {
        return std::find(repositories.begin(), repositories.end(), repository_of(key.key)) !=
               repositories.end();
      });
}

bool may_be(const Candidate& candidate, const IdentityQuestion& question) {
  const auto origins = origins_in(question.repository, candidate.keys);
  if (origins.empty()) return !is_elsewhere(candidate, question.repositories);
  if (candidate.is_one) return *candidate.is_one;
  return std::none_of(origins.begin(), origins.end(), [&](const Origin& origin) {
    return line_of(origin, *question.file) != 0;
  });
}

const Candidate* choose(const IdentityQuestion& question) {
  const auto& all = question.candidates;
  auto found = std::find_if(all.begin(), all.end(), [&](const Candidate& one) {
    return has_origin_elsewhere(one, question.plain);
  });
  if (found == all.end()) {
    found = std::find_if(all.begin(), all.end(),
                         [&](const Candidate& one) { return may_be(one, question); });
  }
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Origin origin_of(const scm::BlamedLine& line) {
  return {line.commit.id, std::string(line.origin_path), line.origin_line};
}

uint32_t line_of(const Origin& origin, const scm::FileBlame& file) {
  for (const scm::BlameRun& run : file.runs) {
    if (origin.line >= run.origin_line && origin.line - run.origin_line < run.lines &&
        file.commits[run.commit].id == origin.commit && file.paths[run.path] == origin.path) {
      return run.first_line + (origin.line - run.origin_line);
    }
  }
  return 0;
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

store::LineKey twin_key(LineId line, size_t number) {
  return {"twin", std::to_string(line.v) + " " + std::to_string(number)};
}

std::vector<Origin> origins_in(std::string_view repository, std::span<const store::LineKey> keys) {
  std::vector<Origin> origins;
  for (const store::LineKey& key : keys) {
    if (auto origin = read_repository_key(key.key, repository)) {
      origins.push_back(std::move(*origin));
    }
  }
  return origins;
}

Identity identify(const IdentityQuestion& question) {
  Identity identity;
  identity.keys.push_back(repository_key(question.repository, question.plain));
  if (question.through != question.plain) {
    identity.keys.push_back(repository_key(question.repository, question.through));
  }
  if (question.loose && *question.loose != question.plain && *question.loose != question.through) {
    identity.keys.push_back(repository_key(question.repository, *question.loose));
  }
  LineId line = question.known.value_or(LineId{});
  if (!line) {
    const Candidate* chosen = choose(question);
    identity.split = chosen == nullptr;
    if (chosen != nullptr) line = chosen->line;
  }
  if (line != question.line) identity.join = line;
  return identity;
}

}  // namespace flawless::blame
