// From outbox rows to the mail that goes out.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "body/bodies.h"
#include "notify/mime.h"
#include "notify/payload.h"
#include "render/link_signer.h"
#include "render/links.h"
#include "render/mail.h"
#include "store/store.h"

namespace flawless::notify {

struct ComposerOptions {
  Mailbox from;
  std::string public_url;  // without a trailing slash
  std::string key;         // 32 secret bytes: signs links, and makes ids that nobody else can guess
};

// Reads the store and bodies; any thread.
class Composer {
 public:
  Composer(const ComposerOptions& options, store::Store& store, const body::Bodies& bodies)
      : options_(options),
        store_(store),
        bodies_(bodies),
        links_(options.public_url),
        signer_(options.key) {}

  // One row is a mail of its own, several are one rolled-up mail to their recipient. What is gone
  // since (a body, an occurrence) is left out; kUnavailable and the like: the store does not work.
  [[nodiscard]] Result<Outgoing> compose(std::span<const store::Message> rows, Time now) const;

  // "<…@domain of the sender>": the same for the same row, always.
  [[nodiscard]] std::string message_id(const store::Message& row) const;

 private:
  struct Facts;
  [[nodiscard]] Result<Facts> gather(const store::Message& row, Time now, bool with_event) const;
  [[nodiscard]] Status read_rows(Facts& facts) const;
  void describe(Facts& facts) const;
  void link(Facts& facts, Time now) const;
  [[nodiscard]] Result<render::Mail> render(std::span<const store::Message> rows, Time now,
                                            Facts& first) const;
  [[nodiscard]] render::Mail rollup(std::vector<Facts>& all) const;
  [[nodiscard]] std::string id_of(std::string_view purpose, std::string_view name) const;
  [[nodiscard]] std::string list_id(const Payload& payload) const;

  const ComposerOptions options_;
  store::Store& store_;
  const body::Bodies& bodies_;
  const render::Links links_;
  const render::LinkSigner signer_;
};

}  // namespace flawless::notify
