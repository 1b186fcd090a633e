#include <fmt/format.h>

#include "cli/administration.h"
#include "cli/commands.h"

namespace flawless::cli {
namespace {

Status revoke_all(const Arguments& arguments) {
  return administer(arguments, "link.revoke_all", "{}", [](const Value&) {
    fmt::print("No link in a mail sent so far works any more; who signs in sees the pages\n");
  });
}

}  // namespace

Command link_revoke_all_command() {
  return {"link revoke-all",
          "Make every link in the mails sent so far stop working",
          {kConfOption, kJsonOption},
          revoke_all,
          "\nFor when a mail got into wrong hands: the key that signs links is replaced. Mails "
          "that are\nmade from then on have links that work; old ones say where to sign in."};
}

}  // namespace flawless::cli
