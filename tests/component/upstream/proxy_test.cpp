#include <spillway/upstream/proxy.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace spillway::upstream {
namespace {

using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<ProxyRules> read(const Variables& variables) {
  return ProxyRules::read([&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

ProxyRules rules_of(const Variables& variables) {
  auto rules = read(variables);
  if (rules) return std::move(*rules);
  ADD_FAILURE() << rules.error().detail();
  return {};
}

std::string address_for(const ProxyRules& rules, std::string_view host, std::uint16_t port = 443) {
  const auto proxy = rules.find(host, port);
  return proxy ? proxy->address() : "none";
}

bool is_excepted(const std::string& no_proxy, std::string_view host, std::uint16_t port = 443) {
  const auto rules = rules_of({{"HTTPS_PROXY", "http://proxy:3128"}, {"NO_PROXY", no_proxy}});
  return rules.find(host, port) == nullptr;
}

TEST(ProxyRules, WithoutAVariableThereIsNone) {
  EXPECT_EQ(address_for({}, "contoso.openai.azure.com"), "none");
  EXPECT_EQ(address_for(rules_of({}), "contoso.openai.azure.com"), "none");
  EXPECT_EQ(address_for(rules_of({{"HTTPS_PROXY", ""}, {"HTTP_PROXY", "http://p"}}), "x"), "none");
}

TEST(ProxyRules, EitherSpellingAndTheUpperOneFirst) {
  EXPECT_EQ(address_for(rules_of({{"https_proxy", "http://low:1"}}), "x"), "low:1");
  const Variables both = {
      {"https_proxy", "http://low:1"}, {"HTTPS_PROXY", "http://up:2"}, {"no_proxy", "x"}};
  EXPECT_EQ(address_for(rules_of(both), "y"), "up:2");
  EXPECT_EQ(address_for(rules_of(both), "x"), "none");
}

TEST(ProxyRules, AProxyIsAUrl) {
  const std::pair<const char*, const char*> rows[] = {
      {"http://proxy.example:3128", "proxy.example:3128"},
      {"HTTP://Proxy.Example:3128/", "proxy.example:3128"},
      {"http://proxy.example", "proxy.example:80"},
      {"proxy.example:8080", "proxy.example:8080"},
      {"http://[fd00::1]:3128", "[fd00::1]:3128"},
      {"http://10.1.2.3:3128", "10.1.2.3:3128"},
  };
  for (const auto& [url, address] : rows)
    EXPECT_EQ(address_for(rules_of({{"HTTPS_PROXY", url}}), "x"), address) << url;
}

TEST(ProxyRules, UserAndPasswordAreForTheProxyAndShownNowhere) {
  const auto rules = rules_of({{"HTTPS_PROXY", "http://user:p%40ss%3A@proxy:3128"}});
  const auto proxy = rules.find("x", 443);
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->authorization.reveal(), "Basic dXNlcjpwQHNzOg==");
  EXPECT_EQ(proxy->address(), "proxy:3128");
  const auto only_user = rules_of({{"HTTPS_PROXY", "http://user@proxy"}}).find("x", 443);
  EXPECT_EQ(only_user->authorization.reveal(), "Basic dXNlcjo=");
  EXPECT_TRUE(rules_of({{"HTTPS_PROXY", "http://proxy"}}).find("x", 443)->authorization.empty());
}

TEST(ProxyRules, WhatIsNoProxyIsRefusedWithoutItsText) {
  for (const auto* url :
       {"https://geheim:geheim@proxy:3128", "socks5://geheim@proxy", "http://geheim:%4@proxy",
        "http://", "http://geheim@", "http://proxy:0", "http://proxy:65536", "http://proxy:geheim",
        "http://proxy/geheim", "http://proxy?geheim", "http://ge heim", "http://[::1:80",
        "http://[::1]geheim"}) {
    const auto rules = read({{"https_proxy", url}});
    ASSERT_FALSE(rules) << url;
    EXPECT_THAT(rules.error().detail(), HasSubstr("https_proxy"));
    EXPECT_THAT(rules.error().detail(), Not(HasSubstr("geheim")));
  }
}

TEST(ProxyRules, ThisMachineAndItsMetadataAreNeverProxied) {
  const auto rules = rules_of({{"HTTPS_PROXY", "http://proxy:3128"}});
  for (const auto* host : {"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.8.8.8",
                           "::1", "169.254.169.254", "169.254.130.2", "fe80::1"}) {
    EXPECT_EQ(address_for(rules, host), "none") << host;
  }
  for (const auto* host : {"login.microsoftonline.com", "10.0.0.1", "169.255.0.1", "localhost.com"})
    EXPECT_EQ(address_for(rules, host), "proxy:3128") << host;
}

TEST(ProxyRules, Exceptions) {
  const struct {
    const char* no_proxy;
    const char* host;
    std::uint16_t port;
    bool is_excepted;
  } rows[] = {
      {"*", "anything.example", 443, true},
      {"a.example", "a.example", 443, true},
      {"a.example", "A.Example.", 443, true},
      {"A.EXAMPLE", "a.example", 443, true},
      {"a.example", "b.a.example", 443, true},
      {"a.example", "ba.example", 443, false},
      {".a.example", "b.a.example", 443, true},
      {".a.example", "a.example", 443, false},
      {"*.a.example", "b.a.example", 443, true},
      {"*.a.example", "a.example", 443, false},
      {"a.example:8443", "a.example", 8443, true},
      {"a.example:8443", "a.example", 443, false},
      {".a.example:8443", "b.a.example", 8443, true},
      {"x, y ,, a.example", "a.example", 443, true},
      {"10.1.2.3", "10.1.2.3", 443, true},
      {"10.1.2.3", "10.1.2.30", 443, false},
      {"10.1.2.3:443", "10.1.2.3", 443, true},
      {"10.0.0.0/8", "10.200.1.1", 443, true},
      {"10.0.0.0/8", "11.0.0.1", 443, false},
      {"10.0.0.0/8", "a.example", 443, false},
      {"fd00::/8", "fd12::1", 443, true},
      {"fd00::/8", "fe00::1", 443, false},
      {"fd00::1", "fd00:0::1", 443, true},
      {"[fd00::1]:443", "fd00::1", 443, true},
      {"fd00::/8", "10.0.0.1", 443, false},
      {"nonsense/x", "10.0.0.1", 443, false},
      {"", "a.example", 443, false},
      {":443", "a.example", 443, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(is_excepted(row.no_proxy, row.host, row.port), row.is_excepted)
        << row.no_proxy << " " << row.host << ":" << row.port;
  }
}

}  // namespace
}  // namespace spillway::upstream
