#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "server/config_blame.h"
#include "server/config_keys.h"
#include "server/config_legacy.h"
#include "triage/mail_due.h"

namespace flawless::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables = {}) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

constexpr std::string_view kMinimal = "[flawless]\ndata_dir = \"data\"\n";

Result<Config> parse(std::string_view text, Variables variables = {}) {
  return parse_config(text, "flawless.cfg", environment(std::move(variables)));
}
// What follows the two lines of kMinimal: line 3 and on.
Result<Config> parse_more(std::string_view text, Variables variables = {}) {
  return parse(std::string(kMinimal) + std::string(text), std::move(variables));
}

TEST(Config, NeedsOnlyADataDirectory) {
  const auto config = parse_config(kMinimal, "/etc/flawless/flawless.cfg", environment());
  ASSERT_TRUE(config) << config.message();
  EXPECT_EQ(config->data_dir, "/etc/flawless/data");
  EXPECT_EQ(config->http.public_url, "http://127.0.0.1:8080");
  EXPECT_EQ(config->mail.from, "flawless@127.0.0.1");
  EXPECT_EQ(config->retention.journal_max_bytes, 10'000'000'000);
  EXPECT_TRUE(config->scrub.use_defaults);
}

TEST(Config, ReadsEverySection) {
  const auto config = parse(R"([flawless]
data_dir = "/var/lib/flawless"
log_level = "debug"
[http]
address = "::"
port = 9000
public_url = "https://errors.example.com/"
trusted_proxies = ["10.0.0.0/8", "::1"]
[[repository]]
name = "shop"
url = "https://example.com/shop.git"
path_mappings = ["/srv/app/=src/"]
[[repository]]
name = "web"
path = "web.git"
[mail]
smtp_host = "mail.example.com"
smtp_user = "me"
smtp_password = "a \"b\""
smtp_tls = "tls"
allow = ["example.com"]
at_once = 3
roll_up_every = "1h"
[limits]
request_bytes = "64 kib"
connections = 100
[retention]
journal_max_age = "30d"
journal_max_bytes = "1TB"
[scrub]
use_defaults = false
)");
  ASSERT_TRUE(config) << config.message();
  EXPECT_EQ(config->data_dir, "/var/lib/flawless");
  EXPECT_EQ(config->local_url(), "http://[::1]:9000");
  EXPECT_EQ(config->http.public_url, "https://errors.example.com");
  EXPECT_THAT(config->http.trusted_proxies, ElementsAre("10.0.0.0/8", "::1"));
  ASSERT_EQ(config->repositories.size(), 2U);
  EXPECT_EQ(config->repositories[0].name, "shop");
  EXPECT_EQ(config->repositories[1].path, "./web.git");
  EXPECT_EQ(config->mail.smtp_password, "a \"b\"");
  EXPECT_EQ(config->mail.from, "flawless@errors.example.com");
  EXPECT_EQ(config->mail.at_once, 3);
  EXPECT_EQ(config->mail.roll_up_every, std::chrono::hours(1));
  EXPECT_EQ(config->limits.request_bytes, 64U << 10U);
  EXPECT_EQ(config->limits.connections, 100);
  EXPECT_EQ(config->retention.journal_max_age, std::chrono::hours(24 * 30));
  EXPECT_EQ(config->retention.journal_max_bytes, 1'000'000'000'000);
  EXPECT_FALSE(config->scrub.use_defaults);
}

struct ErrorCase {
  const char* text;  // from line 3 on
  const char* error;
};

TEST(Config, EveryErrorNamesLineAndKey) {
  const ErrorCase cases[] = {
      {"[http]\nprot = 1\n", "flawless.cfg:4: unknown key 'http.prot'; did you mean 'http.port'?"},
      {"[mail]\nport = 1\n", "flawless.cfg:4: unknown key 'mail.port'; did you mean 'http.port'?"},
      {"http_port = 1\n",
       "flawless.cfg:3: unknown key 'flawless.http_port'; did you mean 'http.port'?"},
      {"[http]\nzzz = 1\n", "flawless.cfg:4: unknown key 'http.zzz'"},
      {"[htpp]\nport = 1\n", "flawless.cfg:3: unknown section 'htpp'; did you mean [http]?"},
      {"[http]\nport = \"80\"\n", "flawless.cfg:4: 'http.port' must be a whole number, not \"80\""},
      {"[http]\nport = 80.5\n",
       "flawless.cfg:4: 'http.port' must be a whole number, not a number with"},
      {"[http]\nport = 70000\n",
       "flawless.cfg:4: 'http.port' cannot be 70000; it is between 0 and 65535"},
      {"[http]\naddress = 127\n", "flawless.cfg:4: 'http.address' must be text in quotes, not 127"},
      {"[http]\naddress = \"localhost\"\n",
       "flawless.cfg:4: 'http.address' cannot be \"localhost\""},
      {"[http]\ntrusted_proxies = \"10.0.0.1\"\n",
       "flawless.cfg:4: 'http.trusted_proxies' must be a list"},
      {"[http]\ntrusted_proxies = [7]\n", "flawless.cfg:4: 'http.trusted_proxies' must be a list"},
      {"[http]\ntrusted_proxies = [\"10.0.0.0/33\"]\n",
       "flawless.cfg:4: 'http.trusted_proxies' has \"10.0.0.0/33\""},
      {"[http]\npublic_url = \"example.com\"\n", "flawless.cfg:4: 'http.public_url' cannot be"},
      {"[http]\n\ntls_key = \"/nowhere/key.pem\"\n",
       "flawless.cfg:5: 'http.tls_key': cannot read /nowhere/key.pem: No such file or directory"},
      {"[http]\ntls_key = \"/etc/passwd\"\n",
       "flawless.cfg:4: 'http.tls_certificate' and 'http.tls_key' are needed both, or none"},
      {"[http]\ntls_key = \"/etc\"\n",
       "flawless.cfg:4: 'http.tls_key': cannot read /etc: Is a directory"},
      {"log_level = \"loud\"\n",
       "flawless.cfg:3: 'flawless.log_level' cannot be \"loud\"; choose one of debug, info, "
       "warning, error"},
      {"[limits]\nrequest_bytes = \"1 mile\"\n",
       "flawless.cfg:4: 'limits.request_bytes' cannot be \"1 mile\""},
      {"[limits]\nrequest_bytes = -1\n", "flawless.cfg:4: 'limits.request_bytes' cannot be \"-1\""},
      {"[limits]\nrequest_bytes = \"99999999TiB\"\n",
       "flawless.cfg:4: 'limits.request_bytes' cannot be"},
      {"[limits]\nrequest_bytes = \"1GB\"\n", "flawless.cfg:4: 'limits.request_bytes' is between"},
      {"[limits]\nreports_per_minute_soft = 2\nreports_per_minute_hard = 1\n",
       "flawless.cfg:4: 'limits.reports_per_minute_soft' is above"},
      {"[retention]\njournal_max_age = \"1y\"\n",
       "flawless.cfg:4: 'retention.journal_max_age' cannot be \"1y\""},
      {"[scrub]\nuse_defaults = \"yes\"\n",
       "flawless.cfg:4: 'scrub.use_defaults' must be true or false"},
      {"[scrub]\nnames = [\"пароль\", \"p12\", \"--\"]\n",
       "flawless.cfg:4: 'scrub.names' has \"--\"; write names with a letter or digit"},
      {"[mail]\ndefault_contact = \"me\"\n",
       "flawless.cfg:4: 'mail.default_contact' cannot be \"me\""},
      {"[mail]\nat_once = 0\n", "flawless.cfg:4: 'mail.at_once' cannot be 0"},
      {"[mail]\nroll_up_every = 0\n", "flawless.cfg:4: 'mail.roll_up_every' is between 1s and 1d"},
      {"[mail]\nroll_up_every = \"25h\"\n", "flawless.cfg:4: 'mail.roll_up_every' is between"},
      {"[mail]\nsmtp_password = \"x\"\n", "flawless.cfg:4: a mail password is given but no"},
      {"[mail]\nsmtp_user = \"x\"\nsmtp_password_env = \"NOPE\"\n",
       "flawless.cfg:5: 'mail.smtp_password_env': the environment has no NOPE"},
      {"[mail]\nsmtp_ca_file = \"/etc/passwd\"\n",
       "flawless.cfg:4: 'mail.smtp_ca_file': /etc/passwd holds no usable certificates"},
      {"[mail]\nsmtp_ca_file = \"/nowhere/ca.pem\"\n",
       "flawless.cfg:4: 'mail.smtp_ca_file': cannot read /nowhere/ca.pem: No such file"},
      {"[repository]\nname = \"x\"\n",
       "flawless.cfg:3: a repository is written under [[repository]]"},
      {"[[repository]]\nurl = \"x\"\n", "flawless.cfg:3: 'repository.name' is missing"},
      {"[[repository]]\nname = \"x\"\n", "flawless.cfg:4: repository 'x' needs"},
      {"[[repository]]\nname = \"x\"\npath = \"x\"\n[[repository]]\nname = \"x\"\npath = \"y\"\n",
       "flawless.cfg:7: there are two repositories 'x'"},
      {"[[repository]]\nname = \"x\"\npath = \"x\"\npath_mappings = [\"a\"]\n",
       "flawless.cfg:6: 'repository.path_mappings' has \"a\""},
      {"[[repository]]\nname = \"a b\"\npath = \"x\"\n",
       "flawless.cfg:4: 'repository.name' cannot be \"a b\""},
      {"[[repository]]\nname = \"a\"\npath = \"x\"\nfetch_every = 0\n",
       "flawless.cfg:6: 'repository.fetch_every' is at least 1s"},
      {"[[repository]]\nname = \"a\"\npath = \"x\"\nurl = \"https://h/x\"\n",
       "flawless.cfg:5: give 'repository.url' or 'repository.path'"},
      {"[[repository]]\nname = \"a\"\nurl = \"ext::sh -c id\"\n",
       "flawless.cfg:5: 'repository.url' of repository 'a': a repository's address begins with"},
      {"[[repository]]\nname = \"a\"\nurl = \"--upload-pack=x\"\n",
       "flawless.cfg:5: 'repository.url' of repository 'a': a repository's address begins with"},
      {"[[repository]]\nname = \"a\"\nurl = \"https:///x\"\n",
       "flawless.cfg:5: 'repository.url' of repository 'a': the repository's address needs a host"},
      {"[blame]\nreport_error_threshold = 0\n",
       "flawless.cfg:4: 'blame.report_error_threshold' cannot be 0"},
      {"[blame]\nreport_only_after_minimum_date = \"2014-02-30\"\n",
       "flawless.cfg:4: 'blame.report_only_after_minimum_date' cannot be \"2014-02-30\""},
      {"[blame]\nignore_vcs_email_domain = true\n",
       "flawless.cfg:4: 'blame.ignore_vcs_email_domain' needs 'blame.email_domain_name'"},
      {"[blame]\nemail_remapping = [\"ada\"]\n",
       "flawless.cfg:4: 'blame.email_remapping' has \"ada\""},
      {"[known_error]\nfilename = \"x\"\n",
       "flawless.cfg:3: a known_error is written under [[known_error]]"},
      {"[[known_errors]]\nfilename = \"x\"\n", "did you mean [[known_error]]?"},
      {"[[known_error]]\nfunction_name = \"f\"\n",
       "flawless.cfg:3: 'known_error.filename' is missing"},
      {"[[known_error]]\nfilename = \"x\"\nemail_recipients = [\"me\"]\n",
       "flawless.cfg:5: 'known_error.email_recipients' has \"me\""},
      {"[[third_party]]\nfilename = \"x\"\nemail_header = \"y\"\n",
       "flawless.cfg:5: unknown key 'third_party.email_header'"},
      {"[http\n", "flawless.cfg:3: "},
      {"data_dir = \"again\"\n", "flawless.cfg:3: "},
  };
  for (const ErrorCase& c : cases) {
    const auto config = parse_more(c.text);
    ASSERT_FALSE(config) << c.text;
    EXPECT_EQ(config.code(), Code::kInvalid);
    EXPECT_THAT(config.message(), HasSubstr(c.error)) << c.text;
  }
}

TEST(Config, ReportsAllErrorsAtOnce) {
  const auto config = parse("[http]\nprot = 1\nport = -1\n[mail]\nfrom = 7\n");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.message(), HasSubstr("flawless.cfg:2: unknown key"));
  EXPECT_THAT(config.message(), HasSubstr("\nflawless.cfg:3: 'http.port' cannot be -1"));
  EXPECT_THAT(config.message(), HasSubstr("\nflawless.cfg:5: 'mail.from' must be text"));
  EXPECT_THAT(config.message(), HasSubstr("flawless.cfg: 'flawless.data_dir' is missing"));
}

TEST(Config, AnAddressThatCannotBeUsedIsNotRepeated) {
  const auto config = parse_more(
      "[[repository]]\nname = \"a\"\nurl = \"http://u:s3cret@h/x\"\n"
      "[[repository]]\nname = \"b\"\nurl = \"git://u:s3cret@h/x\"\n");
  EXPECT_THAT(config.message(), HasSubstr("flawless.cfg:5: 'repository.url' of repository 'a'"));
  EXPECT_THAT(config.message(), HasSubstr("\nflawless.cfg:8: 'repository.url' of repository 'b'"));
  EXPECT_THAT(config.message(), HasSubstr("use https:// or ssh://"));
  EXPECT_THAT(config.message(), Not(HasSubstr("s3cret")));
}

TEST(Config, OfAFileThatIsNotTomlNothingIsMissing) {
  const auto config = parse("[flawless]\ndata_dir = \"data\n", {{"FLAWLESS_HTTP_PORT", "x"}});
  EXPECT_THAT(config.message(), HasSubstr("flawless.cfg:2: "));
  EXPECT_THAT(config.message(), Not(HasSubstr("is missing")));
  EXPECT_THAT(config.message(), HasSubstr("FLAWLESS_HTTP_PORT: 'http.port' must be"));
}

TEST(Config, TopLevelKeysAndSectionsAreNotMixedUp) {
  EXPECT_THAT(parse("data_dir = \"x\"\n").message(),
              HasSubstr("flawless.cfg:1: unknown key 'data_dir'; did you mean 'flawless.data_dir', "
                        "below [flawless]?"));
  EXPECT_THAT(parse("http = 5\n").message(), HasSubstr("flawless.cfg:1: 'http' is a section"));
}

TEST(Config, TheEnvironmentWinsAndIsCheckedToo) {
  const auto config =
      parse_more("[http]\nport = 1\n", {{"FLAWLESS_HTTP_PORT", "9000"},
                                        {"FLAWLESS_DATA_DIR", "/srv/data"},
                                        {"FLAWLESS_MAIL_ALLOW", "a.example, b.example"},
                                        {"FLAWLESS_REPOSITORY_1_NAME", "shop"},
                                        {"FLAWLESS_REPOSITORY_1_PATH", "/srv/shop"},
                                        {"FLAWLESS_BINARY", "something else"}});
  ASSERT_TRUE(config) << config.message();
  EXPECT_EQ(config->http.port, 9000);
  EXPECT_EQ(config->data_dir, "/srv/data");
  EXPECT_THAT(config->mail.allow, ElementsAre("a.example", "b.example"));
  ASSERT_EQ(config->repositories.size(), 1U);
  EXPECT_EQ(config->repositories[0].path, "/srv/shop");

  const auto bad = parse_more("", {{"FLAWLESS_HTTP_PORT", "many"}, {"FLAWLESS_HTTP_ADDRESS", "x"}});
  EXPECT_THAT(bad.message(), HasSubstr("FLAWLESS_HTTP_PORT: 'http.port' must be a whole number"));
  EXPECT_THAT(bad.message(), HasSubstr("FLAWLESS_HTTP_ADDRESS: 'http.address' cannot be \"x\""));
}

TEST(Config, BlameAndItsRulesAreReadForTheRoom) {
  const auto config = parse_more(R"([mail]
smtp_host = "localhost"
default_contact = "ops@shop.example"
[blame]
report_error_threshold = 3
report_only_after_minimum_date = "2014-2-1"
email_remapping = ["ada=ada@shop.example"]
wait_for_release = "5s"
[[repository]]
name = "shop"
path = "repositories/shop"
path_mappings = ["/app/=src/", "x="]
fetch_every = "5m"
[[known_error]]
filename = "shop/cart.py"
max_alert_threshold = 0
[[known_error]]
filename = "shop/payment.py"
alert_every_n_occurrences = 100
email_recipients = ["bob@shop.example"]
[[library_code]]
filename = "shop/db.py"
)",
                                 {{"FLAWLESS_THIRD_PARTY_1_FILENAME", "redis"}});
  ASSERT_TRUE(config) << config.message();
  const blame::Options options = blame_options(*config);
  EXPECT_TRUE(options.mail);
  EXPECT_EQ(options.threshold, 3);
  EXPECT_EQ(options.minimum_date, triage::parse_date("2014-02-01"));
  EXPECT_EQ(options.wait_for_release, std::chrono::seconds(5));
  ASSERT_EQ(options.addresses.remapping.size(), 1U);
  EXPECT_EQ(options.addresses.remapping[0].second, "ada@shop.example");
  ASSERT_EQ(options.rules.size(), 4U);
  EXPECT_EQ(options.rules[0].max_alert_threshold, 0);
  EXPECT_EQ(options.rules[0].min_alert_threshold, std::nullopt);
  EXPECT_EQ(options.rules[1].alert_every_n_occurrences, 100);
  EXPECT_THAT(options.rules[1].email_recipients, ElementsAre("bob@shop.example"));
  EXPECT_EQ(options.rules[2].kind, store::RuleKind::kLibraryCode);
  EXPECT_EQ(options.rules[3].kind, store::RuleKind::kThirdParty);
  EXPECT_EQ(options.rules[3].path, "redis");
  EXPECT_EQ(options.rules[3].created_by, "flawless.cfg");

  const auto repositories = repository_options(*config);
  ASSERT_EQ(repositories.size(), 1U);
  EXPECT_TRUE(repositories[0].mirror.url.starts_with('/'));
  EXPECT_TRUE(repositories[0].mirror.url.ends_with("/repositories/shop"));
  EXPECT_TRUE(repositories[0].mirror.directory.ends_with("/data/mirrors"));
  EXPECT_EQ(repositories[0].fetch_every, std::chrono::minutes(5));
  ASSERT_EQ(repositories[0].path_rules.size(), 2U);
  EXPECT_EQ(repositories[0].path_rules[0].deployed, "/app/");
  EXPECT_EQ(repositories[0].path_rules[0].repository, "src/");
  EXPECT_EQ(repositories[0].path_rules[1].repository, "");

  EXPECT_FALSE(blame_options(*parse(kMinimal)).mail);
}

TEST(Config, PasswordComesFromOneOfThreePlaces) {
  const std::string file = ::testing::TempDir() + "flawless_config_test_password";
  std::ofstream(file) << "from file\nsecond line\n";
  const std::string by_file = "[mail]\nsmtp_user = \"u\"\nsmtp_password_file = \"" + file + "\"\n";
  EXPECT_EQ(parse_more(by_file)->mail.smtp_password, "from file");
  EXPECT_EQ(parse_more("[mail]\nsmtp_user = \"u\"\nsmtp_password_env = \"PW\"\n", {{"PW", "e"}})
                ->mail.smtp_password,
            "e");
  EXPECT_THAT(parse_more(by_file + "smtp_password = \"x\"\n").message(), HasSubstr("give one of"));
  std::filesystem::remove(file);
}

TEST(Config, FilesThatCannotBeReadSayWhatToDo) {
  const auto missing = load_config("/nowhere/flawless.cfg", environment());
  EXPECT_EQ(missing.code(), Code::kInvalid);
  EXPECT_THAT(missing.message(), HasSubstr("/nowhere/flawless.cfg: No such file"));
  EXPECT_THAT(missing.message(), HasSubstr("flawless configure"));
  EXPECT_THAT(load_config("/etc", environment()).message(), HasSubstr("Is a directory"));
}

constexpr std::string_view kLegacy = R"(# made by flawless configure
[flawless]
data_dir_path = /var/flawless
http_port = 9000
hostname = errors.example.com:9000
log_level = WARNING
smtp_host = mail.example.com:587
smtp_user = me
smtp_password = 100%"sure"
smtp_use_tls = True
smtp_from = None
default_contact = ops@example.com
repo_branch_pattern = origin/release
email_domain_name = example.com
ignore_vcs_email_domain = True
report_only_after_minimum_date = 2014-2-1
)";

TEST(LegacyConfig, IsRecognisedAndConverted) {
  EXPECT_THAT(parse(kLegacy).message(), HasSubstr("`flawless configure --yes --from flawless.cfg --output"));
  EXPECT_FALSE(is_legacy_config(kMinimal));
  EXPECT_FALSE(is_legacy_config("[flawless]\ndata_dir = \"x\"\nhttp_port = 80\n"));

  const LegacyConfig old = convert_legacy_config(kLegacy);
  EXPECT_THAT(old.dropped, ElementsAre("repo_branch_pattern"));
  Config config;
  Config::Repository repository;
  for (const auto& [dotted, value] : old.values) {
    const Key* key = find_key(dotted);
    ASSERT_NE(key, nullptr) << dotted;
    const Status status = assign_text(*key, key->target(config, repository), value);
    EXPECT_TRUE(status.is_ok()) << status.message();
  }
  EXPECT_EQ(config.data_dir, "/var/flawless");
  EXPECT_EQ(config.http.port, 9000);
  EXPECT_EQ(config.http.public_url, "http://errors.example.com:9000");
  EXPECT_EQ(config.log_level, "warning");
  EXPECT_EQ(config.mail.smtp_host, "mail.example.com");
  EXPECT_EQ(config.mail.smtp_port, 587);
  EXPECT_EQ(config.mail.smtp_password, "100%\"sure\"");
  EXPECT_EQ(config.mail.smtp_tls, "starttls");
  EXPECT_THAT(config.mail.from, IsEmpty());
  EXPECT_EQ(config.mail.default_contact, "ops@example.com");
  EXPECT_THAT(config.mail.allow, ElementsAre("example.com"));
  EXPECT_EQ(config.blame.email_domain_name, "example.com");
  EXPECT_TRUE(config.blame.ignore_vcs_email_domain);
  EXPECT_EQ(config.blame.report_error_threshold, 3);  // the old program's default
  EXPECT_EQ(config.blame.report_only_after_minimum_date, "2014-2-1");
}

TEST(LegacyConfig, TheThresholdIsTakenOver) {
  const LegacyConfig old = convert_legacy_config(
      "[flawless]\ndata_dir_path = /d\nreport_error_threshold = 7\n"
      "report_only_after_minimum_date = 1970-1-1\n");
  EXPECT_THAT(old.values,
              ::testing::Contains(::testing::Pair("blame.report_error_threshold", "7")));
  EXPECT_THAT(
      old.values,
      Not(::testing::Contains(::testing::Key(HasSubstr("report_only_after_minimum_date")))));
}

// The default as `flawless options` shows it must be what the parser reads back as the default.
TEST(ConfigKeys, DefaultsSurviveBeingWrittenAndRead) {
  for (const Key& key : config_keys()) {
    if (!key.no_default.empty() || key.repeated()) continue;
    if (default_text(key) == "\"\"" && key.type != KeyType::kText)
      continue;  // a file that is not set
    const auto config = parse("[" + std::string(key.section) + "]\n" + std::string(key.name) +
                                  " = " + default_text(key) + "\n",
                              {{"FLAWLESS_DATA_DIR", "/d"}});
    ASSERT_TRUE(config) << key.dotted() << ": " << config.message();
    Config read = *config;
    EXPECT_EQ(toml_value(key, key.target(read, {})), default_text(key)) << key.dotted();
  }
}

TEST(ConfigKeys, TheNearestNameIsSaid) {
  EXPECT_EQ(suggestion("data_dri"), "; did you mean 'flawless.data_dir'?");
  EXPECT_EQ(suggestion("http.prot"), "; did you mean 'http.port'?");
  EXPECT_EQ(suggestion("port"), "; did you mean 'http.port'?");
  EXPECT_EQ(suggestion("nothing.of_the_kind"), "");
}

TEST(ConfigKeys, ChoicesTakeWholeWordsOnly) {
  for (const char* bad : {"", "star", "none|starttls", "TLS"}) {
    EXPECT_FALSE(parse_more(std::string("[mail]\nsmtp_tls = \"") + bad + "\"\n")) << bad;
  }
}

TEST(ConfigKeys, TheManualListsEachKeyWithItsDefaultAndVariable) {
  std::ifstream file(FLAWLESS_SOURCE_DIR "/docs/configuration.md");
  std::stringstream manual;
  manual << file.rdbuf();
  std::string section;
  for (const Key& key : config_keys()) {
    const std::string row = "| `" + key.dotted() + "` | " + std::string(key_type_name(key.type)) +
                            " | `" + default_text(key) + "` | `" + key.environment() + "` |";
    EXPECT_THAT(manual.str(), HasSubstr(row));
  }
}

}  // namespace
}  // namespace flawless::server
