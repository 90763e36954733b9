// What backends and the access log learn of where a request comes from, by policy
// (docs/forwarding.md). The test's own connection is the peer: 127.0.0.1, trusted or not.

#include "integration/conformance_world.hpp"

#include <string>
#include <vector>

namespace spillway::integration {
namespace {

const std::string kTrusted = "trusted_proxies: [ 127.0.0.0/8, \"fd00::/8\", 10.0.0.0/8 ]";

class Forwarding : public ::testing::Test {
 protected:
  /// The request that the backend got, under that policy.
  std::string sent(const std::string& policy, const std::string& fields) {
    RawBackend backend;
    RunningGateway gateway(wire_yaml({backend.url()}, "forwarded: { " + policy + " }\n"));
    Connection client(gateway.port());
    client.write_raw(get_with(fields));
    EXPECT_EQ(client.read().status, 200U);
    address = gateway.wait_for_records(1).front().client_address;
    EXPECT_EQ(backend.offences(), std::vector<std::string>());
    const auto requests = backend.requests();
    return requests.size() == 1 ? requests[0] : "";
  }

  static bool holds(const std::string& request, const std::string& text) {
    return request.find(text) != std::string::npos;
  }

  std::string address;  // of the access record
};

const std::string kClaims =
    "X-Forwarded-For: 203.0.113.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n"
    "X-Forwarded-Host: api.example\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Server: s\r\n"
    "X-Real-IP: 203.0.113.9\r\nForwarded: for=203.0.113.9;proto=https\r\n";

TEST_F(Forwarding, IsDroppedByDefault) {
  for (const std::string& policy : {std::string("to_backends: drop"), kTrusted}) {
    const std::string request = sent(policy, kClaims);
    for (const char* name : {"orwarded", "eal-IP", "203.0.113.9", "api.example"})
      EXPECT_FALSE(holds(request, name)) << name << " is in\n" << request;
  }
}

TEST_F(Forwarding, OfStrangersIsReplaced) {
  const std::string request = sent("to_backends: append", kClaims);
  EXPECT_TRUE(holds(request, "x-forwarded-for: 127.0.0.1\r\n")) << request;
  EXPECT_TRUE(holds(request, "x-forwarded-proto: http\r\n")) << request;
  EXPECT_TRUE(holds(request, "x-forwarded-host: gateway\r\n")) << request;
  EXPECT_TRUE(holds(request, "forwarded: for=127.0.0.1;host=\"gateway\";proto=http\r\n"))
      << request;
  EXPECT_EQ(count(request, "orwarded"), 4U) << request;
  EXPECT_FALSE(holds(request, "203.0.113.9")) << request;
}

TEST_F(Forwarding, OfTrustedProxiesIsKeptAndExtended) {
  const std::string request = sent(kTrusted + ", to_backends: append", kClaims);
  EXPECT_TRUE(holds(request, "x-forwarded-for: 203.0.113.9, 10.1.2.3, 127.0.0.1\r\n")) << request;
  EXPECT_TRUE(holds(request, "x-forwarded-proto: https\r\n")) << request;
  EXPECT_TRUE(holds(request, "x-forwarded-host: api.example\r\n")) << request;
  EXPECT_TRUE(holds(request, "x-forwarded-port: 443\r\n")) << request;
  EXPECT_TRUE(holds(request,
                    "forwarded: for=203.0.113.9;proto=https, "
                    "for=127.0.0.1;host=\"gateway\";proto=http\r\n"))
      << request;
  EXPECT_FALSE(holds(request, "eal-IP")) << request;
  EXPECT_FALSE(holds(request, "orwarded-Server")) << request;
}

TEST_F(Forwarding, TheCallersAddressIsTheRightmostThatIsNotTrusted) {
  sent(kTrusted, kClaims);
  EXPECT_EQ(address, "203.0.113.9");
  sent(kTrusted, "X-Forwarded-For: 6.6.6.6, 203.0.113.9:4711, 10.1.2.3\r\n");
  EXPECT_EQ(address, "203.0.113.9");
  sent(kTrusted, "Forwarded: for=6.6.6.6, for=\"[2001:db8::7]:99\"\r\n");
  EXPECT_EQ(address, "2001:db8::7");
  sent(kTrusted, "");
  EXPECT_EQ(address, "127.0.0.1");
}

TEST_F(Forwarding, NobodyElseCanSayWhoCalls) {
  sent("trusted_proxies: [ 192.0.2.0/24 ]", kClaims);
  EXPECT_EQ(address, "127.0.0.1");
  sent("to_backends: append", kClaims);
  EXPECT_EQ(address, "") << "nothing to tell apart from the peer";
}

}  // namespace
}  // namespace spillway::integration
