#include "body/bodies.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <stdlib.h>

#include <filesystem>
#include <future>

#include "journal/file_journal.h"
#include "os/file.h"
#include "wire/record.h"

namespace flawless::body {
namespace {

constexpr std::string_view kRollbarBody =
    R"({"access_token":"0123456789abcdef0123456789abcdef","data":{"environment":"production",)"
    R"("custom":{"password":"hunter2","basket":[]},)"
    R"("body":{"trace":{"exception":{"class":"IndexError","message":"list index out of range"},)"
    R"("frames":[{"filename":"/usr/lib/python3/dist-packages/flask/app.py","lineno":9,)"
    R"("method":"run"},{"filename":"shop/banner.py","lineno":17,"method":"pick_banner",)"
    R"("locals":{"api_key":"k-123","basket":[]}}]}}}})";

std::string gzip(std::string_view text) {
  auto* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

class BodiesTest : public testing::Test {
 protected:
  BodiesTest() {
    char pattern[] = "/tmp/flawless-body-XXXXXX";
    directory_ = mkdtemp(pattern);
    journal::Options options;
    options.directory = directory_ + "/journal";
    options.segment_bytes = 1u << 20;
    options.max_record_bytes = 256u << 10;
    options.prepare_bytes = 64u << 10;
    options.min_free_bytes = 0;
    auto opened = journal::open(disk_, options, clock_);
    if (!opened) check_failed(opened.message(), __FILE__, __LINE__);
    journal_ = std::move(opened).value();
  }
  ~BodiesTest() override {
    journal_.reset();
    std::filesystem::remove_all(directory_);
  }

  wire::ReportRecord report(std::string_view body) const {
    wire::ReportRecord record;
    record.protocol = wire::Protocol::kRollbar;
    record.inflated_bytes = static_cast<uint32_t>(kRollbarBody.size());
    record.project = {7};
    record.received_at = clock_.now();
    record.report_id = kId;
    record.peer_ip = "203.0.113.9";
    record.body = body;
    return record;
  }

  Place append(const std::string& payload) {
    auto done = std::make_shared<std::promise<journal::Appended>>();
    journal_->append(std::make_shared<const std::string>(payload),
                     [done](auto result) { done->set_value(std::move(result).value()); });
    journal::Position at = done->get_future().get().position;
    return {{7}, kId, at.segment, at.offset};
  }
  Place append(const wire::ReportRecord& record) { return append(wire::encode_record(record)); }

  const ReportId kId = *ReportId::parse("00112233445566778899aabbccddeeff");
  ManualClock clock_{from_unix_ms(1'763'800'000'000)};
  std::string directory_;
  os::PosixDisk disk_;
  std::unique_ptr<journal::Journal> journal_;
  triage::Scrubber scrubber_{triage::ScrubRules{}};
};

TEST_F(BodiesTest, EventHasEverythingButSecrets) {
  Place place = append(report(kRollbarBody));
  auto event = Bodies(*journal_, scrubber_).event(place);
  ASSERT_TRUE(event.is_ok()) << event.message();
  EXPECT_EQ(event->id, kId);
  EXPECT_EQ(event->project.v, 7);
  EXPECT_EQ(event->received_at, clock_.now());
  ASSERT_EQ(event->exceptions.size(), 1u);
  const auto& frames = event->exceptions[0].frames;
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_FALSE(frames[0].in_app);
  EXPECT_TRUE(frames[1].in_app);
  ASSERT_EQ(frames[1].variables.size(), 2u);

  JsonWriter json;
  write_event(json, *event);
  EXPECT_EQ(json.text().find("hunter2"), std::string::npos);
  EXPECT_EQ(json.text().find("k-123"), std::string::npos);
  EXPECT_NE(json.text().find("\"basket\""), std::string::npos);
}

TEST_F(BodiesTest, CompressedBodiesReadTheSame) {
  std::string zipped = gzip(kRollbarBody);
  wire::ReportRecord record = report(zipped);
  record.encoding = wire::Encoding::kGzip;
  Bodies bodies(*journal_, scrubber_);
  Place plain = append(report(kRollbarBody)), packed = append(record);
  auto raw = bodies.raw_json(packed);
  ASSERT_TRUE(raw.is_ok()) << raw.message();
  EXPECT_EQ(*raw, *bodies.raw_json(plain));
}

TEST_F(BodiesTest, RawIsTheSendersJsonWithoutSecretsOneMemberALine) {
  auto raw = Bodies(*journal_, scrubber_).raw_json(append(report(kRollbarBody)));
  ASSERT_TRUE(raw.is_ok()) << raw.message();
  EXPECT_EQ(raw->find("hunter2"), std::string::npos);
  EXPECT_EQ(raw->find("k-123"), std::string::npos);
  EXPECT_EQ(raw->find("0123456789abcdef"), std::string::npos);
  EXPECT_NE(raw->find("\n      \"password\": \"[scrubbed]\""), std::string::npos) << *raw;
  EXPECT_NE(raw->find("\"pick_banner\""), std::string::npos);
}

TEST_F(BodiesTest, ABodyOfAnotherProjectOrReportIsNeverShown) {
  Place place = append(report(kRollbarBody));
  Bodies bodies(*journal_, scrubber_);
  Place other_project = place;
  other_project.project = {8};
  EXPECT_EQ(bodies.event(other_project).code(), Code::kCorrupt);
  EXPECT_EQ(bodies.raw_json(other_project).code(), Code::kCorrupt);
  Place other_report = place;
  other_report.report_id = *ReportId::parse("ffeeddccbbaa99887766554433221100");
  EXPECT_EQ(bodies.event(other_report).code(), Code::kCorrupt);
}

TEST_F(BodiesTest, ADroppedSegmentIsNotFoundWithTheReason) {
  Place place = append(report(kRollbarBody));
  place.segment += 1000;
  auto event = Bodies(*journal_, scrubber_).event(place);
  EXPECT_EQ(event.code(), Code::kNotFound);
  EXPECT_NE(event.message().find("dropped"), std::string::npos);
}

TEST_F(BodiesTest, ADamagedRecordIsNotSaidToBeDropped) {
  Place place = append(report(kRollbarBody)), intact = append(report(kRollbarBody));
  auto file = disk_.open(directory_ + "/journal/journal-00000000000000000001.seg",
                         os::OpenMode::kWrite);
  ASSERT_TRUE(file && (*file)->write_at(place.offset + 100, as_bytes("\x01")));
  Bodies bodies(*journal_, scrubber_);
  for (const Status& status : {bodies.event(place).status(), bodies.raw_json(place).status()}) {
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_NE(status.message().find("the journal is damaged"), std::string::npos);
    EXPECT_EQ(status.message().find("dropped"), std::string::npos);
  }
  EXPECT_TRUE(bodies.event(intact));
}

TEST_F(BodiesTest, WhatIsNoRecordOrDoesNotInflateIsCorrupt) {
  Bodies bodies(*journal_, scrubber_);
  EXPECT_EQ(bodies.event(append(std::string("not a report"))).code(), Code::kCorrupt);
  wire::ReportRecord broken = report("this is not gzip");
  broken.encoding = wire::Encoding::kGzip;
  EXPECT_EQ(bodies.event(append(broken)).code(), Code::kCorrupt);
  EXPECT_EQ(bodies.event(append(report("{\"data\":"))).code(), Code::kCorrupt);
}

}  // namespace
}  // namespace flawless::body
