// Who may read the pages, and how requests come to them.
#include <exception>

#include "api/guard.h"
#include "api/origin.h"
#include "api/pages/page.h"
#include "api/reply.h"
#include "http/query.h"

namespace flawless::api {
namespace {

constexpr size_t kMostFormBytes = 64u << 10;

struct Page {
  http::Method method;
  const char* path;
  store::Scope scope;
  PageHandler handler;
};

constexpr Page kPages[] = {
    {http::Method::kGet, "/get_weekly_error_report", store::Scope::kRead, show_weekly_report},
    {http::Method::kGet, "/view_traceback", store::Scope::kRead, show_traceback},
    {http::Method::kGet, "/add_known_error", store::Scope::kRead, show_known_error_form},
    {http::Method::kGet, "/save_known_error", store::Scope::kRead, show_known_error_form},
    {http::Method::kPost, "/add_known_error", store::Scope::kWrite, save_known_error},
    {http::Method::kPost, "/save_known_error", store::Scope::kWrite, save_known_error},
};

// A request on its way through the pool.
struct Pending {
  std::shared_ptr<const ApiParts> parts;
  const Page* page;
  http::Request request;
  http::Responder responder;
};

http::Response refusal(int status, std::string title, std::string line) {
  render::NoticePage page;
  page.kind = render::NoticePage::Kind::kError;
  page.title = std::move(title);
  page.lines = {std::move(line)};
  page.links = {{"Sign in", "/signin"}};
  return notice_reply(status, page);
}

http::Response sign_in_first() {
  http::Response reply = refusal(401, "Sign in",
                                 "This page needs an account, an access token, or the link of a "
                                 "mail as it was sent.");
  reply.headers.push_back({"WWW-Authenticate", "Bearer"});
  return reply;
}

// The query's and, of a form that is posted, its own; the form's come first.
Fields fields_of(const http::Request& request) {
  std::vector<std::pair<std::string, std::string>> values;
  if (request.method == http::Method::kPost) values = http::parse_query(request.body.view());
  for (auto& value : request.query_values()) values.push_back(std::move(value));
  return Fields(std::move(values));
}

// The link's grant, if it is good.
void read_link(const PageCall& call, Reader& reader) {
  reader.key = call.fields.get("key");
  if (reader.key.empty() || !call.signer) return;
  auto grant = call.signer->verify(reader.key, call.now);
  if (grant) reader.link = std::move(grant).value();
}

// By token, else by session, else by the link. The reply if it is none of them.
Result<std::optional<http::Response>> find_reader(const PageCall& call, store::Scope scope,
                                                  Reader& reader) {
  read_link(call, reader);
  if (Access::has_token(call.request)) {
    auto verdict = call.parts.access.check(call.request, scope);
    if (auto* refused = std::get_if<http::Response>(&verdict)) {
      return std::optional(refusal(refused->status, "Not allowed",
                                   "This access token is unknown, or may not do this."));
    }
    reader.caller = std::get<Caller>(std::move(verdict));
    return std::optional<http::Response>();
  }
  // A form from elsewhere that comes with a cookie is as if it came without.
  auto claim = read_claim(call.parts, call.request, std::nullopt);
  const bool foreign = std::holds_alternative<http::Response>(claim);
  if (!foreign) {
    ASSIGN_OR_RETURN(auto who, identify(call.parts, std::get<Claim>(claim), call.store));
    if (who) {
      reader.caller = std::move(who->caller);
      return std::optional<http::Response>();
    }
  }
  // Links that pages give to tokens are for looking: who may only read must not act by them.
  const bool looks_only = reader.link && reader.link->email.empty();
  if (looks_only && scope == store::Scope::kWrite) {
    return std::optional(refusal(403, "Not allowed", "This link is for looking; sign in to act."));
  }
  if (reader.link) {
    reader.grant = reader.link;
    reader.caller.name = "mail to " + reader.link->email;
    reader.caller.visible.projects = {reader.link->project};
    return std::optional<http::Response>();
  }
  if (!reader.key.empty()) {
    return std::optional(
        refusal(403, "This link does not work any more",
                "Links in mails are good for 30 days, only as they were sent, and only until all "
                "of them are revoked. Sign in to see the page."));
  }
  if (foreign) return std::optional(refusal(403, "Not allowed", "This form is not one of ours."));
  return std::optional(sign_in_first());
}

Result<http::Response> serve(const Pending& pending, store::Store& store) {
  const ApiParts& parts = *pending.parts;
  if (pending.request.body.size() > kMostFormBytes) {
    return Status(Code::kTooLarge, "The form is too large.");
  }
  const Fields fields = fields_of(pending.request);
  Reader reader;
  const PageCall call{parts,
                      pending.request,
                      fields,
                      reader,
                      store,
                      parts.signer ? parts.signer() : nullptr,
                      parts.clock.now()};
  ASSIGN_OR_RETURN(auto refused, find_reader(call, pending.page->scope, reader));
  if (refused) return std::move(*refused);
  return pending.page->handler(call);
}

http::Response answer(const Pending& pending) {
  store::Store* store = pending.parts->store();
  if (!store) {
    return failure_reply({Code::kUnavailable, "The store is opening; try again in a moment."});
  }
  try {
    auto reply = serve(pending, *store);
    return reply ? std::move(reply).value() : failure_reply(reply.status());
  } catch (const std::exception& failure) {
    return failure_reply({Code::kInternal, failure.what()});
  }
}

}  // namespace

void mount_pages(http::Router& router, const std::shared_ptr<const ApiParts>& parts) {
  for (const Page& page : kPages) {
    router.add(
        page.method, page.path,
        [parts, &page](http::Request&& request, const http::Params&, http::Responder responder) {
          auto pending = std::make_shared<Pending>(
              Pending{parts, &page, std::move(request), std::move(responder)});
          const bool queued = parts->pool.try_run(
              Pool::Lane::kWork, [pending] { pending->responder.send(answer(*pending)); });
          if (queued) return;
          pending->responder.send(
              failure_reply({Code::kUnavailable, "Too many requests at once; try again."}));
        });
  }
}

}  // namespace flawless::api
