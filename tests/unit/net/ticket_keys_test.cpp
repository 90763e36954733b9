#include "support/test_clocks.hpp"
#include <spillway/net/ticket_keys.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace spillway::net {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class TicketKeysTest : public ::testing::Test {
 protected:
  support::StillClock clock;
  TicketKeys keys{clock};
};

TEST_F(TicketKeysTest, a_key_seals_for_twelve_hours) {
  const auto first = keys.sealing();
  ASSERT_TRUE(first);
  clock.advance(hours(12) - seconds(1));
  EXPECT_EQ(keys.sealing(), first);
  clock.advance(seconds(1));
  const auto second = keys.sealing();
  EXPECT_NE(second->name, first->name);
  EXPECT_NE(second->cipher_key, first->cipher_key);
  EXPECT_NE(second->mac_key, first->mac_key);
}

TEST_F(TicketKeysTest, it_opens_for_twelve_more_and_asks_for_a_new_ticket_meanwhile) {
  const auto first = keys.sealing();
  EXPECT_EQ(keys.opening(first->name).key, first);
  EXPECT_TRUE(keys.opening(first->name).is_newest);
  clock.advance(hours(12));
  EXPECT_EQ(keys.opening(first->name).key, first) << "before the next one is made";
  EXPECT_FALSE(keys.opening(first->name).is_newest);
  keys.sealing();
  clock.advance(hours(12) - seconds(1));
  EXPECT_EQ(keys.opening(first->name).key, first);
  clock.advance(seconds(1));
  EXPECT_FALSE(keys.opening(first->name).key);
}

TEST_F(TicketKeysTest, a_key_that_has_gone_is_held_by_nobody) {
  const std::weak_ptr<const TicketKey> first = keys.sealing();
  clock.advance(hours(24));
  keys.sealing();
  EXPECT_TRUE(first.expired());
}

TEST_F(TicketKeysTest, at_most_two_are_held_however_long_nobody_came) {
  const std::weak_ptr<const TicketKey> first = keys.sealing();
  clock.advance(hours(12));
  const auto second = keys.sealing();
  clock.advance(hours(12));
  const auto third = keys.sealing();
  EXPECT_TRUE(first.expired());
  EXPECT_EQ(keys.opening(second->name).key, second);
  EXPECT_EQ(keys.opening(third->name).key, third);
  clock.advance(hours(1'000));
  EXPECT_FALSE(keys.opening(second->name).key);
  EXPECT_FALSE(keys.opening(third->name).key);
}

TEST_F(TicketKeysTest, a_strangers_name_opens_nothing) {
  EXPECT_FALSE(keys.opening(TicketKey().name).key) << "before there is a key";
  keys.sealing();
  EXPECT_FALSE(keys.opening(TicketKey().name).key);
  TicketKeys others(clock);
  EXPECT_FALSE(keys.opening(others.sealing()->name).key);
}

TEST_F(TicketKeysTest, no_ticket_outlives_its_key) {
  EXPECT_LE(TicketKeys::kTicketLifetime, TicketKeys::kPeriod);
}

}  // namespace
}  // namespace spillway::net
