#include <spillway/gateway/address_counts.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::gateway {
namespace {

auto address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

std::uint64_t key(const std::string& text) {
  return AddressCounts::key_of(address(text));
}

TEST(AddressCounts, AnAddressHasSoManySeatsAndAnotherItsOwn) {
  AddressCounts counts;
  auto first = counts.take(address("192.0.2.1"), 2);
  const auto second = counts.take(address("192.0.2.1"), 2);
  EXPECT_TRUE(first.is_held());
  EXPECT_TRUE(second.is_held());
  EXPECT_FALSE(counts.take(address("192.0.2.1"), 2).is_held());
  EXPECT_TRUE(counts.take(address("192.0.2.2"), 2).is_held());
  first = AddressCounts::Seat();
  EXPECT_TRUE(counts.take(address("192.0.2.1"), 2).is_held());
}

TEST(AddressCounts, WhoHoldsNothingIsForgotten) {
  AddressCounts counts;
  {
    std::vector<AddressCounts::Seat> seats;
    for (int i = 0; i < 100; ++i)
      seats.push_back(counts.take(address("198.51.100." + std::to_string(i)), 1));
    EXPECT_EQ(counts.size(), 100U);
  }
  EXPECT_EQ(counts.size(), 0U);
}

TEST(AddressCounts, OneSubscriberIsOneAddress) {
  EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9")) << "the same /64";
  EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
  EXPECT_EQ(key("::ffff:192.0.2.1"), key("192.0.2.1")) << "mapped";
  EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
  EXPECT_NE(key("::1"), key("0.0.0.0"));
}

}  // namespace
}  // namespace spillway::gateway
