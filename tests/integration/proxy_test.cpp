// HTTPS_PROXY: https backends are reached through a CONNECT tunnel, and what a proxy does wrong is
// said as that.

#include "integration/hand_proxy.hpp"
#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::integration {
namespace {

class ThroughAProxy : public ::testing::Test {
 protected:
  // A name that only the proxy can reach: nothing resolves it here.
  [[nodiscard]] std::string yaml() const {
    return "listeners: [ { address: 127.0.0.1:0 } ]\n"
           "admin: { address: 127.0.0.1:0 }\n"
           "credentials: [ { name: key, api_key: backend-key } ]\n"
           "backends: [ { name: east, url: \"https://east.backend.test:" +
           std::to_string(simulator->port("east")) +
           "\", credential: key, tls: { ca_file: " + certificates.ca_file() +
           " } } ]\n"
           "pools: [ { name: default, members: [ { backend: east } ], timeouts: { connect: 2s } } ]"
           "\nclients: [ { name: app, keys: [ test-key ] } ]\n"
           "server: { threads: 1 }\n";
  }
  static std::unique_ptr<simulator::Simulator> start(const test::Certificates& certificates) {
    simulator::Config config = usual_config();
    for (auto& endpoint : config.endpoints)
      endpoint.tls = {certificates.certificate_file(), certificates.private_key_file()};
    return simulator::Simulator::start(config);
  }
  static std::string url(const HandProxy& proxy) {
    return "http://user:proxy-password@127.0.0.1:" + std::to_string(proxy.port());
  }
  [[nodiscard]] std::string connect_line() const {
    return "CONNECT east.backend.test:" + std::to_string(simulator->port("east")) + " HTTP/1.1\r\n";
  }

  test::Certificates certificates{{"east.backend.test"}};
  std::unique_ptr<simulator::Simulator> simulator = start(certificates);
};

TEST_F(ThroughAProxy, AnHttpsBackendIsReachedAndItsCertificateIsItsOwn) {
  const HandProxy proxy(simulator->port("east"));
  RunningGateway gateway(yaml(), {{"HTTPS_PROXY", url(proxy)}});
  for (const char* more : {"", ",\"stream\":true"}) {
    const Answer answer = send(gateway.port(), chat("gpt-4o", more));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_TRUE(answer.is_complete);
  }
  const auto heads = proxy.heads();
  ASSERT_EQ(heads.size(), 1U) << "the tunnel was kept for the second request";
  EXPECT_TRUE(heads[0].starts_with(connect_line())) << heads[0];
  EXPECT_NE(heads[0].find("proxy-authorization: Basic dXNlcjpwcm94eS1wYXNzd29yZA==\r\n"),
            std::string::npos)
      << heads[0];
  EXPECT_FALSE(simulator->requests("east").at(0).header("proxy-authorization"));
}

TEST_F(ThroughAProxy, AProxyThatWantsAPasswordIsNamedAndItsPasswordIsNot) {
  const HandProxy proxy(simulator->port("east"),
                        "HTTP/1.1 407 Proxy Authentication Required\r\n"
                        "Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
  RunningGateway gateway(yaml(), {{"HTTPS_PROXY", url(proxy)}});
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 503U);
  const auto record = gateway.wait_for_records(1).front();
  ASSERT_EQ(record.attempts.size(), 1U);
  EXPECT_EQ(record.attempts[0].fault, "connect_failed");
  EXPECT_EQ(record.attempts[0].reason, "the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                                           " asks for a user and password (407); write them in "
                                           "HTTPS_PROXY");
  const std::string status = get(gateway.admin_port(), "/status").body;
  EXPECT_EQ(status.find("proxy-password"), std::string::npos);
}

TEST_F(ThroughAProxy, ASilentProxyCostsTheConnectTimeout) {
  HandServer proxy;
  RunningGateway gateway(yaml(), {{"https_proxy", proxy.url()}});
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  Connection held = proxy.accept();
  held.read_until(connect_line());
  EXPECT_EQ(client.read().status, 503U);
  EXPECT_EQ(gateway.wait_for_records(1).front().attempts.at(0).fault, "connect_failed");
}

TEST_F(ThroughAProxy, AnExceptionIsReachedStraight) {
  const HandProxy proxy(simulator->port("east"));
  RunningGateway gateway(yaml(), {{"HTTPS_PROXY", url(proxy)}, {"NO_PROXY", ".backend.test"}});
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 503U) << "the name is not known here";
  EXPECT_TRUE(proxy.heads().empty());
}

TEST_F(ThroughAProxy, PlainHttpIsNotProxied) {
  const HandProxy proxy(1);
  const auto plain = usual_simulator();
  RunningGateway gateway(gateway_yaml(*plain), {{"HTTPS_PROXY", url(proxy)}});
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  EXPECT_TRUE(proxy.heads().empty());
}

}  // namespace
}  // namespace spillway::integration
