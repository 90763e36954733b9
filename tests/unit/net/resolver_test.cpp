#include <spillway/net/resolver.hpp>

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <chrono>

namespace spillway::net {
namespace {

using namespace std::chrono_literals;

base::Result<Addresses> one_address(const std::string&) {
  return Addresses{boost::asio::ip::make_address("192.0.2.1")};
}

base::Result<Addresses> nobody(const std::string& host) {
  return base::Error(base::Fault::dns_failed, base::Side::upstream, "no address for " + host);
}

TEST(Resolver, AnIpLiteralIsKnownAtOnceAndNeverLookedUp) {
  Resolver resolver(nobody);
  resolver.watch("127.0.0.1");
  resolver.watch("::1");
  const auto v4 = resolver.addresses_of("127.0.0.1");
  const auto v6 = resolver.addresses_of("::1");
  ASSERT_TRUE(v4.has_value());
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v4.value()->front().to_string(), "127.0.0.1");
  EXPECT_EQ(v6.value()->front().to_string(), "::1");
}

TEST(Resolver, ANameIsKnownAfterItsFirstLookup) {
  Resolver resolver(one_address);
  resolver.watch("backend.example");
  resolver.wait_for_first(10s);
  const auto known = resolver.addresses_of("backend.example");
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known.value()->front().to_string(), "192.0.2.1");
}

TEST(Resolver, ANameWithoutAddressSaysWhy) {
  Resolver resolver(nobody);
  resolver.watch("dead.example");
  resolver.wait_for_first(10s);
  const auto known = resolver.addresses_of("dead.example");
  ASSERT_FALSE(known.has_value());
  EXPECT_EQ(known.error().fault(), base::Fault::dns_failed);
  EXPECT_EQ(known.error().detail(), "no address for dead.example");
}

TEST(Resolver, ANameNobodyWatchesIsAnErrorNotALookup) {
  const Resolver resolver(one_address);
  EXPECT_FALSE(resolver.addresses_of("other.example").has_value());
}

}  // namespace
}  // namespace spillway::net
