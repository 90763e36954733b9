#include <spillway/gateway/connection_span.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const base::SteadyTime kOpened = base::SteadyTime(hours(5));

config::Limits limits(unsigned requests, base::Duration age) {
  config::Limits made;
  made.max_requests_per_connection = requests;
  made.max_connection_age = age;
  return made;
}

TEST(ConnectionSpan, TheLastOfSoManyRequestsIsTold) {
  ConnectionSpan span(kOpened, 0);
  const auto bounds = limits(3, seconds(0));
  EXPECT_FALSE(span.begin_request(bounds, kOpened));
  EXPECT_FALSE(span.begin_request(bounds, kOpened));
  EXPECT_EQ(span.begin_request(bounds, kOpened), Limit::max_requests_per_connection);
}

TEST(ConnectionSpan, AfterItsAgeTheNextRequestIsTheLast) {
  ConnectionSpan span(kOpened, 0);
  const auto bounds = limits(0, minutes(10));
  EXPECT_FALSE(span.begin_request(bounds, kOpened + minutes(10) - seconds(1)));
  EXPECT_EQ(span.begin_request(bounds, kOpened + minutes(10)), Limit::max_connection_age);
}

TEST(ConnectionSpan, RequestsAreCounted) {
  ConnectionSpan span(kOpened, 0);
  EXPECT_EQ(span.requests(), 0U);
  EXPECT_FALSE(span.begin_request(limits(0, seconds(0)), kOpened));
  EXPECT_FALSE(span.begin_request(limits(0, seconds(0)), kOpened));
  EXPECT_EQ(span.requests(), 2U);
}

TEST(ConnectionSpan, WithoutLimitsItGoesOn) {
  ConnectionSpan span(kOpened, 7);
  const auto bounds = limits(0, seconds(0));
  for (int i = 0; i < 20'000; ++i)
    ASSERT_FALSE(span.begin_request(bounds, kOpened + hours(i)));
}

TEST(ConnectionSpan, AReloadMeansConnectionsThatAreOpenToo) {
  ConnectionSpan span(kOpened, 0);
  EXPECT_FALSE(span.begin_request(limits(0, seconds(0)), kOpened));
  EXPECT_EQ(span.begin_request(limits(2, seconds(0)), kOpened), Limit::max_requests_per_connection);
}

TEST(ConnectionSpan, JitterTakesUpToATenth) {
  base::Duration least = hours(2);
  base::Duration most{};
  for (std::uint64_t random = 0; random < 5'000; ++random) {
    const base::Duration age = jittered(hours(1), random * 7919);
    least = std::min(least, age);
    most = std::max(most, age);
  }
  EXPECT_EQ(most, hours(1));
  EXPECT_GE(least, minutes(54));
  EXPECT_LT(least, minutes(55));
}

}  // namespace
}  // namespace spillway::gateway
