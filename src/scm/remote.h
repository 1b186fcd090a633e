// Where a repository comes from, and what opens it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/git.h"

namespace flawless::scm {

enum class Transport { kHttps, kSsh, kFile };

struct Remote {
  Transport transport = Transport::kFile;
  std::string url;             // without password: may be a command's argument, may be shown
  std::string host;            // https only: with the port, as git names it when it asks
  std::string user, password;  // of an https address that held them
};

// https://, ssh://, user@host:path, file:// or an absolute path; anything else is kInvalid. The
// message never repeats the address.
[[nodiscard]] Result<Remote> parse_remote(std::string_view url);
// Where a kFile remote lies on this machine.
[[nodiscard]] std::string local_path(const Remote& remote);

struct Credentials {
  std::string user, password;
  std::string key_file;  // an ssh key, used where it lies
};

// Reads what the references name: a file with an ssh key, or with "user:password" or a token alone
// in its first line; or a variable of our environment with the latter. Neither: what the address
// held. kInvalid or kNotFound say what is missing, never what was read.
[[nodiscard]] Result<Credentials> load_credentials(const Remote& remote, const std::string& file,
                                                   const std::string& variable);

// What must not appear in a message: the password, also as an address would write it.
[[nodiscard]] std::vector<std::string> secrets_of(const Credentials& credentials);

// The environment with which git reaches the remote. `ssh_program` is a path or a name.
[[nodiscard]] std::vector<std::string> remote_environment(const Git& git, const Remote& remote,
                                                          const Credentials& credentials,
                                                          const std::string& ssh_program);

}  // namespace flawless::scm
