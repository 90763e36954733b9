#include "support.hpp"
#include <spillway/routing/sliding_window.hpp>

#include <deque>

namespace spillway::routing::test {
namespace {

TEST(EventTimes, TheIntervalSlides) {
  EventTimes times;
  EXPECT_FALSE(times.add(3, 10s, at(0s)));
  EXPECT_FALSE(times.add(3, 10s, at(6s)));
  // A window that jumps would have forgotten the second with the first.
  EXPECT_FALSE(times.add(3, 10s, at(11s)));
  EXPECT_TRUE(times.add(3, 10s, at(16s)));
  EXPECT_FALSE(times.add(3, 10s, at(22s)));
}

TEST(EventTimes, OneIsEnoughForACountOfOne) {
  EventTimes times;
  EXPECT_TRUE(times.add(1, 1s, at(0s)));
  EXPECT_TRUE(times.add(0, 1s, at(9s)));
}

TEST(EventTimes, AGrowingCountKeepsWhatIsKnown) {
  EventTimes times;
  for (int i = 0; i < 7; ++i)
    times.add(3, 1min, at(1s * i));
  EXPECT_FALSE(times.add(5, 1min, at(7s)));  // four are known: the last three and this
  EXPECT_TRUE(times.add(5, 1min, at(8s)));
  EXPECT_TRUE(times.add(2, 1s, at(9s)));
}

TEST(EventTimes, AgreesWithRememberingEverything) {
  base::Random random(3);
  for (const std::size_t count : {1U, 2U, 5U, 17U}) {
    EventTimes times;
    std::deque<SteadyTime> all;
    Duration now = 0s;
    for (int i = 0; i < 3000; ++i) {
      now += std::chrono::milliseconds(random.below(1000));
      all.push_back(at(now));
      while (all.back() - all.front() > 5s)
        all.pop_front();
      ASSERT_EQ(times.add(count, 5s, at(now)), all.size() >= count) << count << " at " << i;
    }
  }
}

TEST(SlidingCounts, SumsTheLastIntervalAndNoMore) {
  SlidingCounts counts(10s);
  for (int i = 0; i < 10; ++i)
    counts.add_total(at(1s * i));
  counts.add_marked(at(9s));
  EXPECT_EQ(counts.sums(10s, at(9s)).total, 10U);
  EXPECT_EQ(counts.sums(10s, at(9s)).marked, 1U);
  EXPECT_EQ(counts.sums(10s, at(14500ms)).total, 5U);
  EXPECT_EQ(counts.sums(10s, at(30s)).total, 0U);
  EXPECT_EQ(counts.sums(10s, at(30s)).marked, 0U);
}

TEST(SlidingCounts, NothingOlderThanTheIntervalAndNothingMuchYoungerIsForgotten) {
  base::Random random(4);
  SlidingCounts counts(6s);
  std::deque<SteadyTime> all;
  Duration now = 0s;
  for (int i = 0; i < 5000; ++i) {
    now += std::chrono::milliseconds(random.below(50));
    counts.add_total(at(now));
    all.push_back(at(now));
    while (at(now) - all.front() > 6s)
      all.pop_front();
    std::size_t surely = 0;
    for (const SteadyTime time : all)
      surely += at(now) - time <= 5900ms ? 1U : 0U;
    const auto sum = counts.sums(6s, at(now)).total;
    ASSERT_LE(sum, all.size());
    ASSERT_GE(sum, surely);
  }
}

TEST(SlidingCounts, AnswersForShorterIntervals) {
  SlidingCounts counts(60s);
  for (int i = 0; i < 60; ++i)
    counts.add_total(at(1s * i));
  EXPECT_EQ(counts.sums(10s, at(59s)).total, 10U);
}

}  // namespace
}  // namespace spillway::routing::test
