#include <spillway/base/split_sum.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace spillway::base {
namespace {

TEST(SplitSum, IsWhatAllPartsComeTo) {
  SplitSum sum;
  EXPECT_EQ(sum.load(), 0U);
  SplitSum::Part& first = sum.new_part();
  SplitSum::Part& second = sum.new_part();
  first.add(5);
  second.add(2);
  EXPECT_EQ(sum.load(), 7U);
  second.subtract(2);
  first.subtract(1);
  EXPECT_EQ(sum.load(), 4U);
}

TEST(SplitSum, MayBeTakenFromAnotherPartThanItWasAddedTo) {
  SplitSum sum;
  sum.new_part().add(3);
  sum.new_part().subtract(1);
  EXPECT_EQ(sum.load(), 2U);
}

TEST(SplitSum, LosesNothingOfThreadsThatAddWhileItIsRead) {
  constexpr std::uint64_t kTimes = 20'000;
  SplitSum sum;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&sum] {
      SplitSum::Part& part = sum.new_part();
      for (std::uint64_t n = 0; n < kTimes; ++n)
        part.add(1);
    });
  }
  std::uint64_t before = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t now = sum.load();
    EXPECT_GE(now, before);
    before = now;
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(sum.load(), 3 * kTimes);
}

}  // namespace
}  // namespace spillway::base
