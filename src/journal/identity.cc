#include "journal/identity.h"

#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"
#include "base/log.h"
#include "os/durable_file.h"

namespace flawless::journal {
namespace {

constexpr std::string_view kFirstLine = "flawless-journal 1\n";

std::string to_text(const Identity& identity) {
  return fmt::format("{}id {:016x}\nepoch {}\n", kFirstLine, identity.journal_id, identity.epoch);
}

// Takes `before`, a number and a line end off the front of `text`.
template <typename T>
bool take_line(std::string_view& text, std::string_view before, int base, T& number) {
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.starts_with("\n")) return false;
  text.remove_prefix(1);
  return true;
}

Result<Identity> parse(std::string_view text, const std::string& path) {
  Identity identity;
  bool first = text.starts_with(kFirstLine);
  if (first) text.remove_prefix(kFirstLine.size());
  if (first && take_line(text, "id ", 16, identity.journal_id) &&
      take_line(text, "epoch ", 10, identity.epoch) && text.empty() && identity.journal_id != 0) {
    return identity;
  }
  return Status(Code::kCorrupt, path +
                                    " is damaged; restore it from a backup, or move the "
                                    "journal's directory away to begin a new one");
}

Result<Identity> create(os::Disk& disk, const std::string& path) {
  Identity identity{.journal_id = 0, .epoch = 1};
  std::array<uint8_t, 8> random{};
  while (identity.journal_id == 0) {
    random_bytes(random);
    identity.journal_id = load_le<uint64_t>(random.data());
  }
  RETURN_IF_ERROR(os::write_durably(disk, path, to_text(identity)));
  return identity;
}

}  // namespace

Result<Identity> open_identity(os::Disk& disk, const std::string& directory, bool fresh) {
  const std::string path = directory + "/journal.id";
  if (fresh) return create(disk, path);
  auto text = os::read_file(disk, path, 4096);
  if (!text && text.code() == Code::kNotFound) return parse("", path);
  if (!text) return text.status();
  ASSIGN_OR_RETURN(Identity identity, parse(*text, path));
  Identity next = identity;
  ++next.epoch;
  Status written = os::write_durably(disk, path, to_text(next));
  if (written) return next;
  log_warning("journal", "the epoch stays {}: {}", identity.epoch, written.message());
  return identity;
}

}  // namespace flawless::journal
