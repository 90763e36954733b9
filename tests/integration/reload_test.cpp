// A new configuration while traffic flows: what changed takes effect, what did not stays as it was,
// and a bad file changes nothing.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace spillway::integration {
namespace {

using nlohmann::json;
using simulator::Event;

const std::string kTrips = "circuit_breaker: { max_trip_duration: 60s }";

class Reload : public ::testing::Test {
 protected:
  explicit Reload(const GatewayYaml& first = {}, Environment environment = {})
      : changes(first), gateway(yaml(), std::move(environment)) {}

  [[nodiscard]] std::string yaml() const { return gateway_yaml(*simulator, changes); }
  /// The usual one with other members.
  [[nodiscard]] std::string with_members(const std::string& members) const {
    std::string text = yaml();
    const auto begin = text.find("    members:\n");
    const auto end = text.find("clients:");
    return text.replace(begin, end - begin, "    members: [ " + members + " ]\n");
  }
  [[nodiscard]] json status() const {
    return json::parse(get(gateway.admin_port(), "/status").body);
  }
  Answer ask(const std::string& key = "test-key") const {
    Request request = chat("gpt-4o");
    request.headers[0] = {"api-key", key};
    return send(gateway.port(), request);
  }
  [[nodiscard]] std::string told(std::string_view name) {
    std::string text;
    for (const auto& event : gateway.events()) {
      if (event.name != name) continue;
      for (const auto& [key, value] : event.fields)
        text += std::string(key) + "=" + value + " ";
    }
    return text;
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  GatewayYaml changes;
  RunningGateway gateway;
};

TEST_F(Reload, NewRequestsRunUnderTheNewConfiguration) {
  EXPECT_EQ(ask().header("x-spillway-backend"), "ptu");
  const std::string before = status()["config"]["digest"];
  ASSERT_TRUE(gateway.reload(with_members("{ backend: west }")));
  EXPECT_EQ(ask().header("x-spillway-backend"), "west");
  const json now = status();
  EXPECT_NE(now["config"]["digest"], before);
  EXPECT_EQ(now["pools"][0]["members"].size(), 1U);
}

TEST_F(Reload, KeysChangeForTheNextRequestOfAnOpenConnection) {
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 200U);
  changes.clients = "clients: [ { name: app, keys: [ new-key ] } ]";
  ASSERT_TRUE(gateway.reload(yaml()));
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 401U);
  EXPECT_EQ(ask("new-key").status, 200U);
  EXPECT_EQ(ask().status, 401U);
}

TEST_F(Reload, ABadFileChangesNothingAndIsTold) {
  const std::string digest = status()["config"]["digest"];
  EXPECT_FALSE(gateway.reload("listeners: [ { address: nonsense } ]\n"));
  EXPECT_EQ(ask().status, 200U);
  EXPECT_EQ(status()["config"]["digest"], digest);
  const std::string problem = status()["config"]["last_error"];
  EXPECT_NE(problem.find("listeners[0].address"), std::string::npos) << problem;
  EXPECT_NE(told("reload_failed").find("listeners[0].address"), std::string::npos);
  ASSERT_TRUE(gateway.reload(yaml()));
  EXPECT_TRUE(status()["config"]["last_error"].is_null());
}

TEST_F(Reload, ACertificateThatCannotBeReadChangesNothing) {
  changes.listener =
      "{ address: 127.0.0.1:0 }, { address: 127.0.0.2:0, tls: { certificate_file: /nowhere.pem, "
      "private_key_file: /nowhere.key } }";
  EXPECT_FALSE(gateway.reload(yaml()));
  EXPECT_NE(told("reload_failed").find("/nowhere.pem"), std::string::npos);
  EXPECT_EQ(ask().status, 200U);
}

TEST_F(Reload, AnOpenBreakerStaysOpen) {
  changes.pool_extra = kTrips;
  ASSERT_TRUE(gateway.reload(yaml()));
  simulator->set_fault("ptu", "429 retry-after=30");
  EXPECT_EQ(ask().status, 200U);
  const auto calls = simulator->requests("ptu").size();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(gateway.reload(yaml()));
    EXPECT_EQ(ask().status, 200U);
  }
  EXPECT_EQ(simulator->requests("ptu").size(), calls) << "a reload forgot the 429";
}

TEST_F(Reload, ConnectionsToBackendsThatStayAreUsedOn) {
  EXPECT_EQ(ask().status, 200U);
  const auto connected = simulator->count(Event::connected, "ptu");
  changes.clients = "clients: [ { name: app, keys: [ test-key ] }, { name: b, keys: [ k ] } ]";
  ASSERT_TRUE(gateway.reload(yaml()));
  // One worker or the other takes it; each has at most one connection of before.
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(ask().status, 200U);
  EXPECT_LE(simulator->count(Event::connected, "ptu"), connected + 1);
}

TEST_F(Reload, CountsOfClientsGoOn) {
  EXPECT_EQ(ask().status, 200U);
  ASSERT_TRUE(gateway.reload(yaml()));
  EXPECT_EQ(ask().status, 200U);
  EXPECT_EQ(status()["clients"][0]["requests"], 2);
}

TEST_F(Reload, AStreamOutlivesTheRemovalOfItsBackend) {
  simulator->set_fault("ptu", "stall_mid_stream after_events=3 delay=300");
  Connection client(gateway.port());
  client.write(chat("gpt-4o", kStream));
  client.read_until("data: ", 3);
  ASSERT_TRUE(gateway.reload(with_members("{ backend: west }")));
  EXPECT_EQ(ask().header("x-spillway-backend"), "west");
  const Answer answer = client.read();
  EXPECT_TRUE(answer.is_complete);
  EXPECT_NE(answer.body.find("[DONE]"), std::string::npos);
}

TEST_F(Reload, ListenersComeAndGo) {
  changes.listener = "{ address: 127.0.0.1:0 }, { address: 127.0.0.2:0 }";
  const std::uint16_t first = gateway.port();
  ASSERT_TRUE(gateway.reload(yaml()));
  EXPECT_EQ(gateway.port(), first) << "what stays keeps its port";
  EXPECT_EQ(ask().status, 200U);
  EXPECT_NE(gateway.port(1), 0U);
  changes.listener = "{ address: 127.0.0.2:0 }";
  ASSERT_TRUE(gateway.reload(yaml()));
  EXPECT_TRUE(eventually([&] { return send(first, chat("gpt-4o")).status == 0; }));
}

TEST_F(Reload, WhatNeedsARestartIsTold) {
  changes.threads = "3";
  ASSERT_TRUE(gateway.reload(yaml()));
  EXPECT_EQ(told("reload_needs_restart"), "what=server.threads ");
  EXPECT_EQ(ask().status, 200U);
}

TEST_F(Reload, AHundredUnderLoadFailNobody) {
  constexpr int kReloads = 100;
  const std::uint16_t port = gateway.port();
  std::atomic<bool> is_over{false};
  std::atomic<unsigned> asked{0};
  std::atomic<unsigned> failed{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!is_over) {
        const Answer answer = send(port, chat("gpt-4o", asked % 2 == 0 ? "" : kStream));
        if (answer.status != 200 || !answer.is_complete) ++failed;
        ++asked;
      }
    });
  }
  for (int i = 0; i < kReloads; ++i)
    EXPECT_TRUE(gateway.reload(i % 2 == 0 ? with_members("{ backend: east }") : yaml()));
  is_over = true;
  for (auto& caller : callers)
    caller.join();
  EXPECT_EQ(failed.load(), 0U) << "of " << asked.load();
  EXPECT_GT(asked.load(), 4U);
}

TEST(ReloadOfIdentity, TokensAndKeysAreKept) {
  const auto simulator = usual_simulator();
  const std::string authority = simulator->url("identity");
  GatewayYaml changes;
  changes.credential = "{ name: backend, managed_identity: {} }";
  changes.clients =
      "clients: [ { name: app, entra: { app_ids: [ 11111111-1111-4111-8111-111111111111 ] } } ]";
  changes.more =
      "entra: { tenants: [ 33333333-3333-4333-8333-333333333333 ], audiences: [ a ], "
      "authority_host: \"" +
      authority + "\" }\n";
  RunningGateway gateway(gateway_yaml(*simulator, changes),
                         {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", authority}});
  gateway.wait_until_ready();
  simulator::TokenRequest wanted;
  wanted.audience = "a";
  Request request = chat("gpt-4o");
  request.headers[0] = {"authorization", "Bearer " + simulator->issue_token(wanted)};
  const auto is_served = [&] { return send(gateway.port(), request).status == 200; };
  EXPECT_TRUE(eventually(is_served));
  const auto asked = simulator->requests("identity").size();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(gateway.reload(gateway_yaml(*simulator, changes)));
    EXPECT_TRUE(is_served());
  }
  EXPECT_EQ(simulator->requests("identity").size(), asked) << "a reload asked for a token or keys";
}

TEST(ReloadOfIdentity, AnotherCredentialIsFetchedAndTheOldOneEnds) {
  const auto simulator = usual_simulator();
  const std::string authority = simulator->url("identity");
  GatewayYaml changes;
  changes.credential = "{ name: backend, managed_identity: {} }";
  RunningGateway gateway(gateway_yaml(*simulator, changes),
                         {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", authority}});
  gateway.wait_until_ready();
  changes.credential =
      "{ name: backend, client_secret: { tenant_id: 33333333-3333-4333-8333-333333333333, "
      "client_id: 11111111-1111-4111-8111-111111111111, secret: s }, authority_host: \"" +
      authority + "\" }";
  ASSERT_TRUE(gateway.reload(gateway_yaml(*simulator, changes)));
  EXPECT_TRUE(eventually([&] { return send(gateway.port(), chat("gpt-4o")).status == 200; }));
  const json status = json::parse(get(gateway.admin_port(), "/status").body);
  EXPECT_EQ(status["credentials"][0]["kind"], "client_secret");
  EXPECT_EQ(status["credentials"][0]["state"], "ok");
}

TEST(ReloadOfCertificates, NewConnectionsGetTheNewOne) {
  const auto simulator = usual_simulator();
  const test::Certificates before;
  const test::Certificates after;
  const auto yaml = [&](const test::Certificates& certificates) {
    GatewayYaml changes;
    changes.listener =
        "{ address: 127.0.0.1:0, tls: { certificate_file: " + certificates.certificate_file() +
        ", private_key_file: " + certificates.private_key_file() + " } }";
    return gateway_yaml(*simulator, changes);
  };
  RunningGateway gateway(yaml(before));
  const Tls trusts_before{before.ca_file(), "localhost", "", ""};
  const Tls trusts_after{after.ca_file(), "localhost", "", ""};
  Connection open(gateway.port(), trusts_before);
  ASSERT_TRUE(gateway.reload(yaml(after)));
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), trusts_after).status, 200U);
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), trusts_before).status, 0U);
  open.write(chat("gpt-4o"));
  EXPECT_EQ(open.read().status, 200U) << "a connection of before goes on";
}

}  // namespace
}  // namespace spillway::integration
