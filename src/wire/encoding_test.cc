#include "wire/encoding.h"

#include <brotli/encode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"

namespace flawless::wire {
namespace {

using testing::HasSubstr;

constexpr size_t kMost = 20u << 20;
constexpr int kZlib = 15, kGzip = 15 + 16, kRaw = -15;

// Compresses `text` `times` over, piece by piece.
std::string deflated(std::string_view text, int window, size_t times = 1, int end = Z_FINISH) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out;
  char room[1 << 16];
  for (size_t i = 0; i < times; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(room);
      stream.avail_out = sizeof room;
      ::deflate(&stream, i + 1 == times ? end : Z_NO_FLUSH);
      out.append(room, sizeof room - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

std::string brotlied(std::string_view text, size_t times = 1) {
  auto* state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, 2);
  std::string out;
  for (size_t i = 0; i < times; ++i) {
    auto operation = i + 1 == times ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
    size_t left = text.size();
    auto* next = reinterpret_cast<const uint8_t*>(text.data());
    do {
      size_t none = 0;
      BrotliEncoderCompressStream(state, operation, &left, &next, &none, nullptr, nullptr);
      size_t size = 0;
      const uint8_t* made = BrotliEncoderTakeOutput(state, &size);
      out.append(reinterpret_cast<const char*>(made), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state) ||
             (i + 1 == times && !BrotliEncoderIsFinished(state)));
  }
  BrotliEncoderDestroyInstance(state);
  return out;
}

std::string zstded(std::string_view text, size_t times = 1, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out, room(1 << 16, '\0');
  for (size_t i = 0; i < times; ++i) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    size_t left = 0;
    do {
      ZSTD_outBuffer target{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(context, &target, &in,
                                  i + 1 == times ? ZSTD_e_end : ZSTD_e_continue);
      out.append(room.data(), target.pos);
    } while (in.pos < in.size || (i + 1 == times && left > 0));
  }
  ZSTD_freeCCtx(context);
  return out;
}

std::string sample(size_t size = 100'000) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i)
    text += "{\"frame\":" + std::to_string(i * 7919) + "}";
  return text;
}

struct Coding {
  const char* name;
  Encoding encoding;
  std::string (*compress)(std::string_view, size_t times);
};

const Coding kCodings[] = {
    {"gzip", Encoding::kGzip, [](std::string_view t, size_t n) { return deflated(t, kGzip, n); }},
    {"zlib", Encoding::kDeflate,
     [](std::string_view t, size_t n) { return deflated(t, kZlib, n); }},
    {"raw", Encoding::kDeflate, [](std::string_view t, size_t n) { return deflated(t, kRaw, n); }},
    {"brotli", Encoding::kBrotli, [](std::string_view t, size_t n) { return brotlied(t, n); }},
    {"zstd", Encoding::kZstd, [](std::string_view t, size_t n) { return zstded(t, n); }},
};

class Inflate : public testing::TestWithParam<Coding> {
 protected:
  Status inflate_it(std::string_view bytes, size_t most, Buffer& out) const {
    return inflate(GetParam().encoding, bytes, most, out);
  }
  [[nodiscard]] std::string compress(std::string_view text, size_t times = 1) const {
    return GetParam().compress(text, times);
  }
};

TEST_P(Inflate, GivesBackWhatWasSentWithSlackBehind) {
  for (size_t size : {0, 1, 5000, 100'000, 3'000'000}) {
    std::string text = sample(size);
    Buffer out;
    Status status = inflate_it(compress(text), kMost, out);
    ASSERT_TRUE(status.is_ok()) << status.message();
    EXPECT_TRUE(out.view() == text) << size;
    for (size_t i = 0; i < Buffer::kSlack; ++i) EXPECT_EQ(out.data()[out.size() + i], '\0');
  }
}

TEST_P(Inflate, ReusesABufferThatHeldMore) {
  Buffer out;
  out.assign(std::string(1 << 20, 'x'));
  ASSERT_TRUE(inflate_it(compress("{}"), 100, out));
  EXPECT_EQ(out.view(), "{}");
  EXPECT_EQ(inflate_it(compress(sample(5000)), 1000, out).code(), Code::kTooLarge);
}

TEST_P(Inflate, TheBoundIsExact) {
  std::string text = sample(50'000), bytes = compress(text);
  Buffer out;
  EXPECT_TRUE(inflate_it(bytes, text.size(), out));
  EXPECT_EQ(inflate_it(bytes, text.size() - 1, out).code(), Code::kTooLarge);
}

TEST_P(Inflate, ABombIsRefusedWithoutTheMemory) {
  std::string zeros(1 << 20, '\0');
  std::string bomb = compress(zeros, 128);
  ASSERT_LT(bomb.size(), 1u << 20);
  Buffer out;
  EXPECT_EQ(inflate_it(bomb, kMost, out).code(), Code::kTooLarge);
  EXPECT_LE(out.capacity(), 16 * bomb.size() + (64 << 10));
}

TEST_P(Inflate, WhatInflatesFarTakesNoMoreThanItNeeds) {
  std::string text(10 << 20, 'a');
  Buffer out;
  ASSERT_TRUE(inflate_it(compress(text), kMost, out));
  EXPECT_TRUE(out.view() == text);
  EXPECT_LE(out.capacity(), text.size() + 1);
}

TEST_P(Inflate, EveryTruncationIsInvalid) {
  std::string bytes = compress(sample(2000));
  Buffer out;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(inflate_it(bytes.substr(0, size), kMost, out).code(), Code::kInvalid) << size;
  }
}

TEST_P(Inflate, GarbageIsInvalid) {
  Buffer out;
  for (std::string_view garbage : {"", "x", "{\"data\":{}}", "\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    EXPECT_EQ(inflate_it(garbage, kMost, out).code(), Code::kInvalid) << garbage;
  }
}

TEST_P(Inflate, GarbageBehindTheEndIsInvalid) {
  Buffer out;
  EXPECT_EQ(inflate_it(compress(sample(2000)) + "garbage", kMost, out).code(), Code::kInvalid);
}

std::string coding_name(const testing::TestParamInfo<Coding>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Codings, Inflate, testing::ValuesIn(kCodings), coding_name);

TEST(InflateGzip, ReadsSeveralMembersAndZeroPadding) {
  std::string first = sample(30'000), second = sample(70'000);
  Buffer out;
  std::string bytes = deflated(first, kGzip) + deflated(second, kGzip) + std::string(100, '\0');
  ASSERT_TRUE(inflate(Encoding::kGzip, bytes, kMost, out));
  EXPECT_TRUE(out.view() == first + second);
}

TEST(InflateGzip, AGibibyteInAMegabyteIsRefused) {
  // One block of zeros as raw deflate that ends on a byte boundary, repeated.
  std::string zeros(1 << 20, '\0'), block = deflated(zeros, kRaw, 1, Z_FULL_FLUSH);
  std::string bomb = deflated("", kGzip).substr(0, 10);
  for (int i = 0; i < 1024; ++i) bomb += block;
  ASSERT_LT(bomb.size(), 5u << 20);
  Buffer out;
  EXPECT_EQ(inflate(Encoding::kGzip, bomb, kMost, out).code(), Code::kTooLarge);
}

TEST(InflateGzip, ALyingSizeFieldIsInvalidAndAllocatesLittle) {
  std::string bytes = deflated(sample(1000), kGzip);
  store_le<uint32_t>(bytes.data() + bytes.size() - 4, 0xffffffff);
  Buffer out;
  EXPECT_EQ(inflate(Encoding::kGzip, bytes, kMost, out).code(), Code::kInvalid);
  EXPECT_LT(out.capacity(), 100'000u);
}

// A frame of one segment that says it holds a gibibyte: too large, not damaged, whatever its
// window.
TEST(InflateZstd, BelievesAFrameThatSaysItIsTooLarge) {
  const std::string frame("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40", 9);
  Buffer out;
  EXPECT_EQ(inflate(Encoding::kZstd, frame, 20 << 20, out).code(), Code::kTooLarge);
  EXPECT_EQ(out.capacity(), 0U);
}

TEST(InflateZstd, RefusesWindowsLargerThanEightMebibytes) {
  Buffer out;
  Status status = inflate(Encoding::kZstd, zstded(sample(200'000), 100, 25), kMost, out);
  EXPECT_EQ(status.code(), Code::kInvalid);
}

TEST(InflateIdentity, CopiesWithinTheBound) {
  Buffer out;
  ASSERT_TRUE(inflate(Encoding::kIdentity, "{}", 2, out));
  EXPECT_EQ(out.view(), "{}");
  EXPECT_EQ(inflate(Encoding::kIdentity, "{} ", 2, out).code(), Code::kTooLarge);
}

TEST(ParseEncoding, KnowsNamesInAnyLetterCase) {
  EXPECT_EQ(*parse_encoding(""), Encoding::kIdentity);
  EXPECT_EQ(*parse_encoding(" GZip "), Encoding::kGzip);
  EXPECT_EQ(*parse_encoding("x-gzip"), Encoding::kGzip);
  EXPECT_EQ(*parse_encoding("deflate"), Encoding::kDeflate);
  EXPECT_EQ(*parse_encoding("BR"), Encoding::kBrotli);
  EXPECT_EQ(*parse_encoding("zstd"), Encoding::kZstd);
}

TEST(ParseEncoding, RefusesOthersAndLists) {
  EXPECT_THAT(parse_encoding("lzma").message(), HasSubstr("lzma"));
  auto list = parse_encoding("gzip, br");
  EXPECT_EQ(list.code(), Code::kInvalid);
  EXPECT_THAT(list.message(), HasSubstr("several"));
}

TEST(Buffer, ExtendKeepsWhatItIsAskedTo) {
  Buffer buffer;
  buffer.assign("hello");
  buffer.extend(1000, 3);
  EXPECT_EQ(std::string_view(buffer.data(), 3), "hel");
  EXPECT_EQ(buffer.capacity(), 1000u);
}

}  // namespace
}  // namespace flawless::wire
