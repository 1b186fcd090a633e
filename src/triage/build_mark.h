// Internal: what builds and deploys write into names: hashes, versions, dates, numbers.
#pragma once

#include <cstddef>
#include <string_view>

namespace flawless::triage {

bool is_number(std::string_view text);
bool is_uuid(std::string_view text);
// A content hash or commit: hexadecimal of seven or more with digits and letters, or a long mix of
// both. "face1234" is a word with a number.
bool is_hash(std::string_view text);
// The eight characters that esbuild (capitals, digits) and Vite or Rollup (base64url) put behind
// the last '-' of a file: a mix of letter cases that does not read as words. "UserList", "DataV2"
// and "settings" do; "BxY12abC" and "DiwrgTda" do not.
bool is_bundler_hash(std::string_view text);
// "1.2.3", "v2.0-rc1": at least one dot, else it is a name ("v1").
bool is_version(std::string_view text);
// Size of "1.2.3" or "1.2.3-rc.1" at the start of `text`, as a part of a file's name; 0 if there is
// none.
size_t version_size(std::string_view text);
// A name that is made for one deploy where deploys are kept: "20260101", "2026-01-01_12-30",
// "1.2.3", "a1b2c3d".
bool is_deploy(std::string_view segment);
// A name that only machines give, wherever it is: a hash, a UUID, a time of ten digits or more.
bool is_made_up(std::string_view segment);

}  // namespace flawless::triage
