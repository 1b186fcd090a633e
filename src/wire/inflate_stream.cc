// brotli and zstd.
#include <brotli/decode.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "wire/inflate.h"

namespace flawless::wire {
namespace {

enum class Step { kMore, kDone, kDamaged };

// Both decoders in one shape: step() consumes from `in`, fills `out` from `made` on.
class Brotli {
 public:
  static constexpr const char* kName = "brotli";
  explicit Brotli(std::string_view in)
      : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)),
        next_(reinterpret_cast<const uint8_t*>(in.data())),
        left_(in.size()) {}
  [[nodiscard]] bool ready() const { return state_ != nullptr; }
  [[nodiscard]] static size_t hint(std::string_view) { return 0; }

  Step step(char* out, size_t room, size_t& made) {
    auto* next_out = reinterpret_cast<uint8_t*>(out);
    size_t room_left = room, left_before = left_;
    auto result =
        BrotliDecoderDecompressStream(state_.get(), &left_, &next_, &room_left, &next_out, nullptr);
    made = room - room_left;
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return left_ == 0 ? Step::kDone : Step::kDamaged;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Step::kDamaged;
    return made == 0 && left_ == left_before && room > 0 ? Step::kDamaged : Step::kMore;
  }

 private:
  struct Free {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Free> state_;
  const uint8_t* next_;
  size_t left_;
};

class Zstd {
 public:
  static constexpr const char* kName = "zstd";
  explicit Zstd(std::string_view in) : context_(ZSTD_createDCtx()), in_{in.data(), in.size(), 0} {
    // The largest window a client may use on HTTP (RFC 9659: 8 MiB).
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, 23);
  }
  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  [[nodiscard]] static size_t hint(std::string_view in) {
    unsigned long long size = ZSTD_getFrameContentSize(in.data(), in.size());
    return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }

  Step step(char* out, size_t room, size_t& made) {
    ZSTD_outBuffer target{out, room, 0};
    size_t before = in_.pos;
    size_t result = ZSTD_decompressStream(context_.get(), &target, &in_);
    made = target.pos;
    if (ZSTD_isError(result)) return Step::kDamaged;
    if (result == 0 && in_.pos == in_.size) return Step::kDone;
    return made == 0 && in_.pos == before && room > 0 ? Step::kDamaged : Step::kMore;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  ZSTD_inBuffer in_;
};

template <typename Decoder>
Status damaged() {
  return {Code::kInvalid,
          "the body's " + std::string(Decoder::kName) + " stream is damaged or cut short"};
}

// The size of everything that comes out, or something over `most`; nothing if the stream is
// damaged.
template <typename Decoder>
std::optional<size_t> count(std::string_view in, size_t most) {
  auto scratch = std::make_unique_for_overwrite<char[]>(kScratchBytes);
  Decoder decoder(in);
  size_t total = 0;
  while (total <= most) {
    size_t made = 0;
    Step step = decoder.step(scratch.get(), kScratchBytes, made);
    total += made;
    if (step == Step::kDamaged) return std::nullopt;
    if (step == Step::kDone) break;
  }
  return total;
}

enum class Fill { kDone, kDamaged, kFull };

// Decodes into `out`, which may grow up to `bound`.
template <typename Decoder>
Fill fill(std::string_view in, size_t bound, Buffer& out) {
  Decoder decoder(in);
  size_t total = 0;
  while (true) {
    size_t made = 0;
    Step step = decoder.step(out.data() + total, out.capacity() - total, made);
    total += made;
    if (step == Step::kDamaged) return Fill::kDamaged;
    if (step == Step::kDone) break;
    if (total < out.capacity()) continue;
    if (out.capacity() >= bound) return Fill::kFull;
    out.extend(std::min(bound, out.capacity() * 2), total);
  }
  out.set_size(total);
  return Fill::kDone;
}

template <typename Decoder>
Status decompress(std::string_view in, size_t most, Buffer& out) {
  if (!Decoder(in).ready()) return {Code::kUnavailable, "no memory to inflate the body"};
  size_t hint = Decoder::hint(in), trusted = trusted_size(in.size(), most);
  if (hint > most) return too_large(most);
  // One byte more than what is expected: the decoder then sees the end in the same step.
  out.reserve(std::min(std::max<size_t>(hint == 0 ? 4 * in.size() : hint + 1, 4096), trusted));
  Fill result = fill<Decoder>(in, trusted, out);
  if (result == Fill::kFull) {
    auto size = count<Decoder>(in, most);
    if (!size) return damaged<Decoder>();
    if (*size > most) return too_large(most);
    out.reserve(*size + 1);
    result = fill<Decoder>(in, *size + 1, out);
  }
  if (result != Fill::kDone) return damaged<Decoder>();
  return out.size() > most ? too_large(most) : Status::ok();
}

}  // namespace

Status inflate_brotli(std::string_view wire_bytes, size_t most, Buffer& out) {
  return decompress<Brotli>(wire_bytes, most, out);
}

Status inflate_zstd(std::string_view wire_bytes, size_t most, Buffer& out) {
  return decompress<Zstd>(wire_bytes, most, out);
}

}  // namespace flawless::wire
