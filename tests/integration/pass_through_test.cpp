// The caller's own token goes to the backend: what else does not, and whose affair its refusal is.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

using nlohmann::json;

Request with(Headers headers, Request request = chat("gpt-4o")) {
  std::erase_if(request.headers, [](const auto& header) { return header.first == "api-key"; });
  request.headers.insert(request.headers.end(), headers.begin(), headers.end());
  return request;
}

class PassThrough : public ::testing::Test {
 protected:
  static GatewayYaml changes() {
    GatewayYaml made;
    made.credential = "{ name: backend, pass_through: {} }";
    made.clients = "anonymous: { pool: default }";
    made.pool_extra =
        "circuit_breaker: { faults: { failure_condition: { statuses: [500-599], count: 1,"
        " interval: 30s } } }";
    return made;
  }
  [[nodiscard]] bool is_any_breaker_open() const {
    const json status = json::parse(get(gateway.admin_port(), "/status").body);
    for (const json& member : status.at("pools").at(0).at("members")) {
      for (const json& deployment : member.at("deployments")) {
        if (deployment.at("state") != "closed") return true;
      }
    }
    return false;
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator, changes())};
  std::string token = simulator->issue_token();
};

TEST_F(PassThrough, TheBackendGetsTheCallersBearerAndNoKey) {
  gateway.wait_until_ready();
  const Answer answer = send(
      gateway.port(), with({{"Authorization", "bearer " + token}, {"api-key", "callers-key"}}));
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto request = simulator->requests("ptu").at(0);
  EXPECT_EQ(request.header("authorization"), "Bearer " + token);
  EXPECT_FALSE(request.header("api-key"));
  EXPECT_TRUE(simulator->requests("identity").empty()) << "nothing was fetched";
}

TEST(PassThroughOfEntraClients, TheTokenThatProvesTheCallerIsTheOneThatGoesOn) {
  const auto simulator = usual_simulator();
  GatewayYaml changes;
  changes.credential = "{ name: backend, pass_through: {} }";
  changes.clients =
      "clients: [ { name: app, entra: { app_ids: [ 11111111-1111-4111-8111-111111111111 ] } } ]";
  changes.more =
      "require_entra: true\n"
      "entra: { tenants: [ 33333333-3333-4333-8333-333333333333 ], audiences: [ "
      "\"https://cognitiveservices.azure.com\" ], authority_host: \"" +
      simulator->url("identity") + "\" }\n";
  RunningGateway gateway(gateway_yaml(*simulator, changes));
  gateway.wait_until_ready();
  const std::string token = simulator->issue_token();
  const Request request = with({{"Authorization", "Bearer " + token}});
  EXPECT_TRUE(eventually([&] { return send(gateway.port(), request).status == 200; }));
  EXPECT_EQ(simulator->requests("ptu").at(0).header("authorization"), "Bearer " + token);
  EXPECT_EQ(gateway.wait_for_records(1).back().client, "app");
}

TEST_F(PassThrough, TheStatusShowsTheKindAndNoToken) {
  send(gateway.port(), with({{"Authorization", "Bearer " + token}}));
  const std::string text = get(gateway.admin_port(), "/status").body;
  const json credential = json::parse(text)["credentials"][0];
  EXPECT_EQ(credential["kind"], "pass_through");
  EXPECT_EQ(credential["state"], "ok");
  EXPECT_TRUE(credential["expires_at"].is_null());
  EXPECT_EQ(text.find(token), std::string::npos);
}

TEST_F(PassThrough, WithoutATokenNobodyIsCalled) {
  const std::vector<Headers> without = {{},
                                        {{"api-key", token}},
                                        {{"Authorization", "Bearer some-key"}},
                                        {{"Authorization", "Basic dXNlcjpw"}}};
  for (const Headers& headers : without) {
    const Answer answer = send(gateway.port(), with(headers));
    EXPECT_EQ(answer.status, 503U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_no_credential");
    EXPECT_EQ(answer.header("x-should-retry"), "false") << "it will not have one then either";
    EXPECT_NE(answer.body.find("Authorization: Bearer"), std::string::npos) << answer.body;
  }
  EXPECT_TRUE(simulator->requests("ptu").empty());
  EXPECT_TRUE(simulator->requests("east").empty());
  EXPECT_FALSE(is_any_breaker_open());
}

TEST_F(PassThrough, ItsRefusalIsTheCallersOwn) {
  for (const char* refusal : {"401", "403"}) {
    for (const char* more : {"", ",\"stream\":true"}) {
      simulator->set_fault("ptu", refusal);
      const Answer answer =
          send(gateway.port(), with({{"Authorization", "Bearer " + token}}, chat("gpt-4o", more)));
      EXPECT_EQ(answer.status, std::stoul(refusal)) << answer.body;
      EXPECT_EQ(answer.header("x-spillway-error"), "") << "as the backend said it";
      EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
      EXPECT_EQ(answer.header("x-spillway-attempts"), "1");
      EXPECT_FALSE(is_any_breaker_open());
    }
    simulator->clear_faults("ptu");
  }
  EXPECT_TRUE(simulator->requests("east").empty());
  EXPECT_EQ(send(gateway.port(), with({{"Authorization", "Bearer " + token}})).status, 200U);
}

TEST_F(PassThrough, EverythingElseMovesAsEver) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000");
  const Answer answer = send(gateway.port(), with({{"Authorization", "Bearer " + token}}));
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_NE(answer.header("x-spillway-backend"), "ptu");
  const std::string moved = answer.header("x-spillway-backend");
  EXPECT_EQ(simulator->requests(moved).at(0).header("authorization"), "Bearer " + token);
}

}  // namespace
}  // namespace spillway::integration
