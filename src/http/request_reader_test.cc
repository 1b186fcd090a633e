#include "http/request_reader.h"

#include <gmock/gmock.h>

namespace flawless::http {
namespace {

using Progress = RequestReader::Progress;

// Whatever the pieces in which the bytes come, the request is the same.
TEST(RequestReaderTest, AnySplitGivesTheSameRequest) {
  const std::string bytes =
      "POST /a%20b?c=d HTTP/1.1\r\nHost: t\r\nX-Long: v  w \r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    ByteBudget budget(1 << 20);
    RequestReader reader({}, budget);
    std::string_view first = std::string_view(bytes).substr(0, cut);
    ASSERT_EQ(reader.feed(first), Progress::kMore) << cut;
    const std::string rest = std::string(first) + bytes.substr(cut) + "GET";
    std::string_view second = rest;
    ASSERT_EQ(reader.feed(second), Progress::kDone) << cut;
    EXPECT_EQ(second, "GET");
    const Request request = reader.take();
    EXPECT_EQ(request.method, Method::kPost);
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.query, "c=d");
    EXPECT_EQ(request.body.view(), "hello!");
    EXPECT_EQ(request.header("x-LONG"), "v  w");
    EXPECT_EQ(request.header("trailer"), "");
    EXPECT_EQ(budget.used(), 0u);
  }
}

TEST(RequestReaderTest, MemoryFollowsWhatHasArrived) {
  ByteBudget budget(32u << 20);
  RequestReader reader({}, budget);
  std::string_view head = "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10000000\r\n\r\nx";
  ASSERT_EQ(reader.feed(head), Progress::kMore);
  EXPECT_LE(budget.used(), 65'536u);
  const std::string megabyte(1 << 20, 'y');
  for (int i = 0; i < 4; ++i) {
    std::string_view bytes = megabyte;
    ASSERT_EQ(reader.feed(bytes), Progress::kMore);
  }
  EXPECT_EQ(reader.body_received(), (4u << 20) + 1);
  EXPECT_LE(budget.used(), 10'000'000u);
  reader.reset();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(RequestReaderTest, ASmallBodyTakesExactlyItsSize) {
  ByteBudget budget(100);
  RequestReader reader({}, budget);
  std::string_view bytes = "PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nx";
  EXPECT_EQ(reader.feed(bytes), Progress::kMore);
  EXPECT_EQ(budget.used(), 100u);
  RequestReader other({}, budget);
  bytes = "PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx";
  EXPECT_EQ(other.feed(bytes), Progress::kRefused);
  EXPECT_EQ(other.refusal().status, 503);
}

TEST(RequestReaderTest, EncodingsOfTwoLinesAreOneList) {
  ByteBudget budget(100);
  RequestReader reader({}, budget);
  std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: t\r\nContent-Encoding: gzip\r\nX: y\r\ncontent-encoding: br\r\n"
      "Content-Length: 1\r\n\r\nx";
  ASSERT_EQ(reader.feed(bytes), Progress::kDone);
  const Request request = reader.take();
  EXPECT_EQ(request.header("Content-Encoding"), "gzip, br");
  EXPECT_EQ(request.headers.size(), 4u);
}

TEST(RequestReaderTest, ALengthThatIsNoneSaysSo) {
  for (const std::string length : {"99999999999999999999999", "four", "-1"}) {
    ByteBudget budget(100);
    RequestReader reader({}, budget);
    const std::string text = "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: " + length + "\r\n\r\n";
    std::string_view bytes = text;
    EXPECT_EQ(reader.feed(bytes), Progress::kRefused) << length;
    EXPECT_EQ(reader.refusal().status, 400) << length;
    EXPECT_THAT(reader.refusal().message, ::testing::HasSubstr("not a number")) << length;
  }
}

TEST(RequestReaderTest, ARequestWithoutBodyHasSlackToo) {
  ByteBudget budget(100);
  RequestReader reader({}, budget);
  std::string_view bytes = "DELETE /x HTTP/1.1\r\nHost: t\r\n\r\n";
  ASSERT_EQ(reader.feed(bytes), Progress::kDone);
  const Request request = reader.take();
  EXPECT_EQ(request.method, Method::kDelete);
  EXPECT_EQ(request.body.size(), 0u);
  ASSERT_NE(request.body.view().data(), nullptr);
  EXPECT_EQ(std::string(request.body.view().data(), kSlackBytes), std::string(kSlackBytes, '\0'));
}

}  // namespace
}  // namespace flawless::http
