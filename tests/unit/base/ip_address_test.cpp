#include <spillway/base/ip_address.hpp>

#include <gtest/gtest.h>

#include <string>

namespace spillway::base {
namespace {

bool is_in(const std::string& network, const std::string& address) {
  const auto of = IpNetwork::parse(network);
  const auto one = IpAddress::parse(address);
  EXPECT_TRUE(of) << network;
  EXPECT_TRUE(one) << address;
  return of && one && of->contains(*one);
}

TEST(IpAddresses, AreReadAndWritten) {
  EXPECT_EQ(IpAddress::parse("192.0.2.1")->to_text(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:0:0:0:1")->to_text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->to_text(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_TRUE(IpAddress::parse("192.0.2.1")->is_v4());
  EXPECT_FALSE(IpAddress::parse("::1")->is_v4());
}

TEST(IpAddresses, NothingElseIsOne) {
  for (const std::string text :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:80", "[::1]", "fe80::1%eth0",
        "1.2.3.4 ", " 1.2.3.4", ":::", "12345::", "0x7f.1", "127.1", "01.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string("1.2.3.4\0x", 9)));
}

TEST(IpNetworks, ContainWhatBeginsAlike) {
  EXPECT_TRUE(is_in("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(is_in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(is_in("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(is_in("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(is_in("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(is_in("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(is_in("fd00::/8", "fdff::1"));
  EXPECT_FALSE(is_in("fd00::/8", "fe00::1"));
}

TEST(IpNetworks, Ipv4IsOneInBothSpellings) {
  EXPECT_TRUE(is_in("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(is_in("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(is_in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(is_in("::/0", "10.1.2.3"));
}

TEST(IpNetworks, NothingElseIsOne) {
  for (const std::string text :
       {"10.0.0.1/8", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "/8", "10.0.0.0/-1", "10.0.0.0/ 8",
        "10.0.0.0/8/8", "ten/8", "fd00::1/8", "10.0.0.0/0008"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

}  // namespace
}  // namespace spillway::base
