#include <spillway/gateway/client_address.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::gateway {
namespace {

config::Forwarded trusting(const std::vector<std::string>& networks) {
  config::Forwarded rules;
  for (const std::string& network : networks)
    rules.trusted_proxies.push_back(base::IpNetwork::parse(network).value());
  return rules;
}

const config::Forwarded kRules = trusting({"10.0.0.0/8", "fd00::/8", "192.0.2.7"});

std::string found(const std::string& peer, std::initializer_list<base::Field> fields) {
  http::FieldList list;
  for (const base::Field& field : fields)
    list.add(field.name, field.value);
  return client_address({peer, false}, list, kRules);
}

std::string behind(const std::string& forwarded_for) {
  return found("10.0.0.1:5000", {{"X-Forwarded-For", forwarded_for}});
}

TEST(ClientAddress, IsThePeersUnlessItIsTrusted) {
  EXPECT_EQ(found("203.0.113.1:80", {{"X-Forwarded-For", "1.2.3.4"}}), "203.0.113.1");
  EXPECT_EQ(found("[2001:db8::1]:80", {{"X-Forwarded-For", "1.2.3.4"}}), "2001:db8::1");
  EXPECT_EQ(found("[::ffff:203.0.113.1]:80", {}), "203.0.113.1");
  EXPECT_EQ(found("10.0.0.1:80", {}), "10.0.0.1");
  EXPECT_EQ(found("[::ffff:10.0.0.1]:80", {{"X-Forwarded-For", "1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(found("[fd00::1]:80", {{"X-Forwarded-For", "1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(found("", {{"X-Forwarded-For", "1.2.3.4"}}), "");
}

TEST(ClientAddress, IsTheRightmostThatIsNotTrusted) {
  EXPECT_EQ(behind("1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(behind("6.6.6.6, 1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(behind("6.6.6.6,1.2.3.4 ,10.2.2.2,\t192.0.2.7"), "1.2.3.4");
  EXPECT_EQ(behind("1.2.3.4:5678, [fd00::2]:443"), "1.2.3.4");
  EXPECT_EQ(behind("2001:db8::9"), "2001:db8::9");
  EXPECT_EQ(behind("10.3.3.3, 10.2.2.2"), "10.3.3.3") << "all are trusted: the first of them";
}

TEST(ClientAddress, SeveralLinesAreOneList) {
  EXPECT_EQ(found("10.0.0.1:1",
                  {{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4, 10.2.2.2"}}),
            "1.2.3.4");
}

TEST(ClientAddress, WhatIsNoAddressEndsTheSearch) {
  for (const std::string odd :
       {"", "unknown", "_hidden", "host.example", "1.2.3", "1.2.3.4:x", "1.2.3.4:", "[1.2.3.4",
        "[::1]x", "1.2.3.4:123456", "fe80::1%eth0", "\"1.2.3.4\""}) {
    EXPECT_EQ(behind("6.6.6.6, " + odd + ", 10.2.2.2"), "10.2.2.2") << odd;
  }
}

TEST(ClientAddress, ForwardedIsReadWhereThereIsNothingElse) {
  const auto by_forwarded = [](const std::string& value) {
    return found("10.0.0.1:5000", {{"Forwarded", value}});
  };
  EXPECT_EQ(by_forwarded("for=1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(by_forwarded("For=\"[2001:db8::9]:4711\";proto=https;host=\"a,b;c\""), "2001:db8::9");
  EXPECT_EQ(by_forwarded("for=6.6.6.6, proto=http; for=1.2.3.4 , for=10.2.2.2;by=10.0.0.1"),
            "1.2.3.4");
  EXPECT_EQ(by_forwarded("for=6.6.6.6, proto=http, for=10.2.2.2"), "10.2.2.2");
  EXPECT_EQ(by_forwarded("for=6.6.6.6, for=_secret"), "10.0.0.1");
  EXPECT_EQ(by_forwarded("for=\"6.6.6.6, for=1.2.3.4"), "10.0.0.1")
      << "an open quote hides, no more";
  EXPECT_EQ(found("10.0.0.1:1", {{"Forwarded", "for=6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4"}}),
            "1.2.3.4");
}

http::FieldList told(const std::string& peer, const config::Forwarded& rules, bool is_encrypted,
                     std::initializer_list<base::Field> fields) {
  http::RequestHead head;
  for (const base::Field& field : fields)
    head.fields.add(field.name, field.value);
  return forwarded_fields({peer, is_encrypted}, head, rules);
}

TEST(ForwardedFields, AreNoneByDefault) {
  EXPECT_EQ(told("10.0.0.1:1", kRules, false, {{"X-Forwarded-For", "1.2.3.4"}}).size(), 0U);
}

TEST(ForwardedFields, AreOursAloneForStrangers) {
  config::Forwarded rules = kRules;
  rules.to_backends = config::ToBackends::append;
  const auto fields = told("[2001:db8::1]:80", rules, true,
                           {{"Host", "gw:8443"},
                            {"X-Forwarded-For", "1.2.3.4"},
                            {"X-Forwarded-Port", "1"},
                            {"Forwarded", "for=1.2.3.4"}});
  EXPECT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields.find("x-forwarded-for"), "2001:db8::1");
  EXPECT_EQ(fields.find("x-forwarded-proto"), "https");
  EXPECT_EQ(fields.find("x-forwarded-host"), "gw:8443");
  EXPECT_EQ(fields.find("forwarded"), "for=\"[2001:db8::1]\";host=\"gw:8443\";proto=https");
}

TEST(ForwardedFields, KeepWhatATrustedProxyWrote) {
  config::Forwarded rules = kRules;
  rules.to_backends = config::ToBackends::append;
  const auto fields = told("10.0.0.1:80", rules, false,
                           {{"X-Forwarded-For", "1.2.3.4"},
                            {"X-Forwarded-Proto", "https"},
                            {"X-Forwarded-Host", "api.example"},
                            {"Forwarded", "for=1.2.3.4"}});
  EXPECT_EQ(fields.find("x-forwarded-for"), "1.2.3.4, 10.0.0.1");
  EXPECT_EQ(fields.find("x-forwarded-proto"), "https");
  EXPECT_EQ(fields.find("x-forwarded-host"), "api.example");
  EXPECT_EQ(fields.find("forwarded"), "for=1.2.3.4, for=10.0.0.1;proto=http");
}

TEST(ForwardingField, AreAllOfTheFamily) {
  for (const char* name : {"X-Forwarded-For", "x-forwarded-anything", "FORWARDED", "X-Real-IP"})
    EXPECT_TRUE(is_forwarding_field(name)) << name;
  for (const char* name : {"X-Forwarded", "Forward", "X-Real", "X-A"})
    EXPECT_FALSE(is_forwarding_field(name)) << name;
}

}  // namespace
}  // namespace spillway::gateway
