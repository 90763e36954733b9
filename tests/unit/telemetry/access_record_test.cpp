#include <spillway/telemetry/access_record.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;

AttemptRecord throttled_attempt() {
  AttemptRecord attempt;
  attempt.backend = "eastus-ptu";
  attempt.deployment = "gpt-4o-ptu";
  attempt.outcome = "throttled";
  attempt.status = 429;
  attempt.delay_source = "retry_after_ms";
  attempt.delay = 500ms;
  attempt.duration = 4'200us;
  attempt.is_reused = true;
  return attempt;
}

// The record whose lines docs/access-log.md shows.
AccessRecord sample_record() {
  AccessRecord record;
  record.time = base::WallTime(1'795'425'600'123ms);
  record.request_id = "0f8c3b52-6b1e-4c6e-9a43-5d7f1f0f6b0a";
  record.client = "chatbot";
  record.peer = "10.1.2.3:50122";
  record.method = "POST";
  record.target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
  record.operation = "chat_completions";
  record.deployment = "gpt-4o";
  record.pool = "production";
  record.is_stream = true;
  record.status = 200;
  record.backend = "sweden-paygo";
  record.attempts.push_back(throttled_attempt());
  AttemptRecord unreachable;
  unreachable.backend = "eastus-paygo";
  unreachable.outcome = "fault";
  unreachable.fault = "connect_failed";
  unreachable.reason = "10.9.0.4:443: connection refused";
  unreachable.duration = 1'100us;
  record.attempts.push_back(unreachable);
  AttemptRecord answered;
  answered.backend = "sweden-paygo";
  answered.outcome = "success";
  answered.status = 200;
  answered.duration = 311'900us;
  record.attempts.push_back(answered);
  record.client_retry_count = 1;
  record.request_bytes = 412;
  record.response_bytes = 5120;
  record.events = 24;
  record.first_byte = 317'800us;
  record.total = 1'904'250us;
  return record;
}

std::string documentation() {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/docs/access-log.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(AccessRecord, TheDocumentedLinesAreTheRealOnes) {
  EXPECT_THAT(documentation(), testing::HasSubstr("\n" + format_json(sample_record()) + "\n"));
  EXPECT_THAT(documentation(), testing::HasSubstr("\n" + format_text(sample_record()) + "\n"));
}

TEST(AccessRecord, EveryKeyIsDocumented) {
  AccessRecord record = sample_record();
  record.error_code = "spillway_pool_unavailable";
  record.error = "x";
  record.upgrade = "websocket";
  record.messages_in = record.messages_out = 1;
  const auto json = nlohmann::json::parse(format_json(record));
  const std::string text = documentation();
  for (const auto& [key, value] : json.items())
    EXPECT_THAT(text, testing::HasSubstr("| `" + key + "` |"));
  for (const auto& attempt : json["attempts"]) {
    for (const auto& [key, value] : attempt.items())
      EXPECT_THAT(text, testing::HasSubstr("| `attempts[]." + key + "` |"));
  }
}

TEST(AccessRecord, JsonIsWhatHappened) {
  const auto json = nlohmann::json::parse(format_json(sample_record()));
  EXPECT_EQ(json["event"], "request");
  EXPECT_EQ(json["client"], "chatbot");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["ending"], "complete");
  EXPECT_EQ(json["stream"], true);
  EXPECT_EQ(json["attempt_count"], 3);
  ASSERT_EQ(json["attempts"].size(), 3U);
  EXPECT_EQ(json["attempts"][0]["delay_source"], "retry_after_ms");
  EXPECT_DOUBLE_EQ(json["attempts"][0]["delay_ms"].get<double>(), 500);
  EXPECT_EQ(json["attempts"][1]["fault"], "connect_failed");
  EXPECT_FALSE(json["attempts"][2].contains("delay_ms"));
  EXPECT_FALSE(json.contains("error_code"));
  EXPECT_FALSE(json.contains("cut"));
}

TEST(AccessRecord, AnEmptyRecordIsALineToo) {
  const auto json = nlohmann::json::parse(format_json(AccessRecord{}));
  EXPECT_EQ(json["status"], 0);
  EXPECT_EQ(json["client"], "");
  EXPECT_EQ(json["attempts"].size(), 0U);
  EXPECT_THAT(format_text(AccessRecord{}), testing::HasSubstr("client=\"\""));
}

TEST(AccessRecord, HostileTextsNeitherBreakNorLengthenTheLine) {
  std::string hostile = "\"}\n{\"event\":\"request\"\x1b[31m\x7f\xff";
  for (int i = 0; i < 4000; ++i)
    hostile += '\x01';
  AccessRecord record = sample_record();
  record.request_id = record.target = record.deployment = record.method = record.error = hostile;
  record.attempts.assign(10, throttled_attempt());
  for (AttemptRecord& attempt : record.attempts)
    attempt.reason = hostile;
  for (const std::string& line : {format_json(record), format_text(record)}) {
    EXPECT_LE(line.size(), 8192U);
    for (const char c : line)
      EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
  const auto json = nlohmann::json::parse(format_json(record));
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["attempt_count"], 10);
  EXPECT_EQ(json["cut"], true);
}

TEST(AccessRecord, EndingsHaveNames) {
  EXPECT_EQ(name_of(Ending::complete), "complete");
  EXPECT_EQ(name_of(Ending::refused), "refused");
  EXPECT_EQ(name_of(Ending::client_gone), "client_gone");
  EXPECT_EQ(name_of(Ending::upstream_cut), "upstream_cut");
  EXPECT_EQ(name_of(Ending::timed_out), "timed_out");
  EXPECT_EQ(name_of(Ending::shutting_down), "shutting_down");
}

}  // namespace
}  // namespace spillway::telemetry
