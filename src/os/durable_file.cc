#include "os/durable_file.h"

namespace flawless::os {
namespace {

Status write_synced(Disk& disk, const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(auto file, disk.open(path, OpenMode::kAny));
  RETURN_IF_ERROR(file->truncate(0));
  RETURN_IF_ERROR(file->write_at(0, as_bytes(bytes)));
  return file->sync_data();
}

}  // namespace

Status write_durably(Disk& disk, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  Status written = write_synced(disk, temporary, bytes);
  if (written) written = disk.rename(temporary, path);
  if (!written) {
    Status removed = disk.unlink(temporary);  // best effort: a left-over is overwritten next time
    static_cast<void>(removed);
    return written;
  }
  return disk.sync_directory(directory_of(path));
}

Result<std::string> read_file(Disk& disk, const std::string& path, uint64_t most_bytes) {
  ASSIGN_OR_RETURN(auto file, disk.open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(uint64_t bytes, file->size());
  if (bytes > most_bytes) {
    return Status(Code::kTooLarge, path + " is larger than " + std::to_string(most_bytes) + " B");
  }
  std::string text(bytes, '\0');
  ASSIGN_OR_RETURN(size_t got,
                   file->read_at(0, {reinterpret_cast<uint8_t*>(text.data()), text.size()}));
  text.resize(got);
  return text;
}

}  // namespace flawless::os
