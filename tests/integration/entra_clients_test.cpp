// Callers with Entra tokens: which client each is, what it may do, and what happens while keys
// change or cannot be had.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

const std::string kChatbot = "11111111-1111-4111-8111-111111111111";
const std::string kBatch = "44444444-4444-4444-8444-444444444444";
const std::string kStranger = "66666666-6666-4666-8666-666666666666";

constexpr auto kClients =
    "clients:\n"
    "  - { name: chatbot, entra: { app_ids: [ 11111111-1111-4111-8111-111111111111 ] }, "
    "deployments: [ gpt-4o ], operations: [ inference ] }\n"
    "  - { name: batch, keys: [ batch-key ], entra: { app_ids: [ "
    "44444444-4444-4444-8444-444444444444 ], roles: [ Batch.Run, Batch.Read ] } }\n"
    "  - { name: people, entra: { groups: [ g-chat ], scopes: [ chat ] } }";

class EntraClients : public ::testing::Test {
 protected:
  void start() {
    GatewayYaml changes;
    changes.clients = kClients;
    changes.more = "entra: { tenants: [ " + kTenant + " ], audiences: [ \"" + kAudience +
                   "\" ], authority_host: \"" + simulator->url("identity") + "\" }\n";
    gateway = std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes));
  }
  void start_with_keys() {
    start();
    EXPECT_TRUE(eventually([&] { return keys_status()["state"] == "ok"; }));
  }

  [[nodiscard]] nlohmann::json keys_status() const {
    return nlohmann::json::parse(get(gateway->admin_port(), "/status").body)["entra"][0];
  }

  [[nodiscard]] simulator::TokenRequest for_app(const std::string& app_id) const {
    simulator::TokenRequest wanted;
    wanted.tenant = kTenant;
    wanted.audience = kAudience;
    wanted.client_id = app_id;
    return wanted;
  }
  [[nodiscard]] std::string token_of(const std::string& app_id) const {
    return simulator->issue_token(for_app(app_id));
  }

  [[nodiscard]] Answer ask(const std::string& token, Request request = chat("gpt-4o")) const {
    request.headers[0] = {"authorization", "Bearer " + token};
    return send(gateway->port(), request);
  }
  void expect_refused(const Answer& answer, unsigned status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-error"), code);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::unique_ptr<RunningGateway> gateway;
};

TEST_F(EntraClients, AnApplicationIsTheClientThatNamesIt) {
  start_with_keys();
  const Answer answer = ask(token_of(kChatbot));
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto record = gateway->wait_for_records(1).front();
  EXPECT_EQ(record.client, "chatbot");
  EXPECT_EQ(record.app_id, kChatbot);
  EXPECT_EQ(record.object_id, for_app(kChatbot).object_id);
}

TEST_F(EntraClients, TheCallersTokenStaysHere) {
  start_with_keys();
  const std::string token = token_of(kChatbot);
  ASSERT_EQ(ask(token).status, 200U);
  for (const auto& request : simulator->requests("ptu")) {
    EXPECT_EQ(request.header("authorization"), std::nullopt);
    EXPECT_EQ(request.header("api-key"), "backend-key");
    for (const auto& field : request.headers)
      EXPECT_EQ(field.value.find(token), std::string::npos) << field.name;
  }
}

TEST_F(EntraClients, EveryListOfAClientMustMatch) {
  start_with_keys();
  expect_refused(ask(token_of(kBatch)), 403, "spillway_client_unknown");
  auto wanted = for_app(kBatch);
  wanted.roles = {"Other", "Batch.Read"};
  EXPECT_EQ(ask(simulator->issue_token(wanted)).status, 200U);
  auto person = for_app(kStranger);
  person.groups = {"g-chat"};
  expect_refused(ask(simulator->issue_token(person)), 403, "spillway_client_unknown");
  person.scopes = "email chat";
  EXPECT_EQ(ask(simulator->issue_token(person)).status, 200U);
  const auto records = gateway->wait_for_records(4);
  EXPECT_EQ(records[1].client, "batch");
  EXPECT_EQ(records[3].client, "people");
}

TEST_F(EntraClients, WhoIsNobodysIsToldSoAndTheLogSaysWho) {
  start_with_keys();
  const Answer answer = ask(token_of(kStranger));
  expect_refused(answer, 403, "spillway_client_unknown");
  EXPECT_NE(answer.header("www-authenticate").find("insufficient_scope"), std::string::npos);
  const auto record = gateway->wait_for_records(1).front();
  EXPECT_EQ(record.client, "");
  EXPECT_NE(record.error.find("app " + kStranger), std::string::npos) << record.error;
}

TEST_F(EntraClients, PoliciesAreTheClients) {
  start_with_keys();
  const std::string token = token_of(kChatbot);
  expect_refused(ask(token, chat("embed")), 403, "spillway_deployment_not_allowed");
  Request files;
  files.method = "GET";
  files.target = "/openai/v1/files";
  files.headers = {{"", ""}};
  expect_refused(ask(token, files), 403, "spillway_operation_not_allowed");
  files.target = "/openai/v1/fine_tuning/jobs";
  expect_refused(ask(token, files), 403, "spillway_operation_not_allowed");
}

TEST_F(EntraClients, WhatIsNoTokenOfOursIsRefusedWithoutSayingWhy) {
  start_with_keys();
  auto elsewhere = for_app(kChatbot);
  elsewhere.audience = "https://cognitiveservices.azure.com";
  auto other_tenant = for_app(kChatbot);
  other_tenant.tenant = "77777777-7777-4777-8777-777777777777";
  auto old = for_app(kChatbot);
  old.lifetime = std::chrono::seconds(-120);
  const std::pair<std::string, std::string> rows[] = {
      {"garbage", "malformed"},
      {simulator->issue_token(elsewhere), "wrong_audience"},
      {simulator->issue_token(other_tenant), "wrong_issuer"},
      {simulator->issue_token(old), "expired"},
      {token_of(kChatbot) + "x", "malformed"},
  };
  std::string said;
  for (const auto& [token, reason] : rows) {
    const Answer answer = ask(token);
    expect_refused(answer, 401, "spillway_invalid_token");
    EXPECT_EQ(answer.header("www-authenticate"),
              "Bearer realm=\"spillway\", error=\"invalid_token\"");
    EXPECT_EQ(answer.header("x-should-retry"), "false");
    if (said.empty()) said = answer.body;
    EXPECT_EQ(answer.body, said) << "an attacker learns nothing from the difference";
  }
  const auto records = gateway->wait_for_records(std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const auto& [token, reason] = rows[i];
    EXPECT_TRUE(records[i].error.starts_with(reason)) << records[i].error;
    EXPECT_EQ(records[i].error.find(token), std::string::npos);
    EXPECT_EQ(records[i].client, "");
  }
  EXPECT_TRUE(simulator->requests("ptu").empty());
}

TEST_F(EntraClients, KeysAndTokensSideBySide) {
  start_with_keys();
  const std::string token = token_of(kChatbot);
  EXPECT_EQ(ask("batch-key").status, 200U) << "a key as a bearer";
  Request request = chat("gpt-4o");
  request.headers[0] = {"api-key", "batch-key"};
  EXPECT_EQ(send(gateway->port(), request).status, 200U);
  request.headers[0] = {"api-key", token};
  expect_refused(send(gateway->port(), request), 401, "spillway_invalid_credential");
  request.headers[0] = {"ocp-apim-subscription-key", token};
  expect_refused(send(gateway->port(), request), 401, "spillway_invalid_credential");
  request.headers[0] = {"api-key", "batch-key"};
  request.headers.emplace_back("authorization", "Bearer " + token);
  expect_refused(send(gateway->port(), request), 401, "spillway_ambiguous_credential");
  request.headers = {{"authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}};
  expect_refused(send(gateway->port(), request), 401, "spillway_ambiguous_credential");
  request.headers = {{"authorization", "Bearer "}};
  expect_refused(send(gateway->port(), request), 401, "spillway_missing_credential");
  request.headers = {{"authorization", "Basic " + token}};
  expect_refused(send(gateway->port(), request), 401, "spillway_missing_credential");
}

TEST_F(EntraClients, ANewKeyIsFetchedWhenItsFirstTokenComes) {
  start_with_keys();
  ASSERT_EQ(ask(token_of(kChatbot)).status, 200U);
  simulator->rotate_signing_key();
  const std::string token = token_of(kChatbot);
  EXPECT_TRUE(eventually([&] { return ask(token).status == 200U; }));
}

TEST_F(EntraClients, AKeyThatWasTakenAwayEndsItsTokens) {
  start_with_keys();
  const std::string old = token_of(kChatbot);
  ASSERT_EQ(ask(old).status, 200U);
  simulator->with_issuer([](simulator::Issuer& issuer) { issuer.keys().replace_all(); });
  EXPECT_EQ(ask(old).status, 200U) << "nobody told us yet";
  const std::string token = token_of(kChatbot);
  EXPECT_TRUE(eventually([&] { return ask(token).status == 200U; }));
  expect_refused(ask(old), 401, "spillway_invalid_token");
}

TEST_F(EntraClients, WithoutKeysTheAnswerIsOursAndComesBackWithThem) {
  simulator->set_fault("identity", "503");
  start();
  const std::string token = token_of(kChatbot);
  const Answer answer = ask(token);
  expect_refused(answer, 503, "spillway_keys_unavailable");
  EXPECT_NE(answer.header("retry-after"), "");
  EXPECT_EQ(ask("batch-key").status, 200U) << "keys need no Entra";
  expect_refused(ask("garbage"), 401, "spillway_invalid_token");
  simulator->clear_faults("identity");
  EXPECT_TRUE(eventually([&] { return ask(token).status == 200U; }));
  // The keys of one version serve before those of the other are fetched and the state is told.
  EXPECT_TRUE(eventually([&] { return keys_status()["state"] == "ok"; }));
}

TEST_F(EntraClients, TheKeysThatAreKnownServeWhileEntraIsDown) {
  start_with_keys();
  simulator->set_fault("identity", "down");
  EXPECT_EQ(ask(token_of(kChatbot)).status, 200U);
  simulator->clear_faults("identity");
}

TEST_F(EntraClients, StatusSaysWhichKeysAreKnown) {
  start_with_keys();
  const auto status = keys_status();
  EXPECT_EQ(status["tenant"], kTenant);
  EXPECT_GE(status["keys"].get<int>(), 1);
  EXPECT_TRUE(status["fetched_at"].is_string());
  EXPECT_TRUE(status["last_error"].is_null());
}

}  // namespace
}  // namespace spillway::integration
