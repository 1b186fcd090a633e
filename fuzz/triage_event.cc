// A report of any bytes on its way through every decision, as digestion makes them: no crash, no hang, and the same
// grouping twice. The first byte chooses the protocol.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "triage/triage.h"
#include "wire/report.h"

namespace {

using namespace flawless;

Hash128 decide(wire::Protocol protocol, std::string_view body) {
  static wire::Parser parser;
  static const triage::Scrubber scrubber({});
  auto event = wire::read_event(protocol, body, wire::Detail::kIndex, {}, parser);
  if (!event) return {};
  triage::mark_in_app(*event);
  scrubber.scrub(*event);
  FLAWLESS_CHECK(triage::title(*event).size() <= 255);
  auto culprit = triage::find_culprit(*event, {});
  if (culprit) FLAWLESS_CHECK(culprit->frame < event->exceptions.at(culprit->exception).frames.size());
  return triage::group(*event).hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto protocol = static_cast<wire::Protocol>(1 + data[0] % 4);
  wire::Buffer body;
  body.assign({reinterpret_cast<const char*>(data) + 1, size - 1});
  if (decide(protocol, body.view()) != decide(protocol, body.view())) __builtin_trap();
  return 0;
}
