#include "triage/scrub.h"

#include <gtest/gtest.h>

#include <string>

namespace flawless::triage {
namespace {

const Scrubber& defaults() {
  static const Scrubber scrubber{ScrubRules{}};
  return scrubber;
}

TEST(SecretNames, AreFoundInAnySpelling) {
  for (std::string_view name : {"password",
                                "PASSWORD",
                                "db_password",
                                "passwordConfirmation",
                                "dbPassword2",
                                "mysqlpassword",
                                "passwd",
                                "pwd",
                                "db_pwd",
                                "secret",
                                "clientSecret",
                                "client-secret",
                                "SECRET_KEY_BASE",
                                "api_key",
                                "apiKey",
                                "APIKEY",
                                "stripe.api-key",
                                "X-Api-Key",
                                "access_token",
                                "accessToken",
                                "token",
                                "gift_token",
                                "stripetoken",
                                "csrftoken",
                                "csrf_token",
                                "X-CSRFToken",
                                "csrfmiddlewaretoken",
                                "auth",
                                "http_auth",
                                "authorization",
                                "HTTP_AUTHORIZATION",
                                "Proxy-Authorization",
                                "credentials",
                                "mysql_pwd",
                                "privatekey",
                                "private_key",
                                "sessionid",
                                "session_id",
                                "session",
                                "Set-Cookie",
                                "HTTP_COOKIE",
                                "cc_number",
                                "card_number",
                                "cardNumber",
                                "cvv",
                                "cvc",
                                "ssn",
                                "AWS_ACCESS_KEY_ID",
                                "aws_secret_access_key",
                                "X-Amz-Security-Token",
                                "X-Amz-Signature",
                                "self.password",
                                "user[password]",
                                "token1",
                                "token_1",
                                "pw1_new",
                                "pass",
                                "DB_PASS",
                                "smtp_pass",
                                "user_pass2",
                                "card #",
                                "jwt"}) {
    EXPECT_TRUE(defaults().is_secret_name(name)) << name;
  }
}

TEST(SecretNames, InnocentNamesStay) {
  for (std::string_view name : {"author",
                                "authority",
                                "authored_by",
                                "token_count",
                                "tokenizer",
                                "max_tokens",
                                "keyboard",
                                "key",
                                "monkey",
                                "session_start_time",
                                "sessions",
                                "password_changed_at",
                                "passwordLength",
                                "auth_type",
                                "auth_user",
                                "token_type",
                                "access_token_func",
                                "expires_in",
                                "secretary",
                                "compass",
                                "passenger",
                                "passed",
                                "public_key",
                                "PWD",
                                "OLDPWD",
                                "user_id",
                                "email",
                                "ip_address",
                                "passenger_id",
                                "test_passed",
                                "bypass",
                                "pass_count",
                                "pass_through",
                                "token_expiration",
                                "token_count2",
                                "primary_key",
                                "card",
                                "id_card_type",
                                "salted",
                                "certificate_path",
                                "x_forwarded_for",
                                "cookie_banner",
                                "discard",
                                "hotpath",
                                "tokens_left",
                                "password_policy",
                                ""}) {
    EXPECT_FALSE(defaults().is_secret_name(name)) << name;
  }
}

// The default lists of clients and frameworks, as published: what they name goes. Of Rails' filters
// (parts of names) "_key" is left out, and of Sentry's list "x_forwarded_for", an address.
constexpr std::string_view kRollbarJavascript[] = {  // rollbar 2.26, src/browser/defaults
    "pw", "pass", "passwd", "password", "secret", "confirm_password", "confirmPassword",
    "password_confirmation", "passwordConfirmation", "access_token", "accessToken",
    "X-Rollbar-Access-Token", "secret_key", "secretKey", "secretToken", "cc-number", "card number",
    "cardnumber", "cardnum", "ccnum", "ccnumber", "cc num", "creditcardnumber",
    "credit card number", "newcreditcardnumber", "new credit card", "creditcardno",
    "credit card no", "card#", "card #", "cc-csc", "cvc", "cvc2", "cvv2", "ccv2", "security code",
    "card verification", "name on credit card", "name on card", "nameoncard", "cardholder",
    "card holder", "name des karteninhabers", "ccname", "card type", "cardtype", "cc type",
    "cctype", "payment type", "expiration date", "expirationdate", "expdate", "cc-exp", "ccmonth",
    "ccyear"};
constexpr std::string_view kRollbarNode[] = {  // rollbar 2.26, package.json: defaults.server
    "authorization", "www-authorization", "http_authorization", "omniauth.auth", "cookie",
    "oauth-access-token", "x-access-token", "x_csrf_token", "http_x_csrf_token", "x-csrf-token",
    "pw", "pass", "passwd", "password", "password_confirmation", "passwordConfirmation",
    "confirm_password", "confirmPassword", "secret", "secret_token", "secretToken", "secret_key",
    "secretKey", "api_key", "access_token", "accessToken", "authenticity_token", "oauth_token",
    "token", "user_session_secret", "request.session.csrf", "request.session._csrf",
    "request.params._csrf", "request.cookie", "request.cookies"};
constexpr std::string_view kRollbarPython[] = {  // rollbar 1.x, SETTINGS['scrub_fields']
    "pw", "passwd", "password", "secret", "confirm_password", "confirmPassword",
    "password_confirmation", "passwordConfirmation", "access_token", "accessToken", "auth",
    "authentication", "authorization"};
constexpr std::string_view kSentryPython[] = {  // sentry_sdk 2.x, scrubber.DEFAULT_DENYLIST
    "password", "passwd", "secret", "api_key", "apikey", "auth", "credentials", "mysql_pwd",
    "privatekey", "private_key", "token", "session", "csrftoken", "sessionid", "x_csrftoken",
    "set_cookie", "cookie", "authorization", "proxy-authorization", "x_api_key", "aiohttp_session",
    "connect.sid", "csrf_token", "csrf", "_csrf", "_csrf_token", "PHPSESSID", "_session", "symfony",
    "user_session", "_xsrf", "XSRF-TOKEN"};
constexpr std::string_view kRails[] = {  // config/initializers/filter_parameter_logging.rb
    "passw", "secret", "token", "crypt", "salt", "certificate", "otp", "ssn", "cvv", "cvc"};

TEST(SecretNames, OfTheDefaultListsOfClients) {
  const auto expect_all = [](auto& names) {
    for (std::string_view name : names) EXPECT_TRUE(defaults().is_secret_name(name)) << name;
  };
  expect_all(kRollbarJavascript);
  expect_all(kRollbarNode);
  expect_all(kRollbarPython);
  expect_all(kSentryPython);
  expect_all(kRails);
}

TEST(SecretNames, ProjectsOwn) {
  Scrubber own({.extra_names = {"pesel", "Bank-Account"}, .use_defaults = true});
  EXPECT_TRUE(own.is_secret_name("customer_pesel"));
  EXPECT_TRUE(own.is_secret_name("bankAccount"));
  EXPECT_TRUE(own.is_secret_name("bank_account_type")) << "what the project names always holds";
  EXPECT_FALSE(own.is_secret_name("riverbank_accountant"));
  EXPECT_TRUE(own.is_secret_name("password"));
  Scrubber only({.extra_names = {"pesel"}, .use_defaults = false});
  EXPECT_FALSE(only.is_secret_name("password"));
}

TEST(SecretNames, ProjectsOwnInAnyScriptWithDigitsOrOfOneLetter) {
  Scrubber own({.extra_names = {"пароль", "密码", "Straße", "address1", "p12", "x", "geheim wort"},
                .use_defaults = false});
  for (std::string_view name : {"пароль", "мой_пароль", "пароль2", "密码", "用户-密码", "Straße",
                                "heimat_straße", "address1", "home_address1", "p12", "P12", "x",
                                "X", "pos_x", "geheimWort", "geheim wort"}) {
    EXPECT_TRUE(own.is_secret_name(name)) << name;
  }
  for (std::string_view name : {"пароли", "ПАРОЛЬ", "address", "address2", "p1", "p", "max", "s3",
                                "密", "strasse"}) {
    EXPECT_FALSE(own.is_secret_name(name)) << name;
  }
  EXPECT_EQ(own.scrub_text("мой_пароль=a, x=bcd, {'密码': 'e'}, p12: 'f'"),
            "мой_пароль=[scrubbed], x=[scrubbed], {'密码': '[scrubbed]'}, p12: '[scrubbed]'");
}

TEST(SecretNames, WhatCanBeARule) {
  for (std::string_view name : {"x", "密", "p12", "12", "-a-"}) {
    EXPECT_TRUE(Scrubber::can_be_rule(name)) << name;
  }
  EXPECT_FALSE(Scrubber::can_be_rule(""));
  EXPECT_FALSE(Scrubber::can_be_rule("--"));
  EXPECT_FALSE(Scrubber::can_be_rule(std::string(65, 'a')));
  Scrubber none({.extra_names = {"--", ""}, .use_defaults = false});
  EXPECT_FALSE(none.is_secret_name("a"));
}

}  // namespace
}  // namespace flawless::triage
