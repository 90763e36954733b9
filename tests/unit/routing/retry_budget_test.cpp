#include "support.hpp"
#include <spillway/routing/retry_budget.hpp>

#include <thread>

namespace spillway::routing::test {
namespace {

int take_all(RetryBudget& budget, SteadyTime now, int most) {
  int taken = 0;
  while (taken < most && budget.take_retry(now))
    ++taken;
  return taken;
}

TEST(RetryBudget, TheFirstTenInAnyIntervalAreAlwaysAllowed) {
  RetryBudget budget(20);
  EXPECT_EQ(take_all(budget, at(0s), 100), 10);
  EXPECT_FALSE(budget.has_retry(at(9s)));
  EXPECT_EQ(take_all(budget, at(10100ms), 100), 10);
}

TEST(RetryBudget, AShareOfTheRequests) {
  RetryBudget budget(20);
  for (int i = 0; i < 1000; ++i)
    budget.note_request(at(1ms * i));
  EXPECT_EQ(take_all(budget, at(1s), 1000), 200);
}

TEST(RetryBudget, ForgetsAfterTenSeconds) {
  RetryBudget budget(20);
  for (int i = 0; i < 1000; ++i)
    budget.note_request(at(0s));
  EXPECT_EQ(take_all(budget, at(5s), 100), 100);
  // The requests are forgotten, the retries are not yet.
  EXPECT_FALSE(budget.has_retry(at(11s)));
  EXPECT_TRUE(budget.has_retry(at(15200ms)));
}

TEST(RetryBudget, CallersOwnRetriesCountIn) {
  RetryBudget budget(20);
  for (int i = 0; i < 100; ++i)
    budget.note_request(at(0s));
  for (int i = 0; i < 15; ++i)
    budget.note_caller_retry(at(0s));
  EXPECT_EQ(take_all(budget, at(0s), 100), 5);
}

TEST(RetryBudget, HundredPercentIsNoLimit) {
  RetryBudget budget(100);
  EXPECT_EQ(take_all(budget, at(0s), 5000), 5000);
}

TEST(RetryBudget, LookingTakesNothing) {
  RetryBudget budget(20);
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(budget.has_retry(at(0s)));
  EXPECT_EQ(take_all(budget, at(0s), 100), 10);
}

TEST(RetryBudget, ThreadsTogetherTakeNoMore) {
  RetryBudget budget(20);
  for (int i = 0; i < 500; ++i)
    budget.note_request(at(0s));
  std::array<int, 4> taken{};
  {
    std::vector<std::jthread> threads;
    for (int& mine : taken) {
      threads.emplace_back([&budget, &mine] { mine = take_all(budget, at(0s), 1000); });
    }
  }
  EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], 100);
}

}  // namespace
}  // namespace spillway::routing::test
