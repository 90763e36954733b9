#include <spillway/base/recycled.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::base {
namespace {

struct Large : Recycled<Large> {
  std::array<char, 2000> bytes{};
};

TEST(Recycled, TheLastPlaceIsTheNext) {
  if (kIsMisuseLookedFor) GTEST_SKIP() << "each is allocated anew";
  const void* first = nullptr;
  {
    const auto one = std::make_unique<Large>();
    first = one.get();
  }
  const auto other = std::make_unique<Large>();
  EXPECT_EQ(other.get(), first);
  EXPECT_NE(std::make_unique<Large>().get(), first);
}

// More than are kept, and by another thread than made them: nothing is lost (LeakSanitizer looks).
TEST(Recycled, MayBeDeletedAnywhere) {
  std::vector<std::unique_ptr<Large>> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(std::make_unique<Large>());
  std::thread([moved = std::move(many)]() mutable { moved.clear(); }).join();
  EXPECT_EQ(std::make_unique<Large>()->bytes[1999], 0);
}

}  // namespace
}  // namespace spillway::base
