#include "support.hpp"
#include <spillway/routing/balancer.hpp>

#include <thread>

namespace spillway::routing::test {
namespace {

std::vector<Candidate> with_weights(const std::vector<std::uint32_t>& weights) {
  std::vector<Candidate> candidates;
  for (const std::uint32_t weight : weights)
    candidates.push_back({candidates.size(), weight, 0});
  return candidates;
}

TEST(PickRandom, SharesByWeight) {
  const auto candidates = with_weights({5, 3, 2});
  std::array<int, 3> taken{};
  base::Random random(1);
  for (int i = 0; i < 100000; ++i)
    ++taken[pick_random(candidates, random.next())];
  EXPECT_NEAR(taken[0], 50000, 1000);
  EXPECT_NEAR(taken[1], 30000, 1000);
  EXPECT_NEAR(taken[2], 20000, 1000);
}

TEST(PickRandom, OneIsEnough) {
  EXPECT_EQ(pick_random(with_weights({7}), 12345), 0U);
}

TEST(PickLeastRequests, PrefersWhoHasFewerForItsWeight) {
  auto two = with_weights({3, 1});
  base::Random random(2);
  for (int i = 0; i < 100; ++i) {
    two[0].in_flight = 2;
    two[1].in_flight = 1;
    EXPECT_EQ(pick_least_requests(two, random.next()), 0U);
    two[0].in_flight = 4;
    EXPECT_EQ(pick_least_requests(two, random.next()), 1U);
  }
}

TEST(PickLeastRequests, IdleMembersShareByWeight) {
  const auto candidates = with_weights({3, 1});
  std::array<int, 2> taken{};
  base::Random random(3);
  for (int i = 0; i < 40000; ++i)
    ++taken[pick_least_requests(candidates, random.next())];
  EXPECT_NEAR(taken[0], 30000, 800);
}

TEST(PickLeastRequests, TheMostLoadedOfManyIsNeverTaken) {
  auto candidates = with_weights({1, 1, 1, 1});
  candidates[2].in_flight = 9;
  base::Random random(4);
  for (int i = 0; i < 10000; ++i)
    EXPECT_NE(pick_least_requests(candidates, random.next()), 2U);
}

TEST(PickLeastRequests, EvensOutWhatIsUnequallySlow) {
  // Requests on member 0 last ten times as long; it must end up with fewer of them.
  auto candidates = with_weights({1, 1});
  std::array<int, 2> taken{};
  std::vector<std::pair<int, std::size_t>> running;  // ends at, member
  base::Random random(5);
  for (int now = 0; now < 20000; ++now) {
    std::erase_if(running, [&](const auto& request) {
      if (request.first > now) return false;
      --candidates[request.second].in_flight;
      return true;
    });
    const std::size_t picked = pick_least_requests(candidates, random.next());
    ++taken[picked];
    ++candidates[picked].in_flight;
    running.emplace_back(now + (picked == 0 ? 100 : 10), picked);
  }
  EXPECT_GT(taken[1], 5 * taken[0]);
  EXPECT_GT(taken[0], 500);
}

TEST(RoundRobin, IsSmooth) {
  RoundRobin turns(3);
  const auto candidates = with_weights({5, 1, 1});
  std::string order;
  for (int i = 0; i < 7; ++i)
    order += "abc"[turns.pick(candidates, "gpt-4o")];
  EXPECT_EQ(order, "aabacaa");
}

TEST(RoundRobin, IsExactOverEachRound) {
  RoundRobin turns(4);
  const auto candidates = with_weights({4, 3, 2, 1});
  for (int round = 0; round < 100; ++round) {
    std::array<int, 4> taken{};
    for (int i = 0; i < 10; ++i)
      ++taken[turns.pick(candidates, "gpt-4o")];
    EXPECT_EQ(taken, (std::array<int, 4>{4, 3, 2, 1}));
  }
}

TEST(RoundRobin, DeploymentsAskedForInTurnsAreEachSpread) {
  RoundRobin turns(2);
  const auto candidates = with_weights({1, 1});
  std::array<int, 2> taken_a{};
  for (int i = 0; i < 100; ++i) {
    ++taken_a[turns.pick(candidates, "a")];
    turns.pick(candidates, "b");
  }
  EXPECT_EQ(taken_a[0], 50);
}

TEST(RoundRobin, AMemberThatWasAwayComesBackToItsShareAtOnce) {
  RoundRobin turns(3);
  const auto all = with_weights({1, 1, 1});
  const std::vector<Candidate> without_second = {all[0], all[2]};
  for (int i = 0; i < 1000; ++i)
    turns.pick(without_second, "x");
  std::array<int, 3> taken{};
  for (int i = 0; i < 30; ++i)
    ++taken[turns.pick(all, "x")];
  EXPECT_NEAR(taken[1], 10, 1);  // no flood to make up for the past
}

TEST(RoundRobin, ThreadsTogetherKeepTheShares) {
  RoundRobin turns(2);
  const auto candidates = with_weights({3, 1});
  std::array<std::array<int, 2>, 4> taken{};
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i)
          ++mine[turns.pick(candidates, "x")];
      });
    }
  }
  EXPECT_EQ(taken[0][0] + taken[1][0] + taken[2][0] + taken[3][0], 3000);
}

}  // namespace
}  // namespace spillway::routing::test
