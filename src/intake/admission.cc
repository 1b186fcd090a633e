#include "intake/admission.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/bytes.h"
#include "os/durable_file.h"

namespace flawless::intake {
namespace {

constexpr std::string_view kHeader = "flawless admission 1";

// Seeded at random so that nobody outside can aim at one bucket.
uint64_t token_hash(std::string_view token) {
  static const uint64_t seed = [] {
    uint64_t value;
    random_bytes({reinterpret_cast<uint8_t*>(&value), sizeof value});
    return value;
  }();
  return hash64(token, seed);
}

std::optional<std::string_view> take_until(std::string_view& text, char end) {
  size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

template <typename T>
bool read_number(std::string_view text, T& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// "token id project flags soft hard"
bool parse_line(std::string_view line, std::string& token, Grant& grant) {
  std::string with_end = std::string(line) + " ";
  std::string_view rest = with_end;
  std::optional<std::string_view> fields[6];
  for (auto& field : fields) {
    field = take_until(rest, ' ');
    if (!field) return false;
  }
  unsigned flags = 0;
  if (!rest.empty() || !read_number(*fields[1], grant.token.v) ||
      !read_number(*fields[2], grant.project.v) || !read_number(*fields[3], flags) ||
      !read_number(*fields[4], grant.soft_per_minute) ||
      !read_number(*fields[5], grant.hard_per_minute)) {
    return false;
  }
  token = *fields[0];
  grant.client_only = (flags & 1) != 0;
  grant.enabled = (flags & 2) != 0;
  grant.project_enabled = (flags & 4) != 0;
  return !token.empty();
}

}  // namespace

Admission::Admission(std::vector<std::pair<std::string, Grant>> grants) {
  for (auto& [token, grant] : grants) {
    uint64_t hash = token_hash(token);
    grants_.insert_or_assign(hash, std::pair(std::move(token), grant));
  }
}

const Grant* Admission::find(std::string_view token) const {
  auto found = grants_.find(token_hash(token));
  if (found == grants_.end() || !equal_constant_time(found->second.first, token)) return nullptr;
  return &found->second.second;
}

std::string Admission::serialise() const {
  std::string text = fmt::format("{}\n", kHeader);
  for (const auto& [hash, entry] : grants_) {
    const Grant& grant = entry.second;
    unsigned flags = (grant.client_only ? 1U : 0U) | (grant.enabled ? 2U : 0U) |
                     (grant.project_enabled ? 4U : 0U);
    text += fmt::format("{} {} {} {} {} {}\n", entry.first, grant.token.v, grant.project.v, flags,
                        grant.soft_per_minute, grant.hard_per_minute);
  }
  text += fmt::format("end {:08x}\n", crc32c(as_bytes(text)));
  return text;
}

Result<Admission> Admission::parse(std::string_view text) {
  size_t end = text.rfind("end ");
  if (end == std::string_view::npos ||
      text.substr(end) != fmt::format("end {:08x}\n", crc32c(as_bytes(text.substr(0, end))))) {
    return {Code::kCorrupt, "the admission file is damaged; it is made anew from the store"};
  }
  std::string_view body = text.substr(0, end);
  if (take_until(body, '\n') != kHeader) {
    return {Code::kCorrupt,
            "the admission file has an unknown version; it is made anew from the store"};
  }
  std::vector<std::pair<std::string, Grant>> grants;
  while (auto line = take_until(body, '\n')) {
    std::pair<std::string, Grant> entry;
    if (!parse_line(*line, entry.first, entry.second)) {
      return {Code::kCorrupt, "the admission file has a line that cannot be read"};
    }
    grants.push_back(std::move(entry));
  }
  return Admission(std::move(grants));
}

Status AdmissionBoard::load() {
  auto text = os::read_file(disk_, path_);
  if (text.code() == Code::kNotFound) return Status::ok();
  if (!text) return text.status();
  ASSIGN_OR_RETURN(Admission loaded, Admission::parse(*text));
  *current_.lock() = std::make_shared<const Admission>(std::move(loaded));
  return Status::ok();
}

Status AdmissionBoard::publish(Admission next) {
  RETURN_IF_ERROR(os::write_durably(disk_, path_, next.serialise()));
  *current_.lock() = std::make_shared<const Admission>(std::move(next));
  return Status::ok();
}

}  // namespace flawless::intake
