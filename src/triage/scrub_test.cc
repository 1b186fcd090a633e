#include "triage/scrub.h"

#include <gtest/gtest.h>

#include <string>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

const Scrubber& defaults() {
  static const Scrubber scrubber{ScrubRules{}};
  return scrubber;
}
std::string text(std::string_view sent) { return defaults().scrub_text(sent); }

Value object(std::vector<Member> members) {
  Value value;
  value.kind = Value::Kind::kObject;
  value.members = std::move(members);
  return value;
}
Value list(std::vector<Value> values) {
  Value value;
  value.kind = Value::Kind::kArray;
  for (Value& entry : values) value.members.push_back({{}, std::move(entry)});
  return value;
}
std::string json(const Value& value) {
  JsonWriter writer;
  write_value(writer, value);
  return writer.take();
}
std::string scrubbed(Value value) {
  Arena arena;
  defaults().scrub(value, arena);
  return json(value);
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
                                "card_type",
                                "cookie_banner",
                                "discard",
                                "hotpath",
                                "tokens_left",
                                "password_policy",
                                ""}) {
    EXPECT_FALSE(defaults().is_secret_name(name)) << name;
  }
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

TEST(ScrubText, Urls) {
  EXPECT_EQ(text("postgres://app:hunter2@db/shop failed"),
            "postgres://app:[scrubbed]@db/shop failed");
  EXPECT_EQ(text("https://a:p@ss@h/"), "https://a:[scrubbed]@h/");
  EXPECT_EQ(text("https://ghp_0123456789abcdefgh@github.com/x"), "https://[scrubbed]@github.com/x");
  EXPECT_EQ(text("https://anna@shop.example/x"), "https://anna@shop.example/x");
  EXPECT_EQ(text("GET https://h/p?page=2&api_key=abc&q=x#top"),
            "GET https://h/p?page=2&api_key=[scrubbed]&q=x#top");
  EXPECT_EQ(text("/p?user%5Bpassword%5D=x&b=1"), "/p?user%5Bpassword%5D=[scrubbed]&b=1");
  EXPECT_EQ(text("mail a@b.example at http://h:80/x"), "mail a@b.example at http://h:80/x");
}

TEST(ScrubText, UrlsOnly) {
  EXPECT_EQ(defaults().scrub_urls("see http://u:p@h/?token=t and password=x"),
            "see http://u:[scrubbed]@h/?token=[scrubbed] and password=x");
}

TEST(ScrubText, NamesAndValues) {
  EXPECT_EQ(text("host=db user=x password=y dbname=z"),
            "host=db user=x password=[scrubbed] dbname=z");
  EXPECT_EQ(text("Login(user='x', password='y z', n=1)"),
            "Login(user='x', password='[scrubbed]', n=1)");
  EXPECT_EQ(text("{\"user\": \"x\", \"password\": \"y\\\"z\"}"),
            "{\"user\": \"x\", \"password\": \"[scrubbed]\"}");
  EXPECT_EQ(text("{'token': u'abc', 'n': 1}"), "{'token': u'[scrubbed]', 'n': 1}");
  EXPECT_EQ(text("{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}"),
            "{\\\"token\\\":\\\"[scrubbed]\\\",\\\"n\\\":1}");
  EXPECT_EQ(text("{\"cvv\": 123, \"n\": 1}"), "{\"cvv\": [scrubbed], \"n\": 1}");
  EXPECT_EQ(text("{:password=>\"x\", \"token\"=>\"y\"}"),
            "{:password=>\"[scrubbed]\", \"token\"=>\"[scrubbed]\"}");
  EXPECT_EQ(text("credentials={'a': ['b', 'c']} rest"), "credentials=[scrubbed] rest");
  EXPECT_EQ(text("a=1&password=x&b=2"), "a=1&password=[scrubbed]&b=2");
}

TEST(ScrubText, HeaderLinesBearersAndKeys) {
  EXPECT_EQ(text("Host: h\r\nAuthorization: Basic abc\r\nAccept: x"),
            "Host: h\r\nAuthorization: [scrubbed]\r\nAccept: x");
  EXPECT_EQ(text("curl -H 'Cookie: a=b' http://h"), "curl -H 'Cookie: [scrubbed]' http://h");
  EXPECT_EQ(text("sent Bearer abc123.def456 twice"), "sent Bearer [scrubbed] twice");
  EXPECT_EQ(text("Bearer authentication failed"), "Bearer authentication failed");
  EXPECT_EQ(text("x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y"),
            "x -----BEGIN RSA PRIVATE KEY-----[scrubbed]-----END RSA PRIVATE KEY----- y");
  EXPECT_EQ(text("-----BEGIN EC PRIVATE KEY-----\ncut off"),
            "-----BEGIN EC PRIVATE KEY-----[scrubbed]");
  EXPECT_EQ(text("-----BEGIN CERTIFICATE-----\nMIIE"), "-----BEGIN CERTIFICATE-----\nMIIE");
}

TEST(ScrubText, LeavesWhatIsNoSecret) {
  for (std::string_view sent :
       {"password=None", "token=''", "token: ''", "{\"token\": null}", "password=********",
        "session == other", "password must not be blank", "Invalid token: unexpected end",
        "{'session': <Session object at 0x7f>}", "auth=<function f at 0x7f>",
        "10.0.0.1:8080 anna@example.org", "token=[Filtered]", "a = b; author=anna",
        "std::auth::run", "secret=", "="}) {
    EXPECT_EQ(text(sent), sent);
  }
}

TEST(ScrubText, IsIdempotent) {
  for (std::string_view sent :
       {"http://u:p@h/?token=t&x=y", "password='a b' token=c",
        "{\"auth\": {\"a\": [1]}, \"pw\": 5}", "Authorization: Basic abc", "Bearer abc123456 x",
        "-----BEGIN PRIVATE KEY-----\nx", "x://&pw=Zabcdefgh&z=@", "x://a&pw=x:y@h",
        "bearer ab345678pw=[(x) y pw=[(z) w", "password=[scrubbed", "token=[1, 2",
        "{\"token\": \"unclosed"}) {
    std::string once = text(sent);
    EXPECT_NE(once, sent);
    EXPECT_EQ(text(once), once);
  }
}

TEST(ScrubText, HostileTextIsLinear) {
  std::string sent;
  for (int i = 0; i < 60000; ++i) sent += "pw={'";
  text(sent);
  sent.clear();
  for (int i = 0; i < 40000; ++i) sent += "Cookie: ";
  text(sent + "[scrubbed]");
  sent.assign(300000, ':');
  EXPECT_EQ(text(sent), sent);
  sent.clear();
  for (int i = 0; i < 50000; ++i) sent += "-----BEGIN ";
  EXPECT_EQ(text(sent), sent);
}

TEST(ScrubValue, ByNameAtAnyDepth) {
  EXPECT_EQ(
      scrubbed(object(
          {{"user", Value::string("anna")},
           {"db", object({{"password", Value::string("x")}, {"port", Value::of_integer(5)}})},
           {"cards", list({object({{"card_number", Value::of_integer(4111)}})})}})),
      R"({"user":"anna","db":{"password":"[scrubbed]","port":5},"cards":[{"card_number":"[scrubbed]"}]})");
}

TEST(ScrubValue, EmptyValuesStay) {
  EXPECT_EQ(scrubbed(object({{"token", Value()},
                             {"password", Value::string("")},
                             {"secret", Value::boolean(true)},
                             {"auth_token", Value::string("None")},
                             {"pw", Value::string("*****")}})),
            R"({"token":null,"password":"","secret":true,"auth_token":"None","pw":"*****"})");
}

TEST(ScrubValue, SessionIsLookedInto) {
  EXPECT_EQ(
      scrubbed(object(
          {{"session", object({{"cart", Value::of_integer(3)}, {"csrf", Value::string("x")}})},
           {"credentials", object({{"cart", Value::of_integer(3)}})}})),
      R"({"session":{"cart":3,"csrf":"[scrubbed]"},"credentials":"[scrubbed]"})");
}

TEST(ScrubValue, PairsNamedValuesAndArguments) {
  EXPECT_EQ(scrubbed(list({list({Value::string("X-Api-Key"), Value::string("k")}),
                           list({Value::string("Host"), Value::string("h")})})),
            R"([["X-Api-Key","[scrubbed]"],["Host","h"]])");
  EXPECT_EQ(scrubbed(object({{"name", Value::string("password")}, {"value", Value::string("x")}})),
            R"({"name":"password","value":"[scrubbed]"})");
  EXPECT_EQ(scrubbed(list({Value::string("run"), Value::string("--password"), Value::string("x"),
                           Value::string("--token=y"), Value::string("z")})),
            R"(["run","--password","[scrubbed]","--token=[scrubbed]","z"])");
}

TEST(ScrubValue, PositionalArgumentsOfRawFramesGoByTheirParametersNames) {
  const Value args = list({Value::string("ann"), Value::string("hunter2"), Value::string("more")});
  const Value argspec = list({Value::string("user"), Value::string("password")});
  EXPECT_EQ(
      scrubbed(object({{"lineno", Value::of_integer(3)}, {"args", args}, {"argspec", argspec}})),
      R"({"lineno":3,"args":["ann","[scrubbed]","more"],"argspec":["user","password"]})");
}

TEST(ScrubValue, SourceCodeOfRawFramesStays) {
  EXPECT_EQ(
      scrubbed(object({{"lineno", Value::of_integer(3)},
                       {"code", Value::string("login(password='x')")},
                       {"locals", object({{"password", Value::string("x")}})}})),
      R"json({"lineno":3,"code":"login(password='x')","locals":{"password":"[scrubbed]"}})json");
}

Event full_event() {
  Event event = event_of(
      "python", {exception("E", "GET http://u:p@h/ failed", {own("a.py", "f", "password = 'x'")})});
  Variable variable;
  variable.name = "password";
  variable.value = Value::string("hunter2");
  event.exceptions[0].frames[0].variables.push_back(variable);
  variable.name = "form";
  variable.value = Value::string("{'password': 'hunter2'}");
  event.exceptions[0].frames[0].variables.push_back(variable);
  event.request.emplace();
  event.request->url = "https://h/login?token=abc";
  event.request->query = "token=abc&page=1";
  event.request->headers = {{"Cookie", "sid=abc; theme=dark; empty="},
                            {"Authorization", "Basic YTpi"},
                            {"X-Api-Key", "abc"},
                            {"Set-Cookie", "sid=abc; Path=/; HttpOnly"},
                            {"Referer", "https://h/?password=x"},
                            {"X-Forwarded-For", "10.0.0.1"}};
  event.request->cookies = object({{"theme", Value::string("dark")}});
  event.request->body = Value::string("user=anna&password=x");
  event.person.email = "anna@example.org";
  event.person.extra = object({{"ssn", Value::string("078-05-1120")}});
  event.tags = {{"auth_token", "abc"}, {"region", "eu"}};
  event.custom = object({{"dsn", Value::string("mysql://root:toor@db/x")}});
  event.contexts = object({{"app", object({{"api_key", Value::string("k")}})}});
  event.server = object({{"argv", list({Value::string("--password=x")})}});
  Breadcrumb crumb;
  crumb.message = "POST /login?token=abc";
  crumb.data = object({{"url", Value::string("http://h/?secret=s")}});
  event.breadcrumbs.push_back(crumb);
  return event;
}

TEST(ScrubEvent, EveryPlaceIsCovered) {
  Event event = full_event();
  defaults().scrub(event);
  const Frame& frame = event.exceptions[0].frames[0];
  EXPECT_EQ(event.exceptions[0].message, "GET http://u:[scrubbed]@h/ failed");
  EXPECT_EQ(frame.variables[0].value.kind, Value::Kind::kScrubbed);
  EXPECT_EQ(frame.variables[1].value.text, "{'password': '[scrubbed]'}");
  EXPECT_EQ(frame.code, "password = 'x'") << "source code is no report of values";
  const Request& request = *event.request;
  EXPECT_EQ(request.url, "https://h/login?token=[scrubbed]");
  EXPECT_EQ(request.query, "token=[scrubbed]&page=1");
  EXPECT_EQ(request.headers[0].second, "sid=[scrubbed]; theme=[scrubbed]; empty=");
  EXPECT_EQ(request.headers[1].second, "Basic [scrubbed]");
  EXPECT_EQ(request.headers[2].second, "[scrubbed]");
  EXPECT_EQ(request.headers[3].second, "sid=[scrubbed]; Path=/; HttpOnly");
  EXPECT_EQ(request.headers[4].second, "https://h/?password=[scrubbed]");
  EXPECT_EQ(request.headers[5].second, "10.0.0.1");
  EXPECT_EQ(json(request.cookies), R"({"theme":"[scrubbed]"})");
  EXPECT_EQ(request.body.text, "user=anna&password=[scrubbed]");
  EXPECT_EQ(event.person.email, "anna@example.org");
  EXPECT_EQ(json(event.person.extra), R"({"ssn":"[scrubbed]"})");
  EXPECT_EQ(event.tags[0].second, "[scrubbed]");
  EXPECT_EQ(event.tags[1].second, "eu");
  EXPECT_EQ(json(event.custom), R"({"dsn":"mysql://root:[scrubbed]@db/x"})");
  EXPECT_EQ(json(event.contexts), R"({"app":{"api_key":"[scrubbed]"}})");
  EXPECT_EQ(json(event.server), R"({"argv":["--password=[scrubbed]"]})");
  EXPECT_EQ(event.breadcrumbs[0].message, "POST /login?token=[scrubbed]");
  EXPECT_EQ(json(event.breadcrumbs[0].data), R"({"url":"http://h/?secret=[scrubbed]"})");
}

// A script's path is its URL, and paths become culprits, titles and searched text.
TEST(ScrubEvent, FramesNameNoSecretOfTheirUrl) {
  Frame script = frame("https://u:pw12345@cdn.example/app.js?token=hunter2&v=3", "run");
  script.abs_path = "https://cdn.example/app.js?token=hunter2";
  Frame file = frame("C:/shop/password=x/cart.py", "total");
  Event event = event_of("javascript", {exception("TypeError", "x", {script, file})});
  event.threads.emplace_back().frames = {script};
  event.message_template = "GET /?token=hunter2 by %s";
  defaults().scrub(event);
  const std::vector<Frame>& frames = event.exceptions[0].frames;
  EXPECT_EQ(frames[0].path, "https://u:[scrubbed]@cdn.example/app.js?token=[scrubbed]&v=3");
  EXPECT_EQ(frames[0].abs_path, "https://cdn.example/app.js?token=[scrubbed]");
  EXPECT_EQ(frames[1].path, "C:/shop/password=x/cart.py") << "no URL, no text";
  EXPECT_EQ(event.threads[0].frames[0].path, frames[0].path);
  EXPECT_EQ(event.message_template, "GET /?token=[scrubbed] by %s");
}

TEST(ScrubEvent, IsIdempotent) {
  Event event = full_event();
  defaults().scrub(event);
  size_t bytes = event.arena.bytes_used();
  defaults().scrub(event);
  EXPECT_EQ(event.arena.bytes_used(), bytes) << "nothing was rewritten";
}

}  // namespace
}  // namespace flawless::triage
