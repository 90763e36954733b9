#include <spillway/gateway/memory_pressure.hpp>

#include <gtest/gtest.h>

namespace spillway::gateway {
namespace {

constexpr std::uint64_t kCeiling = 1'000'000'000;

MemoryPressure after(MemoryPressure now, std::uint64_t percent) {
  return next_pressure(now, kCeiling / 100 * percent + kCeiling / 1000, kCeiling);
}

TEST(MemoryPressure, StepsUpAtEightyFiveAndNinetyPercent) {
  const auto none = MemoryPressure::none;
  EXPECT_EQ(after(none, 0), MemoryPressure::none);
  EXPECT_EQ(after(none, 84), MemoryPressure::none);
  EXPECT_EQ(after(none, 85), MemoryPressure::close_idle);
  EXPECT_EQ(after(none, 89), MemoryPressure::close_idle);
  EXPECT_EQ(after(none, 90), MemoryPressure::shed);
  EXPECT_EQ(after(none, 200), MemoryPressure::shed);
}

TEST(MemoryPressure, StepsDownLaterThanUp) {
  EXPECT_EQ(after(MemoryPressure::shed, 87), MemoryPressure::shed);
  EXPECT_EQ(after(MemoryPressure::shed, 86), MemoryPressure::close_idle);
  EXPECT_EQ(after(MemoryPressure::close_idle, 82), MemoryPressure::close_idle);
  EXPECT_EQ(after(MemoryPressure::close_idle, 81), MemoryPressure::none);
  EXPECT_EQ(after(MemoryPressure::shed, 50), MemoryPressure::none);
}

TEST(MemoryPressure, WithoutACeilingThereIsNone) {
  EXPECT_EQ(next_pressure(MemoryPressure::shed, 1ULL << 60U, 0), MemoryPressure::none);
}

TEST(MemoryPressure, EachHasAName) {
  EXPECT_EQ(name_of(MemoryPressure::none), "none");
  EXPECT_EQ(name_of(MemoryPressure::close_idle), "close_idle");
  EXPECT_EQ(name_of(MemoryPressure::shed), "shed");
}

}  // namespace
}  // namespace spillway::gateway
