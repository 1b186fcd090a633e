#include "triage/scrub.h"

#include <gtest/gtest.h>

#include <string>

namespace flawless::triage {
namespace {

const Scrubber& defaults() {
  static const Scrubber scrubber{ScrubRules{}};
  return scrubber;
}
std::string text(std::string_view sent) { return defaults().scrub_text(sent); }

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

// What is hidden in each is S3CRET, and nothing else.
TEST(ScrubText, FormsInWhichProgramsPrintValues) {
  for (std::string_view sent : {
           "{password: \"S3CRET\", user: \"ann\"}",                    // Ruby 3.4
           "#<User password: \"S3CRET\", id: 1>",                      // ActiveRecord
           "#<User id: 1, password: \"S3CRET\">",                      //
           "User { id: 1, password: \"S3CRET\" }",                     // Rust
           "%{password: \"S3CRET\"}",                                  // Elixir
           "{ user: 'ann', password: 'S3CRET', pin: 1 }",              // util.inspect
           "{ cookie: 'S3CRET', cvv: S3CRET }",                        //
           "{\n  password: 'S3CRET',\n  token: `S3CRET`\n}",            //
           "mutation{login(email:\"a\",password:\"S3CRET\")}",         // GraphQL
           "{User:ann Password:S3CRET Age:5}",                         // Go
           "map[token:S3CRET user:ann]",                               //
           "User { Name = ann, Password = S3CRET }",                   // C#
           "ImmutableMultiDict([('user', 'ann'), ('password', 'S3CRET')])",
           "OrderedDict([('password', 'S3CRET'), ('b', 1)])",
           "MultiDict([('password', S3CRET)])",
           "[(b'host', b'h'), (b'authorization', b'S3CRET'), (b'cookie', b'S3CRET')]",
           "[[\"X-Api-Key\",\"S3CRET\"],[\"Host\",\"h\"]]",
           "{\"h\":\"[[\\\"token\\\",\\\"S3CRET\\\"]]\"}",
           "{\"password\" :\n    \"S3CRET\", \"n\": 1}",
           "{\"Name\":\"password\",\"Value\":\"S3CRET\"}",
           "[{'key': 'token', 'value': 'S3CRET'}, {'key': 'a', 'value': 'b'}]",
           "{\"value\": \"S3CRET\", \"name\": \"password\"}",
           "Header(name='Cookie', value='S3CRET')",
           "<input type=\"password\" name=\"password\" value=\"S3CRET\">",
           "{Name:password Value:S3CRET}",
           "X-Auth-Token:S3CRET",
           "GET / HTTP/1.1\nX-Access-Token: S3CRET\nHost: h",
           "PRIVATE-TOKEN: S3CRET",
           "curl -H 'X-Api-Key:S3CRET' -H \"X-Vault-Token: S3CRET\" http://h",
           "X-Auth: S3CRET",
           "Cookie: S3CRET",
           "'GET /\\r\\nCookie: S3CRET\\r\\nAccept: x'",
           "mysqldump --user ann --password S3CRET shop",
           "['mysqldump', '--password', 'S3CRET', 'shop']",
           "--api-key \"S3CRET\" -v",
           "user[password][]=S3CRET",
           "user[password][0]=S3CRET",
           "user%5Bpassword%5D%5B%5D=S3CRET",
           "https://h/?next=%2Flogin%3Fa%3D1%26token%3DS3CRET%26b%3D2&c=3",
           "https://h/?next=%252Flogin%253Ftoken%253DS3CRET&c=3",
           "user: ann\npassword: S3CRET\nhost: db",
           "db:\n  - password: S3CRET",
       }) {
    std::string expected(sent);
    for (size_t at = expected.find("S3CRET"); at != std::string::npos;
         at = expected.find("S3CRET", at)) {
      expected.replace(at, 6, "[scrubbed]");
    }
    std::string once = text(sent);
    EXPECT_EQ(once, expected);
    EXPECT_EQ(text(once), once);
  }
}

TEST(ScrubText, PartsOfForms) {
  EXPECT_EQ(text("--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\na b\r\n--B\r\n"
                 "Content-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n--B--"),
            "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[scrubbed]\r\n--B\r\n"
            "Content-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n--B--");
  EXPECT_EQ(text("form-data; name=\"token\"\nContent-Type: text/plain\n\na\nb\n--B"),
            "form-data; name=\"token\"\nContent-Type: text/plain\n\n[scrubbed]\n--B");
  EXPECT_EQ(text("'form-data; name=\"token\"\\r\\n\\r\\nabc\\r\\n--B'"),
            "'form-data; name=\"token\"\\r\\n\\r\\n[scrubbed]\\r\\n--B'");
}

// A query's value ends at '&', whatever else is in it; elsewhere punctuation ends it.
TEST(ScrubText, ValuesOfQueries) {
  EXPECT_EQ(text("password=ab;cd&x=1"), "password=[scrubbed]&x=1");
  EXPECT_EQ(text("?a=1&password=ab,cd;ef"), "?a=1&password=[scrubbed]");
  EXPECT_EQ(text("https://h/?user[pw]=ab%20cd)ef&x=1"), "https://h/?user[pw]=[scrubbed]&x=1");
  EXPECT_EQ(text("(see https://h/?token=abc), twice"),
            "(see https://h/?token=[scrubbed]), twice");
  EXPECT_EQ(text("Server=h;Password=abc;Database=d"), "Server=h;Password=[scrubbed];Database=d");
  EXPECT_EQ(text("f(password=abc, n=1)"), "f(password=[scrubbed], n=1)");
  EXPECT_EQ(defaults().scrub_urls("/?next=%3Ftoken%3Dabc"), "/?next=%3Ftoken%3D[scrubbed]");
}

TEST(ScrubText, ValuesOfSeveralWords) {
  EXPECT_EQ(text("User { id: 1, password: Some(\"a\") }"), "User { id: 1, password: [scrubbed] }");
  EXPECT_EQ(text("&{ID:1 Auth:{User:a Key:b}}"), "&{ID:1 Auth:[scrubbed]}");
  EXPECT_EQ(text("Login(password=SecretStr('a b'), n=1)"), "Login(password=[scrubbed], n=1)");
  EXPECT_EQ(text("Authorization=Basic abc rest"), "Authorization=[scrubbed] rest");
  EXPECT_EQ(text("Authorization: Digest username=\"a\", response=\"b\""),
            "Authorization: [scrubbed]");
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
        "std::auth::run", "secret=", "=", "password: wrong for user bob",
        "Invalid password: must have 8 characters", "Unexpected token: '}'", "token: expired",
        "(wrong password: try again)", "auth-worker: connection refused", "auth:login failed",
        "option --password is required", "argument --token: expected one argument",
        "['password', 'email', 'name']", "fields (\"token\", \"user\", \"age\")",
        "name=anna, value=5", "Content-Disposition: form-data; name=\"user\"\r\n\r\nann",
        "- token: expired 3 days ago", "100%3D50", "a -- password b", "tests: passed=3"}) {
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
  for (std::string_view part :
       {"pw:", "pw=basic ", "pw=a(", "pw=a,", "--pw (", "('pw',(", "(\"pw\",\\\"", "pw: \"",
        "{pw:", "name=\"pw\"", "form-data name=\"pw\"\n\n", "value='a' ", "%3Dpw%253D",
        "x-token:", "pw: {", "{ pw: [", "[pw]="}) {
    sent.clear();
    while (sent.size() < 100000) sent += part;
    text(sent);
  }
  sent.assign(300000, ':');
  EXPECT_EQ(text(sent), sent);
  sent.clear();
  for (int i = 0; i < 50000; ++i) sent += "-----BEGIN ";
  EXPECT_EQ(text(sent), sent);
}

}  // namespace
}  // namespace flawless::triage
