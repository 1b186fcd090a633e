#include "generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/json_writer.h"

namespace flawless::bench {
namespace {

constexpr std::string_view kRoot = "/srv/shop/releases/current/";
constexpr std::string_view kLibrary = "/usr/lib/python3.11/site-packages/";
constexpr size_t kSmall = 6'000;  // bytes; below, a report has few frames and little context
constexpr size_t kMostCrumbs = 100;

const char* const kApps[] = {"orders", "checkout", "accounts", "catalogue", "search", "stock"};
const char* const kPackages[] = {"django", "celery", "requests", "sqlalchemy", "redis", "kombu"};
const char* const kClasses[] = {
    "ValueError",      "KeyError",           "TypeError",         "AttributeError",
    "IndexError",      "OperationalError",   "IntegrityError",    "TimeoutError",
    "ConnectionError", "ValidationError",    "PermissionDenied",  "ObjectDoesNotExist",
    "JSONDecodeError", "UnicodeDecodeError", "ZeroDivisionError", "RuntimeError",
    "OSError",         "PaymentRefused",     "StockExhausted"};
const char* const kMessages[] = {
    "could not convert {} to an order number",
    "{} has no attribute 'discount'",
    "list index out of range while reading basket {}",
    "deadlock detected: process {} waits for ShareLock",
    "HTTPSConnectionPool(host='pay.example.com', port=443): timed out after {} ms",
    "duplicate key value violates unique constraint \"person_email\" ({})",
    "Object of type Decimal is not JSON serializable (row {})",
    "unsupported operand type(s) for +: 'NoneType' and 'int' in line {}"};
const char* const kAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"};
const char* const kFirstNames[] = {"ada",     "grace",  "alan",   "edsger",
                                   "barbara", "donald", "niklaus"};
const char* const kLastNames[] = {"turner", "baker", "kowalski", "nguyen",
                                  "okafor", "silva", "weber"};
const char* const kTables[] = {"shop_order", "shop_basket", "auth_user", "stock_level", "banner"};
const char* const kModuleStems[] = {
    "django", "celery", "requests", "urllib3", "sqlalchemy", "redis",    "kombu",    "pillow",
    "lxml",   "numpy",  "boto3",    "jinja2",  "flask",      "gunicorn", "psycopg2", "pydantic"};

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// A local variable's value as the SDKs send it: mostly the text of its repr.
std::string local_value(Random& random) {
  switch (random.below(7)) {
    case 0:
      return quoted(fmt::format("{}", random.below(100'000)));
    case 1:
      return quoted(fmt::format("'{} {}'", random.pick(kFirstNames), random.pick(kLastNames)));
    case 2:
      return quoted(fmt::format("<shop.{}.models.{} object at 0x7f{}>", random.pick(kApps),
                                random.pick(kLastNames), random.hex(10)));
    case 3:
      return fmt::format(R"j({{"'id'":"{}","'state'":"'{}'","'total'":"Decimal('{}.{:02}')"}})j",
                         random.below(1'000'000), random.pick(kApps), random.below(500),
                         random.below(100));
    case 4:
      return fmt::format(R"(["'{}'","'{}'","{}"])", random.pick(kTables), random.pick(kApps),
                         random.below(1000));
    case 5:
      return quoted("None");
    default:
      return quoted(fmt::format("'{}-{}-{}'", random.hex(8), random.hex(4), random.hex(12)));
  }
}

CrumbPart crumb(Random& random, double at) {
  CrumbPart crumb{.at = at, .category = "query", .level = "info", .message = {}, .data = {}};
  if (random.below(3) == 0) {
    crumb.category = "httplib";
    crumb.message = fmt::format("GET https://stock.example.com/v1/{}/{}", random.pick(kTables),
                                random.below(99'999));
    crumb.data =
        fmt::format(R"({{"method":"GET","status_code":{},"reason":"OK"}})", 200 + random.below(5));
  } else {
    crumb.message = fmt::format(
        "SELECT \"{0}\".\"id\", \"{0}\".\"state\" FROM \"{0}\" WHERE \"{0}\".\"customer_id\" = {1} "
        "LIMIT {2}",
        random.pick(kTables), random.below(1'000'000), random.below(50));
  }
  return crumb;
}

}  // namespace

Generator::Generator(GeneratorOptions options)
    : options_(std::move(options)), sources_(load_sources(options_.sources)), now_(unix_now()) {}

std::vector<double> Generator::cumulative_weights() const {
  std::vector<double> sums(options_.groups);
  for (uint32_t g = 0; g < options_.groups; ++g) sums[g] = 1.0 / (g + 1);
  std::partial_sum(sums.begin(), sums.end(), sums.begin());
  for (double& sum : sums) sum /= sums.back();
  return sums;
}

std::vector<Body> Generator::bodies() const {
  std::vector<double> sums = cumulative_weights();
  std::vector<Body> bodies;
  for (uint32_t group = 0; group < options_.groups; ++group) {
    auto until = static_cast<size_t>(sums[group] * options_.bodies);
    do {
      bodies.push_back(body(group, static_cast<uint32_t>(bodies.size())));
    } while (bodies.size() < until);
  }
  return bodies;
}

Generator::Shape Generator::shape() const {
  size_t size = options_.size_bytes;
  if (size < kSmall) return {std::max<size_t>(2, size / 600), 0, 2, 0};
  return {std::clamp<size_t>(size / 800, 8, 60), 5, 3, 60};
}

Body Generator::body(uint32_t group, uint32_t index) const {
  Random random(options_.seed, (uint64_t{1} << 32U) + index);
  EventParts made = parts(group, index);
  fill(made, random);
  return write(made);
}

Body Generator::write(const EventParts& parts) const {
  return options_.form == Form::kSentry ? sentry_envelope(parts)
                                        : rollbar_item(parts, options_.token);
}

EventParts Generator::parts(uint32_t group, uint32_t index) const {
  Random stack(options_.seed, group);
  Random random(options_.seed, (uint64_t{2} << 32U) + index);
  EventParts parts;
  parts.group = group;
  // Within the last hour, so that no clock differs enough to be put right.
  parts.at = now_ - static_cast<double>(random.below(3'600'000)) / 1000;
  parts.exception_class = kClasses[group % std::size(kClasses)];
  parts.exception_module = stack.below(2) == 0 ? "builtins" : "shop.errors";
  const char* message = kMessages[stack.below(std::size(kMessages))];
  parts.message = fmt::format(fmt::runtime(message), random.below(1'000'000));
  add_frames(parts, random);
  add_about(parts, random, index);
  return parts;
}

void Generator::add_frames(EventParts& parts, Random& random) const {
  Random stack(options_.seed ^ 0x57acU, parts.group);
  size_t count = shape().frames;
  for (size_t i = 0; i < count; ++i) {
    // A web framework's frames first, then ours, and a library's at the end now and then.
    bool in_app = i >= count / 2 && (i + 1 < count || parts.group % 3 != 0);
    parts.frames.push_back(frame(stack, random, in_app));
  }
}

FramePart Generator::frame(Random& stack, Random& random, bool in_app) const {
  const SourceFile& file = stack.pick(sources_);
  const SourceFunction& function = stack.pick(file.functions);
  size_t at = function.first_line + 1 + stack.below(function.end_line - function.first_line - 1);
  const char* folder = in_app ? stack.pick(kApps) : stack.pick(kPackages);
  FramePart frame;
  frame.file = fmt::format("{}/{}.py", folder, file.module);
  frame.path = fmt::format("{}{}", in_app ? kRoot : kLibrary, frame.file);
  frame.module = fmt::format("{}.{}", folder, file.module);
  frame.function = function.name;
  frame.in_app = in_app;
  add_context(frame, file, at);
  size_t most = std::min(shape().locals, function.names.size());
  for (size_t i = 0; i < most; ++i) {
    frame.locals.emplace_back(function.names[i], local_value(random));
  }
  return frame;
}

void Generator::add_context(FramePart& frame, const SourceFile& file, size_t at) const {
  size_t context = shape().context;
  frame.line_number = at + 1;
  frame.line = file.lines[at];
  for (size_t i = at - std::min(context, at); i < at; ++i) frame.before.push_back(file.lines[i]);
  size_t end = std::min(at + 1 + context, file.lines.size());
  for (size_t i = at + 1; i < end; ++i) frame.after.push_back(file.lines[i]);
}

void Generator::add_about(EventParts& parts, Random& random, uint32_t index) const {
  uint32_t variety = std::max<uint32_t>(options_.variety, 1);
  auto person = random.below(variety);
  const char* first = kFirstNames[person % std::size(kFirstNames)];
  const char* last = kLastNames[person / std::size(kFirstNames) % std::size(kLastNames)];
  parts.person_id = fmt::format("{}", 10'000 + person);
  parts.person_name = fmt::format("{}.{}{}", first, last, person);
  parts.person_email = fmt::format("{}@customers.example.com", parts.person_name);
  parts.host = fmt::format("web-{:03}.eu-central.example.com", index % variety);
  parts.release = fmt::format("shop@2026.{}.{}", 1 + index % variety / 30, index % variety % 30);
  parts.environment = random.below(5) == 0 ? "staging" : "production";
  const char* app = kApps[parts.group % std::size(kApps)];
  parts.transaction = fmt::format("/{}/{{id}}/", app);
  parts.url = fmt::format("https://shop.example.com/{}/{}/", app, random.below(100'000));
  parts.method = random.below(3) == 0 ? "POST" : "GET";
  parts.query = fmt::format("page={}&session={}", random.below(40), random.hex(24));
  parts.user_agent = random.pick(kAgents);
  parts.address = fmt::format("203.0.{}.{}", random.below(114), random.below(256));
  parts.tags = {{"handled", "no"},
                {"region", random.below(2) == 0 ? "eu-central" : "us-east"},
                {"queue", random.pick(kApps)},
                {"customer_tier", random.below(4) == 0 ? "gold" : "standard"}};
  for (size_t i = 0; i < shape().modules; ++i) {
    parts.modules.emplace_back(
        fmt::format("{}{}", kModuleStems[i % std::size(kModuleStems)],
                    i < std::size(kModuleStems) ? "" : fmt::format("-ext{}", i)),
        fmt::format("{}.{}.{}", 1 + i % 5, i * 7 % 20, i * 3 % 11));
  }
}

// Breadcrumbs, as many as an SDK keeps, then extra data, up to the wanted size.
void Generator::fill(EventParts& parts, Random& random) const {
  size_t size = write(parts).size();
  double at = parts.at - 60;
  while (size < options_.size_bytes && parts.crumbs.size() < kMostCrumbs) {
    parts.crumbs.push_back(crumb(random, at += random.unit()));
    size += parts.crumbs.back().message.size() + parts.crumbs.back().data.size() + 110;
  }
  while (size + 200 < options_.size_bytes) {
    std::string name = fmt::format("state_{}", parts.extra.size());
    parts.extra.emplace_back(std::move(name), quoted(random.hex(160)));
    size += 180;
  }
}

}  // namespace flawless::bench
