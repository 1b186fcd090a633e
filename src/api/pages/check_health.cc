// /check_health: one word for load balancers and watchdogs, for everybody, whatever else happens;
// faults besides for those who see the whole system, and options for those who administer it.
#include <atomic>
#include <exception>
#include <optional>

#include "api/guard.h"
#include "api/pages/page.h"
#include "api/reply.h"

namespace flawless::api {
namespace {

constexpr const char* kPlain = "text/plain; charset=utf-8";

using Options = std::vector<std::pair<std::string, std::string>>;

std::string details_text(const SystemHealth& health, const Options& options) {
  std::string text = health.ok() ? "OK\n" : "FAIL\n";
  for (const std::string& fault : health.faults) text += fault + "\n";
  if (!options.empty()) text += "\n";
  for (const auto& [name, value] : options) text += name + " = " + value + "\n";
  return text;
}

std::string details_html(const SystemHealth& health, Options options) {
  render::HealthPage page;
  page.ok = health.ok();
  page.faults = health.faults;
  if (!options.empty()) page.sections.push_back({"Options", std::move(options)});
  return render::health_page(page);
}

class HealthCheck {
 public:
  explicit HealthCheck(std::shared_ptr<const ApiParts> parts) : parts_(std::move(parts)) {}

  // When too many wait already, the last answer is good enough.
  static void answer(const std::shared_ptr<HealthCheck>& self, http::Request&& request,
                     http::Responder responder) {
    auto waiting = std::make_shared<std::pair<http::Request, http::Responder>>(
        std::move(request), std::move(responder));
    bool queued = self->parts_->pool.try_run(
        Pool::Lane::kProbe, [self, waiting] { waiting->second.send(self->ask(waiting->first)); });
    if (!queued) waiting->second.send(self->word());
  }

 private:
  [[nodiscard]] http::Response ask(const http::Request& request) {
    try {
      const SystemHealth health = parts_->health();
      last_ok_ = health.ok();
      if (const auto who = sender_of(request); who && who->sees_system()) {
        return details(request, health, *who);
      }
    } catch (const std::exception&) {
      last_ok_ = false;
    }
    return word();
  }

  // Whoever cannot be made out is told what everybody is.
  [[nodiscard]] std::optional<Caller> sender_of(const http::Request& request) const {
    store::Store* store = parts_->store();
    if (!store) return std::nullopt;
    auto claim = read_claim(*parts_, request, store::Scope::kRead);
    if (std::holds_alternative<http::Response>(claim)) return std::nullopt;
    auto who = identify(*parts_, std::get<Claim>(claim), *store);
    return who && *who ? std::optional((*who)->caller) : std::nullopt;
  }

  [[nodiscard]] http::Response details(const http::Request& request, const SystemHealth& health,
                                       const Caller& who) const {
    const int status = health.ok() ? 200 : 503;
    Options options;
    if (parts_->options && who.administers()) options = parts_->options();
    if (request.header("Accept").find("text/html") == std::string_view::npos) {
      return text_reply(status, details_text(health, options), kPlain);
    }
    return html_reply(status, details_html(health, std::move(options)));
  }

  [[nodiscard]] http::Response word() const {
    return last_ok_ ? text_reply(200, "OK", kPlain) : text_reply(503, "FAIL", kPlain);
  }

  const std::shared_ptr<const ApiParts> parts_;
  std::atomic<bool> last_ok_{false};
};

}  // namespace

void mount_check_health(http::Router& router, const std::shared_ptr<const ApiParts>& parts) {
  auto check = std::make_shared<HealthCheck>(parts);
  router.add(http::Method::kGet, "/check_health",
             [check](http::Request&& request, const http::Params&, http::Responder responder) {
               HealthCheck::answer(check, std::move(request), std::move(responder));
             });
}

}  // namespace flawless::api
