// As whom the gateway calls, where the environment or several credentials decide it, and what time
// does to tokens.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"
#include "support/scripted_server.hpp"
#include "support/test_clocks.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace spillway::integration {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

json credentials_of(const RunningGateway& gateway) {
  return json::parse(get(gateway.admin_port(), "/status").body)["credentials"];
}

class OutboundIdentity : public ::testing::Test {
 protected:
  /// Two backends, each with a credential; no credential: that of the environment.
  [[nodiscard]] std::string yaml(const std::string& credentials, const std::string& of_east,
                                 const std::string& of_west) const {
    return "listeners: [ { address: 127.0.0.1:0 } ]\n"
           "admin: { address: 127.0.0.1:0 }\n" +
           credentials + "backends:\n  - { name: east, url: \"" + simulator->url("east") + "\"" +
           of_east + " }\n  - { name: west, url: \"" + simulator->url("west") + "\"" + of_west +
           " }\nclients: [ { name: app, keys: [ test-key ] } ]\n";
  }
  [[nodiscard]] Environment imds() const {
    return {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", simulator->url("identity")}};
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
};

TEST_F(OutboundIdentity, CredentialsOfOneIdentityShareItsToken) {
  RunningGateway gateway(yaml("credentials:\n"
                              "  - { name: one, managed_identity: {} }\n"
                              "  - { name: two, managed_identity: {} }\n",
                              ", credential: one", ", credential: two"),
                         imds());
  gateway.wait_until_ready();
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  EXPECT_FALSE(simulator->requests("east").empty());
  EXPECT_FALSE(simulator->requests("west").empty());
  EXPECT_EQ(simulator->requests("identity").size(), 1U);
  const json status = credentials_of(gateway);
  ASSERT_EQ(status.size(), 2U);
  EXPECT_EQ(status[0]["state"], "ok");
  EXPECT_EQ(status[1]["state"], "ok");
  EXPECT_EQ(status[0]["expires_at"], status[1]["expires_at"]);
}

TEST_F(OutboundIdentity, AThousandFirstRequestsCostOneTokenRequestForEachCredential) {
  const std::string authority = simulator->url("identity");
  RunningGateway gateway(
      yaml("credentials:\n"
           "  - { name: one, managed_identity: {} }\n"
           "  - { name: two, client_secret: { tenant_id: 33333333-3333-4333-8333-333333333333, "
           "client_id: 11111111-1111-4111-8111-111111111111, secret: s }, authority_host: \"" +
               authority + "\" }\n",
           ", credential: one", ", credential: two"),
      imds());
  const std::uint16_t port = gateway.port();
  std::atomic<unsigned> served{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 100; ++i) {
    callers.emplace_back([port, &served] {
      for (int j = 0; j < 10; ++j) {
        if (send(port, chat("gpt-4o")).status == 200) ++served;
      }
    });
  }
  for (auto& caller : callers)
    caller.join();
  EXPECT_EQ(gateway.wait_for_records(1000).size(), 1000U);
  EXPECT_TRUE(eventually([&] {
    const json status = credentials_of(gateway);
    return status[0]["state"] == "ok" && status[1]["state"] == "ok";
  })) << served.load()
      << " were served meanwhile";
  EXPECT_EQ(simulator->requests("identity").size(), 2U);
}

TEST_F(OutboundIdentity, TheStatusSaysWhatTheEnvironmentCameTo) {
  RunningGateway gateway(yaml("", "", ""), imds());
  gateway.wait_until_ready();
  const json status = credentials_of(gateway);
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0]["name"], "environment");
  EXPECT_EQ(status[0]["kind"], "environment");
  EXPECT_EQ(status[0]["source"], "managed_identity (IMDS)");
  gateway.wait_for_event("credential_resolved");
}

TEST_F(OutboundIdentity, AppServiceIsAskedWhereItsVariablesAre) {
  const std::string token = simulator->issue_token();
  const support::ScriptedServer app_service({support::json_answer(
      "200 OK", R"({"access_token":")" + token + R"(","expires_on":"4102444800"})")});
  RunningGateway gateway(yaml("", "", ""), {{"IDENTITY_ENDPOINT", app_service.url() + "/msi/token"},
                                            {"IDENTITY_HEADER", "header-secret"}});
  gateway.wait_until_ready();
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  EXPECT_EQ(credentials_of(gateway)[0]["source"], "managed_identity (App Service)");
  EXPECT_NE(app_service.requests().at(0).find("X-IDENTITY-HEADER: header-secret\r\n"),
            std::string::npos);
}

TEST_F(OutboundIdentity, AProjectedTokenMayAppearAfterTheStart) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "token";
  RunningGateway gateway(yaml("", "", ""),
                         {{"AZURE_TENANT_ID", "33333333-3333-4333-8333-333333333333"},
                          {"AZURE_CLIENT_ID", "11111111-1111-4111-8111-111111111111"},
                          {"AZURE_FEDERATED_TOKEN_FILE", file.string()},
                          {"AZURE_AUTHORITY_HOST", simulator->url("identity")}});
  gateway.wait_for_event("token_fetch_failed");
  EXPECT_EQ(credentials_of(gateway)[0]["source"], "workload_identity");
  EXPECT_TRUE(simulator->requests("identity").empty()) << "there was nothing to ask with";
  std::ofstream(file) << "eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n";
  EXPECT_TRUE(eventually([&] { return !simulator->requests("identity").empty(); }));
  EXPECT_NE(simulator->requests("identity")
                .at(0)
                .body.find("&client_assertion=eyJhbGciOiJSUzI1NiJ9.e30.c2ln&"),
            std::string::npos);
}

TEST_F(OutboundIdentity, AMovedClockSeesATokenExpireAndItsRenewal) {
  support::ShiftedClock clock;
  RunningGateway gateway(yaml("", "", ""), imds(), &clock);
  gateway.wait_until_ready();
  const json before = credentials_of(gateway)[0]["expires_at"];
  simulator->set_fault("identity", "500");
  clock.advance(30h);  // longer than any token
  const Answer answer = send(gateway.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_no_credential");
  EXPECT_EQ(get(gateway.admin_port(), "/readyz").status, 503U);
  gateway.wait_for_event("token_fetch_failed");
  EXPECT_EQ(credentials_of(gateway)[0]["state"], "failing");

  simulator->clear_faults("identity");
  clock.advance(5min);
  gateway.wait_until_ready();
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  EXPECT_GT(credentials_of(gateway)[0]["expires_at"].get<std::string>(), before.get<std::string>());
}

TEST_F(OutboundIdentity, AWrongSecretIsLoggedOnceAndTriedSlowly) {
  simulator::Config config = usual_config();
  config.identity->apps = {{"c", "right-secret"}};
  simulator = simulator::Simulator::start(config);
  support::ShiftedClock clock;
  const std::string credentials =
      "credentials: [ { name: partner, client_secret: { tenant_id: t, client_id: c, secret: "
      "wrong-secret }, authority_host: \"" +
      simulator->url("identity") + "\" } ]\n";
  RunningGateway gateway(yaml(credentials, ", credential: partner", ", credential: partner"), {},
                         &clock);
  gateway.wait_for_event("token_fetch_failed");
  // Each failure is noted some time after its request was seen, and counts from then.
  EXPECT_TRUE(eventually([&] {
    clock.advance(1min);
    return simulator->requests("identity").size() >= 3;
  }));
  const auto events = gateway.events();
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const auto& event) { return event.name == "token_fetch_failed"; }),
            1);
}

}  // namespace
}  // namespace spillway::integration
