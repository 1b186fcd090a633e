#include "source_lines.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace flawless::bench {
namespace {

constexpr size_t kFewestFiles = 20;
constexpr size_t kFewestFunctions = 4;
constexpr size_t kLongestLine = 160;

constexpr std::string_view kBuiltIn = R"py(
class Basket:
    def __init__(self, customer, currency="EUR"):
        self.customer = customer
        self.currency = currency
        self.lines = []

    def add(self, product, amount=1, discount=None):
        price = product.price_in(self.currency)
        if discount is not None:
            price = discount.apply(price, customer=self.customer)
        line = Line(product=product, amount=amount, price=price)
        self.lines.append(line)
        return line

    def total(self, taxes):
        subtotal = sum(line.amount * line.price for line in self.lines)
        rate = taxes.rate_for(self.customer.country)
        return subtotal + (subtotal * rate).quantize(CENT)

def load_banners(connection, shop_id, now):
    query = "SELECT id, text, starts, ends FROM banner WHERE shop = %s"
    rows = connection.execute(query, (shop_id,)).fetchall()
    current = [row for row in rows if row.starts <= now < row.ends]
    first = current[0]
    return Banner(first.id, first.text), current[1:]

def render_page(template, context, request):
    user = request.user if request.session else None
    values = dict(context, user=user, path=request.path)
    html = template.render(values)
    if request.accepts("gzip"):
        html = compress(html.encode("utf-8"), level=6)
    return Response(html, status=200, content_type="text/html")

def retry(function, attempts=3, delay=0.25, errors=(OSError,)):
    for attempt in range(attempts):
        try:
            result = function()
        except errors as error:
            last = error
            sleep(delay * 2 ** attempt)
        else:
            return result
    raise last
)py";

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

std::string_view leading_name(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && is_name(text[end])) ++end;
  return text.substr(0, end);
}

// The name that a line `def NAME(…` defines.
std::optional<std::string_view> defined(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with("def ")) return std::nullopt;
  return leading_name(line.substr(4));
}

void remember(SourceFunction& function, std::string_view name) {
  bool wanted = name.size() > 1 && std::isalpha(static_cast<unsigned char>(name[0])) != 0;
  if (wanted &&
      std::find(function.names.begin(), function.names.end(), name) == function.names.end())
    function.names.emplace_back(name);
}

void remember_arguments(SourceFunction& function, std::string_view line) {
  size_t at = line.find('(');
  while (at != std::string_view::npos && at + 1 < line.size()) {
    remember(function, leading_name(trimmed(line.substr(at + 1))));
    at = line.find(',', at + 1);
  }
}

void remember_assigned(SourceFunction& function, std::string_view line) {
  line = trimmed(line);
  std::string_view name = leading_name(line);
  if (line.substr(name.size()).starts_with(" = ")) remember(function, name);
}

void split_lines(std::string_view text, std::vector<std::string>& lines) {
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, std::min(end, kLongestLine)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<SourceFile> read_file(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  SourceFile file = read_source(path.stem().string(), text);
  if (!stream || file.functions.size() < kFewestFunctions) return std::nullopt;
  return file;
}

std::vector<SourceFile> built_in() {
  std::vector<SourceFile> files;
  for (const char* module : {"basket", "banner", "pages", "billing", "stock", "search"}) {
    files.push_back(read_source(module, kBuiltIn.substr(1)));
  }
  return files;
}

}  // namespace

SourceFile read_source(std::string module, std::string_view text) {
  SourceFile file{.module = std::move(module), .lines = {}, .functions = {}};
  split_lines(text, file.lines);
  for (size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    if (auto name = defined(line)) {
      file.functions.push_back({std::string(*name), i, i + 1, {}});
      remember_arguments(file.functions.back(), line);
    } else if (!file.functions.empty() && !line.empty() && line[0] == ' ') {
      file.functions.back().end_line = i + 1;
      remember_assigned(file.functions.back(), line);
    }
  }
  std::erase_if(file.functions,
                [](const SourceFunction& f) { return f.end_line < f.first_line + 3; });
  return file;
}

std::vector<SourceFile> load_sources(const std::string& folder, size_t most) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SourceFile> files;
  for (const auto& path : paths) {
    if (files.size() == most) break;
    if (auto file = read_file(path)) files.push_back(std::move(*file));
  }
  return files.size() < kFewestFiles ? built_in() : files;
}

}  // namespace flawless::bench
