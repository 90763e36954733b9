#include "simulator/fault.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway::simulator {
namespace {

TEST(ParseFault, ReadsJson) {
  const auto fault =
      parse_fault(R"({"kind":"status","status":429,"body":"ptu","headers":{"retry-after-ms":1500},)"
                  R"("times":2,"deployment":"gpt-4o","path_contains":"chat"})");
  EXPECT_EQ(fault.kind, FaultKind::status);
  EXPECT_EQ(fault.status, 429U);
  EXPECT_EQ(fault.body, "ptu");
  ASSERT_EQ(fault.headers.size(), 1U);
  EXPECT_EQ(fault.headers[0], (Header{"retry-after-ms", "1500"}));
  EXPECT_EQ(fault.times, 2U);
  EXPECT_EQ(fault.deployment, "gpt-4o");
  EXPECT_EQ(fault.path_contains, "chat");
}

TEST(ParseFault, ReadsTheShortForm) {
  const auto throttle = parse_fault("429 retry-after-ms=1500 times=2");
  EXPECT_EQ(throttle.kind, FaultKind::status);
  EXPECT_EQ(throttle.status, 429U);
  ASSERT_EQ(throttle.headers.size(), 1U);
  const auto reset = parse_fault("reset_mid_stream after_events=3");
  EXPECT_EQ(reset.kind, FaultKind::reset_mid_stream);
  EXPECT_EQ(reset.after_events, 3U);
  EXPECT_EQ(parse_fault("stall_before_headers delay_ms=20").delay, std::chrono::milliseconds(20));
}

TEST(ParseFault, ANamedBodyBringsItsStatus) {
  const auto fault = parse_fault("aad_bad_secret times=1");
  EXPECT_EQ(fault.kind, FaultKind::status);
  EXPECT_EQ(fault.status, 401U);
  EXPECT_EQ(fault.body, "aad_bad_secret");
  EXPECT_EQ(parse_fault(R"({"kind":"imds_410"})").status, 410U);
  EXPECT_EQ(parse_fault("503 body=imds_410").status, 503U);
}

TEST(ParseFault, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "explode", "429 oops", "{\"kind\":\"explode\"}", "{\"knd\":1}", "{",
                           "700", "429 times=many", "[1]"}) {
    EXPECT_THROW(parse_fault(text), std::invalid_argument) << text;
  }
}

TEST(ToJson, IsReadBack) {
  const auto fault = parse_fault("error_event body=too_many_requests after_events=0 times=7");
  const auto again = parse_fault(to_json(fault));
  EXPECT_EQ(again.kind, fault.kind);
  EXPECT_EQ(again.body, fault.body);
  EXPECT_EQ(again.after_events, fault.after_events);
  EXPECT_EQ(again.times, fault.times);
}

}  // namespace
}  // namespace spillway::simulator
