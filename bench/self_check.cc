#include "self_check.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <zlib.h>

#include <chrono>
#include <set>
#include <unordered_set>

namespace flawless::bench {
namespace {

constexpr int kGzipWindow = 15 + 16;

Status failed(std::string_view what) {
  return {Code::kCorrupt, fmt::format("self-check: {}", what)};
}

Status check_zlib(std::string_view gzip, std::string_view expected) {
  z_stream stream{};
  std::string out(expected.size() + 1, '\0');
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return failed("zlib does not start");
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole && out == expected ? Status::ok() : failed("zlib inflates it to something else");
}

Status check_libdeflate(libdeflate_decompressor* inflater, std::string_view gzip,
                        std::string_view expected) {
  std::string out(expected.size() + 1, '\0');
  size_t size = 0;
  auto result =
      libdeflate_gzip_decompress(inflater, gzip.data(), gzip.size(), out.data(), out.size(), &size);
  bool same = result == LIBDEFLATE_SUCCESS && std::string_view(out.data(), size) == expected;
  return same ? Status::ok() : failed("libdeflate inflates it to something else");
}

Result<std::string_view> string_at(const simdjson::dom::element& root, std::string_view pointer) {
  std::string_view text;
  if (root.at_pointer(pointer).get(text) != simdjson::SUCCESS)
    return failed(fmt::format("no {}", pointer));
  return text;
}

Status check_envelope(simdjson::dom::parser& parser, std::string_view body, std::string_view id) {
  size_t first = body.find('\n'), second = body.find('\n', first + 1);
  simdjson::dom::element root;
  if (parser.parse(body.data(), first).get(root) != simdjson::SUCCESS)
    return failed("envelope header");
  ASSIGN_OR_RETURN(auto found, string_at(root, "/event_id"));
  if (found != id) return failed("the id is not the one of this request");
  uint64_t length = 0;
  if (parser.parse(body.data() + first + 1, second - first - 1)["length"].get(length) !=
          simdjson::SUCCESS ||
      second + 1 + length + 1 != body.size())
    return failed("the item's length is wrong");
  if (parser.parse(body.data() + second + 1, length).get(root) != simdjson::SUCCESS)
    return failed("event JSON");
  return string_at(root, "/exception/values/0/stacktrace/frames/0/function").status();
}

Status check_rollbar(simdjson::dom::parser& parser, std::string_view body, std::string_view id) {
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
    return failed("item JSON");
  ASSIGN_OR_RETURN(auto found, string_at(root, "/data/uuid"));
  if (found != id) return failed("the id is not the one of this request");
  return string_at(root, "/data/body/trace/frames/0/method").status();
}

double microseconds_per_request(Requests& requests, size_t count) {
  auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < count; ++i) requests.next();
  std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / static_cast<double>(count);
}

Status check_one(const Requests& requests, Form form, libdeflate_decompressor* inflater,
                 simdjson::dom::parser& parser) {
  const Body& event = requests.last_event();
  std::string text = event.head + std::string(requests.last_id()) + event.tail;
  RETURN_IF_ERROR(check_zlib(requests.last_body(), text));
  RETURN_IF_ERROR(check_libdeflate(inflater, requests.last_body(), text));
  return form == Form::kSentry ? check_envelope(parser, text, requests.last_id())
                               : check_rollbar(parser, text, requests.last_id());
}

}  // namespace

Result<std::string> self_check(const RequestOptions& options, size_t ids) {
  Requests requests(options);
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  simdjson::dom::parser parser;
  std::unordered_set<std::string> seen;
  std::set<uint32_t> groups;
  for (size_t i = 0; i < ids; ++i) {
    requests.next();
    RETURN_IF_ERROR(check_one(requests, options.events.form, inflater.get(), parser));
    if (!seen.emplace(requests.last_id()).second) return failed("an id came twice");
    groups.insert(requests.last_event().group);
  }
  if (groups.size() != options.events.groups) {
    return failed(fmt::format("{} of {} groups occur", groups.size(), options.events.groups));
  }
  return fmt::format(
      "{} ids, {} groups, {} bodies of {:.0f} bytes, {:.0f} gzip'd: ok; {:.2f} us each to make",
      ids, groups.size(), requests.count(), requests.mean_event_bytes(), requests.mean_wire_bytes(),
      microseconds_per_request(requests, ids));
}

}  // namespace flawless::bench
