// Projects, tokens and accounts.
#pragma once

#include "store/sqlite/scope.h"
#include "store/sqlite/writer.h"
#include "store/store.h"

namespace flawless::store::sqlite {

// As Store describes them; each is a transaction of the writer.
Result<Store::NewProject> create_project(Writer& writer, std::string_view name, Time now);
Status set_project_enabled(Writer& writer, ProjectId project, bool enabled);
Result<Token> create_token(Writer& writer, ProjectId project, Scope scope, std::string_view name,
                           Time now);
Status set_token_enabled(Writer& writer, TokenId token, bool enabled);
Result<User> create_user(Writer& writer, std::string_view email, std::string_view name,
                         std::string_view role, std::string_view password_hash, Time now);

// For who makes accounts in a transaction of their own. kInvalid: no address, or no such role.
Result<User> checked_user(std::string_view email, std::string_view name, std::string_view role,
                          Time now);
// Fills in the id. kConflict: that address has an account.
Status insert_user(Db& db, User& user, std::string_view password_hash);
std::string lower_case(std::string_view text);  // ASCII only

// On a reader's connection.
std::vector<Project> read_projects(Db& db, const Visible& visible);
std::vector<Token> read_tokens(Db& db);

}  // namespace flawless::store::sqlite
