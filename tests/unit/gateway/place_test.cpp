#include <spillway/gateway/place.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace spillway::gateway {
namespace {

TEST(Place, ThereAreAsManyAsTheBoundSays) {
  std::atomic<std::uint64_t> taken{0};
  Place first = Place::take(taken, 2);
  const Place second = Place::take(taken, 2);
  EXPECT_TRUE(first.is_held());
  EXPECT_TRUE(second.is_held());
  EXPECT_FALSE(Place::take(taken, 2).is_held());
  EXPECT_EQ(taken.load(), 2U);
  first.give_back();
  EXPECT_FALSE(first.is_held());
  EXPECT_EQ(taken.load(), 1U);
  EXPECT_TRUE(Place::take(taken, 2).is_held());
}

TEST(Place, ItIsGivenBackOnceHoweverItMoves) {
  std::atomic<std::uint64_t> taken{0};
  {
    Place one = Place::take(taken, Place::kNoBound);
    Place other = std::move(one);
    EXPECT_EQ(taken.load(), 1U);
    Place third = Place::take(taken, Place::kNoBound);
    EXPECT_EQ(taken.load(), 2U);
    third = std::move(other);
    EXPECT_EQ(taken.load(), 1U) << "what it held before is given back";
  }
  EXPECT_EQ(taken.load(), 0U);
}

TEST(Place, TheBoundHoldsAmongThreads) {
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> most_seen{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5'000; ++round) {
        const Place place = Place::take(taken, 2);
        const std::uint64_t now = taken.load();
        if (now > most_seen.load()) most_seen.store(now);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_LE(most_seen.load(), 2U);
  EXPECT_EQ(taken.load(), 0U);
}

}  // namespace
}  // namespace spillway::gateway
