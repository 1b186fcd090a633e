#include <fmt/format.h>

#include <functional>
#include <vector>

#include "api/admin_operations.h"
#include "api/email.h"
#include "api/json_in.h"
#include "api/secrets.h"
#include "base/json_writer.h"

namespace flawless::api {
namespace {

Status check_role(std::string_view role) {
  if (role == "admin" || role == "member") return Status::ok();
  return {Code::kInvalid, fmt::format("'{}' is not a role; choose admin or member", role)};
}

Result<std::string> create_user(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view address = reader.required_string("email");
  const std::string_view name = reader.string("name").value_or("");
  const std::string_view role = reader.string("role").value_or("member");
  const auto password = reader.string("password");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const std::string email, read_email(address));
  RETURN_IF_ERROR(check_role(role));
  std::string hash;
  if (password) {
    ASSIGN_OR_RETURN(hash, hash_password(*password));
  }
  ASSIGN_OR_RETURN(const store::User user,
                   context.store.create_user(email, name, role, hash, context.now));
  JsonWriter json;
  json.object().field("id", user.id.v).field("email", user.email).field("name", user.name);
  json.field("role", user.role).end();
  return json.take();
}

void write_account(JsonWriter& json, const store::User& user) {
  json.object().field("id", user.id.v).field("email", user.email).field("name", user.name);
  json.field("role", user.role).field("enabled", user.enabled);
  json.field("created_at", to_rfc3339(user.created_at)).end();
}

Result<std::string> list_users(const AdminContext& context, const Value& arguments) {
  RETURN_IF_ERROR(ObjectReader(arguments).finish());
  ASSIGN_OR_RETURN(const std::vector<store::User> users, context.store.accounts().users());
  JsonWriter json;
  json.object().key("users").array();
  for (const store::User& user : users) write_account(json, user);
  json.end().end();
  return json.take();
}

Result<store::User> find_user(store::Store& store, std::string_view email) {
  auto found = store.accounts().credentials(email);
  if (found) return found->user;
  if (found.code() != Code::kNotFound) return found.status();
  return {Code::kNotFound,
          fmt::format("there is no account '{}'; `flawless user list` shows them", email)};
}

// Changes the account; the reply is what it is then.
Result<std::string> change_user(const AdminContext& context, std::string_view email,
                                const std::function<Status(store::Accounts&, UserId)>& change) {
  ASSIGN_OR_RETURN(const store::User user, find_user(context.store, email));
  RETURN_IF_ERROR(change(context.store.accounts(), user.id));
  if (context.followers.account) context.followers.account(user.id);
  ASSIGN_OR_RETURN(const store::User changed, find_user(context.store, email));
  JsonWriter json;
  write_account(json, changed);
  return json.take();
}

Result<std::string> set_role(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  const std::string_view role = reader.required_string("role");
  RETURN_IF_ERROR(reader.finish());
  RETURN_IF_ERROR(check_role(role));
  return change_user(context, email, [&](store::Accounts& accounts, UserId user) {
    return accounts.set_role(user, role);
  });
}

Result<std::string> set_password(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  const std::string_view password = reader.required_string("password");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const std::string hash, hash_password(password));
  return change_user(context, email, [&](store::Accounts& accounts, UserId user) {
    return accounts.set_password(user, hash);
  });
}

Result<std::string> change_named_user(const AdminContext& context, const Value& arguments,
                                      Status (*change)(store::Accounts&, UserId)) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  RETURN_IF_ERROR(reader.finish());
  return change_user(context, email, change);
}

Result<std::string> enable_user(const AdminContext& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.set_user_enabled(user, true);
  });
}
Result<std::string> disable_user(const AdminContext& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.set_user_enabled(user, false);
  });
}
Result<std::string> sign_out_user(const AdminContext& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.end_sessions(user);
  });
}

constexpr AdminOperation kOperations[] = {
    {"user.create", false, false, create_user},     {"user.list", false, false, list_users},
    {"user.role", false, false, set_role},          {"user.password", false, false, set_password},
    {"user.enable", false, false, enable_user},     {"user.disable", false, false, disable_user},
    {"user.sign_out", false, false, sign_out_user},
};

}  // namespace

std::span<const AdminOperation> user_operations() { return kOperations; }

}  // namespace flawless::api
