#include <spillway/base/error.hpp>
#include <spillway/base/result.hpp>

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string_view>

namespace spillway::base {
namespace {

constexpr auto kLastFault = static_cast<int>(Fault::internal);

TEST(Fault, every_one_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= kLastFault; ++i)
    names.insert(name_of(static_cast<Fault>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kLastFault) + 1);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(name_of(Fault::connect_failed), "connect_failed");
  EXPECT_EQ(name_of(Side::upstream), "upstream");
}

TEST(Result, holds_a_value_or_an_error) {
  const Result<int> good = 7;
  const Result<int> bad = Error(Fault::timed_out, Side::upstream, "first_byte");
  EXPECT_EQ(*good, 7);
  ASSERT_TRUE(bad.has_error());
  EXPECT_EQ(bad.error().fault(), Fault::timed_out);
  EXPECT_EQ(bad.error().side(), Side::upstream);
  EXPECT_EQ(bad.error().detail(), "first_byte");
}

TEST(Result, asking_an_error_for_its_value_is_a_defect) {
  const Result<int> bad = Error(Fault::internal, Side::gateway, "why");
  EXPECT_THROW(bad.value(), std::logic_error);
}

}  // namespace
}  // namespace spillway::base
