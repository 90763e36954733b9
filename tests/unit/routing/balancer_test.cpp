#include "support.hpp"
#include <spillway/routing/balancer.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
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
    two[0].in_flight = 5;
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

// How a steady stream of requests of equal length spreads: `concurrent` of them at a time.
template <class Pick>
std::vector<int> spread(std::vector<Candidate> candidates, std::size_t concurrent, Pick pick) {
  std::vector<int> taken(candidates.size());
  std::deque<std::size_t> running;
  for (int i = 0; i < 20000; ++i) {
    if (running.size() == concurrent) {
      --candidates[running.front()].in_flight;
      running.pop_front();
    }
    const std::size_t picked = pick(candidates);
    ++taken[picked];
    ++candidates[picked].in_flight;
    running.push_back(picked);
  }
  return taken;
}

TEST(PickLeastRequests, KeepsToTheWeightsWithFewRequestsInFlightToo) {
  base::Random random(7);
  for (const std::size_t concurrent : {2U, 5U, 30U}) {
    const auto taken = spread(with_weights({10, 1}), concurrent, [&](const auto& candidates) {
      return pick_least_requests(candidates, random.next());
    });
    // Without the half of the one to come, the small one would always have one: half of two.
    EXPECT_LT(taken[1], 20000 * 15 / 100) << concurrent;
  }
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

TEST(PickHeadroom, WithoutNewsItSpreadsAsLeastRequests) {
  for (const std::size_t concurrent : {1U, 4U, 30U}) {
    base::Random random(8);
    const auto headroom = spread(with_weights({5, 3, 2}), concurrent, [&](const auto& now) {
      return pick_headroom(now, random.next());
    });
    const auto least_requests = spread(with_weights({5, 3, 2}), concurrent, [&](const auto& now) {
      return pick_least_requests(now, random.next());
    });
    for (std::size_t i = 0; i < headroom.size(); ++i)
      EXPECT_NEAR(headroom[i], least_requests[i], 300) << concurrent;
  }
}

TEST(PickHeadroom, SharesByWeightAndRoom) {
  auto candidates = with_weights({1, 1, 2});
  candidates[0].room = Headroom::kFull / 4;
  candidates[1].room = Headroom::kFull * 3 / 4;
  candidates[2].room = Headroom::kFull / 2;
  base::Random random(9);
  for (const std::size_t concurrent : {1U, 40U}) {
    const auto taken = spread(candidates, concurrent,
                              [&](const auto& now) { return pick_headroom(now, random.next()); });
    EXPECT_NEAR(taken[0], 2500, 400) << concurrent;
    EXPECT_NEAR(taken[1], 7500, 600) << concurrent;
    EXPECT_NEAR(taken[2], 10000, 600) << concurrent;
  }
}

TEST(PickHeadroom, OneWithoutRoomIsLeftAloneWhileOthersHaveSome) {
  auto candidates = with_weights({1, 1});
  candidates[0].room = 0;
  base::Random random(10);
  const auto taken =
      spread(candidates, 20, [&](const auto& now) { return pick_headroom(now, random.next()); });
  EXPECT_LT(taken[0], 100);
  EXPECT_EQ(pick_headroom(std::span(candidates).first(1), random.next()), 0U);
}

std::vector<Candidate> named(const std::vector<std::string>& names) {
  std::vector<Candidate> candidates;
  for (const std::string& name : names) {
    candidates.push_back({candidates.size(), 1, 0, Headroom::kFull, identity_of(name)});
  }
  return candidates;
}

TEST(PickByAffinity, TheSameValueGoesToTheSameMemberAndValuesAreSharedByWeight) {
  auto candidates = named({"eastus", "sweden", "france"});
  candidates[0].weight = 2;
  std::array<int, 3> taken{};
  for (std::uint64_t value = 0; value < 20000; ++value) {
    const std::size_t picked = pick_by_affinity(candidates, value);
    ASSERT_EQ(pick_by_affinity(candidates, value), picked);
    ++taken[picked];
  }
  EXPECT_NEAR(taken[0], 10000, 400);
  EXPECT_NEAR(taken[1], 5000, 300);
  EXPECT_NEAR(taken[2], 5000, 300);
}

TEST(PickByAffinity, WhoGoesTakesOnlyItsOwnValuesAlong) {
  const auto all = named({"a", "b", "c", "d"});
  const std::vector<Candidate> without_b = {all[0], all[2], all[3]};
  int moved = 0;
  for (std::uint64_t value = 0; value < 10000; ++value) {
    const std::size_t before = all[pick_by_affinity(all, value)].member;
    const std::size_t after = without_b[pick_by_affinity(without_b, value)].member;
    if (before == 1) {
      ++moved;
    } else {
      ASSERT_EQ(before, after);
    }
  }
  EXPECT_NEAR(moved, 2500, 200);
}

TEST(PickByAffinity, TheOrderOfMembersDoesNotMatter) {
  const auto all = named({"a", "b", "c"});
  const std::vector<Candidate> turned = {all[2], all[0], all[1]};
  for (std::uint64_t value = 0; value < 1000; ++value) {
    ASSERT_EQ(all[pick_by_affinity(all, value)].member,
              turned[pick_by_affinity(turned, value)].member);
  }
}

TEST(PickByAffinity, IsTheSameInEveryVersion) {
  const auto all = named({"eastus", "sweden", "france"});
  std::string members;
  for (std::uint64_t value = 0; value < 12; ++value)
    members += std::to_string(pick_by_affinity(all, value));
  EXPECT_EQ(members, "111001110221");
}

TEST(PickByAffinity, AnOverloadedMemberIsPassedOverForTheNextInOrder) {
  auto candidates = named({"a", "b", "c"});
  const std::size_t first = pick_by_affinity(candidates, 77);
  std::vector<Candidate> others = candidates;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(first));
  const std::size_t second = others[pick_by_affinity(others, 77)].member;
  candidates[first].in_flight = 2;  // few are no load
  EXPECT_EQ(pick_by_affinity(candidates, 77), first);
  candidates[first].in_flight = 3;
  EXPECT_EQ(pick_by_affinity(candidates, 77), second);
  for (Candidate& candidate : candidates)
    candidate.in_flight = 3;
  EXPECT_EQ(pick_by_affinity(candidates, 77), first);
}

TEST(PickByAffinity, OneHotValueLoadsNobodyBeyondItsBound) {
  const auto taken = spread(named({"a", "b", "c", "d"}), 100,
                            [](const auto& candidates) { return pick_by_affinity(candidates, 5); });
  EXPECT_EQ(std::accumulate(taken.begin(), taken.end(), 0), 20000);
  for (const int share : taken)
    EXPECT_LE(share, 20000 * 33 / 100);  // 1.25 of a quarter, and one
  EXPECT_GE(*std::max_element(taken.begin(), taken.end()), 20000 * 30 / 100);
}

TEST(PickByAffinity, SomebodyIsFoundWhateverTheLoad) {
  base::Random random(12);
  auto candidates = named({"a", "b", "c", "d"});
  for (int i = 0; i < 20000; ++i) {
    std::uint64_t weights = 0;
    std::uint64_t all = 1;
    for (Candidate& candidate : candidates) {
      candidate.weight = static_cast<std::uint32_t>(1 + random.below(100'000));
      candidate.in_flight = static_cast<std::uint32_t>(random.below(1ULL << random.below(31)));
      weights += candidate.weight;
      all += candidate.in_flight;
    }
    const Candidate& picked = candidates[pick_by_affinity(candidates, random.next())];
    const double fair = static_cast<double>(all) * picked.weight / static_cast<double>(weights);
    ASSERT_LE(picked.in_flight, std::max(2.0, 1.25 * fair));
  }
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
