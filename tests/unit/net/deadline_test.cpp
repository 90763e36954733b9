#include <spillway/net/deadline.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace spillway::net {
namespace {

using base::SteadyTime;
using namespace std::chrono_literals;

const SteadyTime kStart = SteadyTime(std::chrono::hours(100));

class DeadlineTest : public ::testing::Test {
 protected:
  void advance(base::Duration by) {
    now += by;
    wheel.advance(now);
  }

  SteadyTime now = kStart;
  DeadlineWheel wheel{kStart};
  int fired = 0;
  Deadline deadline{wheel, [this] { ++fired; }};
};

TEST_F(DeadlineTest, RunsOnceWhenItsTimeHasComeAndNeverBefore) {
  deadline.set(now + 100ms);
  advance(99ms);
  EXPECT_EQ(fired, 0);
  advance(1ms + DeadlineWheel::kTick);
  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(deadline.is_expired());
  advance(1h);
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, EveryDelayIsAtMostOneTickLateWhateverTheStep) {
  for (const auto delay : {1ms, 19ms, 20ms, 21ms, 500ms, 10239ms, 10240ms, 10241ms, 75000ms}) {
    for (const auto step : {1ms, 7ms, 20ms, 33ms}) {
      const int before = fired;
      const SteadyTime due = now + delay;
      deadline.set(due);
      while (fired == before && now < due + 1s)
        advance(step);
      EXPECT_EQ(fired, before + 1) << delay.count() << " in steps of " << step.count();
      EXPECT_GE(now, due);
      EXPECT_LE(now, due + DeadlineWheel::kTick + step);
    }
  }
}

TEST_F(DeadlineTest, MovedLaterItRunsLater) {
  deadline.set(now + 100ms);
  for (int i = 0; i < 50; ++i) {
    advance(50ms);
    deadline.set(now + 100ms);
  }
  EXPECT_EQ(fired, 0);
  advance(200ms);
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, MovedEarlierItRunsEarlier) {
  deadline.set(now + 1h);
  deadline.set(now + 40ms);
  advance(80ms);
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, ClearedItDoesNotRunAndCanBeSetAgain) {
  deadline.set(now + 40ms);
  deadline.clear();
  advance(1s);
  EXPECT_EQ(fired, 0);
  deadline.set_after(40ms);
  advance(80ms);
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, FarBeyondTheWheelsHorizonItStillRuns) {
  deadline.set(now + 30min);
  for (int i = 0; i < 30 * 60; ++i)
    advance(1s);
  EXPECT_EQ(fired, 0);
  advance(1s);
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, AStallOfTheLoopRunsEverythingThatIsDue) {
  std::vector<std::unique_ptr<Deadline>> many;
  int all = 0;
  for (int i = 0; i < 1000; ++i) {
    many.push_back(std::make_unique<Deadline>(wheel, [&all] { ++all; }));
    many.back()->set(now + std::chrono::milliseconds(37 * i));
  }
  advance(1h);
  EXPECT_EQ(all, 1000);
}

TEST_F(DeadlineTest, AnActionMayDestroyAndSetOthersOfTheSameMoment) {
  auto victim = std::make_unique<Deadline>(wheel, [this] { fired += 100; });
  Deadline killer(wheel, [&] {
    ++fired;
    victim.reset();
    deadline.set(now + 40ms);
  });
  victim->set(now + 40ms);
  killer.set(now + 40ms);  // filed last, so it runs first
  advance(80ms);
  EXPECT_EQ(fired, 1);
  advance(80ms);
  EXPECT_EQ(fired, 2);
}

TEST_F(DeadlineTest, DestroyedItDoesNotRun) {
  {
    Deadline gone(wheel, [this] { ++fired; });
    gone.set(now + 40ms);
  }
  advance(1s);
  EXPECT_EQ(fired, 0);
}

}  // namespace
}  // namespace spillway::net
