#include "scm/porcelain.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "scm/revision.h"

namespace flawless::scm {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr uint32_t kNoPath = ~0U;

Status malformed() { return {Code::kInternal, "git blame printed something unexpected"}; }

std::string_view take_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

template <typename T>
bool to_number(std::string_view text, T& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

Time to_time(std::string_view text) {
  int64_t seconds = 0;
  to_number(text, seconds);
  constexpr int64_t kMost = 253'402'300'799;  // the end of the year 9999
  return from_unix_ms(std::clamp<int64_t>(seconds, -kMost, kMost) * 1000);
}

std::string_view without_brackets(std::string_view mail) {
  if (mail.starts_with('<')) mail.remove_prefix(1);
  if (mail.ends_with('>')) mail.remove_suffix(1);
  return mail;
}

class Parser {
 public:
  Parser(std::string_view text, uint32_t most_lines) : rest_(text), most_lines_(most_lines) {}

  Result<FileBlame> parse() {
    while (!rest_.empty()) RETURN_IF_ERROR(line_group());
    if (blame_.runs.empty()) return blame_;
    merge();
    return std::move(blame_);
  }

 private:
  // "ID ORIGIN FINAL [COUNT]", facts of the commit when it comes first, "\tCONTENT".
  Status line_group() {
    std::string_view header = take_line();
    const std::string_view id = take_word(header);
    BlameRun run;
    run.lines = 1;
    if (!is_full_id(id) || !to_number(take_word(header), run.origin_line) ||
        !to_number(take_word(header), run.first_line) || run.origin_line == 0) {
      return malformed();
    }
    if (run.first_line != ++blame_.line_count) return malformed();
    if (run.first_line > most_lines_) {
      return {Code::kTooLarge, "the file has more than " + std::to_string(most_lines_) + " lines"};
    }
    run.commit = index_of_commit(id);
    for (;;) {
      if (rest_.empty()) return malformed();
      std::string_view fact = take_line();
      if (fact.starts_with('\t')) break;
      set(run.commit, fact);
    }
    // The name is given with a commit's first lines and whenever it differs from then on.
    run.path = path_of_commit_[run.commit];
    if (run.path == kNoPath) return malformed();
    blame_.runs.push_back(run);
    return {};
  }

  std::string_view take_line() {
    const size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == kNone ? rest_.size() : end + 1);
    return line;
  }

  uint32_t index_of_commit(std::string_view id) {
    const auto [place, is_new] =
        commit_index_.try_emplace(id, static_cast<uint32_t>(blame_.commits.size()));
    if (is_new) {
      blame_.commits.emplace_back().id = id;
      path_of_commit_.push_back(kNoPath);
    }
    return place->second;
  }

  uint32_t index_of_path(std::string_view quoted) {
    const std::string path = unquote_path(quoted);
    const auto found = std::find(blame_.paths.begin(), blame_.paths.end(), path);
    const auto index = static_cast<uint32_t>(found - blame_.paths.begin());
    if (found == blame_.paths.end()) blame_.paths.push_back(path);
    return index;
  }

  void set(uint32_t index, std::string_view fact) {
    BlamedCommit& commit = blame_.commits[index];
    const std::string_view name = take_word(fact);
    if (name == "author") {
      commit.author = fact;
    } else if (name == "author-mail") {
      commit.author_mail = without_brackets(fact);
    } else if (name == "author-time") {
      commit.author_time = to_time(fact);
    } else if (name == "committer") {
      commit.committer = fact;
    } else if (name == "committer-mail") {
      commit.committer_mail = without_brackets(fact);
    } else if (name == "committer-time") {
      commit.committer_time = to_time(fact);
    } else if (name == "summary") {
      commit.summary = fact;
    } else if (name == "filename") {
      path_of_commit_[index] = index_of_path(fact);
    }
  }

  void merge() {
    std::vector<BlameRun> merged;
    for (const BlameRun& run : blame_.runs) {
      if (!merged.empty()) {
        BlameRun& last = merged.back();
        if (last.commit == run.commit && last.path == run.path &&
            last.origin_line + last.lines == run.origin_line) {
          ++last.lines;
          continue;
        }
      }
      merged.push_back(run);
    }
    merged.shrink_to_fit();
    blame_.runs = std::move(merged);
  }

  std::string_view rest_;
  const uint32_t most_lines_;
  FileBlame blame_;
  std::unordered_map<std::string_view, uint32_t> commit_index_;
  std::vector<uint32_t> path_of_commit_;
};

char unescaped(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

}  // namespace

Result<FileBlame> parse_porcelain(std::string_view text, uint32_t most_lines) {
  return Parser(text, most_lines).parse();
}

std::optional<BlamedLine> FileBlame::at(uint32_t line) const {
  if (line == 0 || line > line_count) return std::nullopt;
  auto run = std::upper_bound(runs.begin(), runs.end(), line,
                              [](uint32_t l, const BlameRun& r) { return l < r.first_line; });
  --run;
  return BlamedLine{commits[run->commit], paths[run->path],
                    run->origin_line + (line - run->first_line)};
}

size_t FileBlame::bytes() const {
  size_t sum = sizeof *this + runs.size() * sizeof(BlameRun);
  for (const BlamedCommit& commit : commits) {
    sum += sizeof commit + commit.id.size() + commit.author.size() + commit.author_mail.size() +
           commit.committer.size() + commit.committer_mail.size() + commit.summary.size();
  }
  for (const std::string& path : paths) sum += sizeof path + path.size();
  return sum;
}

std::string unquote_path(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else if (i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
               is_octal(text[i + 3])) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += unescaped(text[++i]);
    }
  }
  return out;
}

}  // namespace flawless::scm
