// Who may call the gateway, and how it proves itself to its backends: keys and tokens on either
// side never meet.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace spillway::integration {
namespace {

using simulator::Event;

const std::string kClientId = "11111111-1111-4111-8111-111111111111";

constexpr auto kShortTrips =
    "circuit_breaker: { min_trip_duration: 10ms, max_trip_duration: 50ms }";

Request with_credentials(Headers credentials, Request request = chat("gpt-4o")) {
  std::erase_if(request.headers, [](const auto& header) { return header.first == "api-key"; });
  request.headers.insert(request.headers.end(), credentials.begin(), credentials.end());
  return request;
}

std::size_t count_fields(const simulator::RecordedRequest& request, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      request.headers.begin(), request.headers.end(),
      [&](const auto& field) { return base::equals_ignoring_case(field.name, name); }));
}

/// The statuses of so many requests sent at the same time, each on its own connection.
std::vector<Answer> send_at_once(std::uint16_t port, std::size_t requests) {
  std::vector<Answer> answers(requests);
  std::vector<std::thread> threads;
  threads.reserve(requests);
  for (auto& answer : answers)
    threads.emplace_back([port, &answer] { answer = send(port, chat("gpt-4o")); });
  for (auto& thread : threads)
    thread.join();
  return answers;
}

std::size_t count_statuses(const std::vector<Answer>& answers, unsigned status) {
  return static_cast<std::size_t>(std::count_if(
      answers.begin(), answers.end(), [&](const auto& answer) { return answer.status == status; }));
}

class BackendCredentials : public ::testing::Test {
 protected:
  explicit BackendCredentials(std::chrono::seconds lifetime = std::chrono::seconds(3'599)) {
    simulator::Config config = usual_config();
    config.identity->token_lifetime = lifetime;
    config.identity->apps = {{kClientId, "right+secret/~"}};
    simulator = simulator::Simulator::start(config);
  }

  std::unique_ptr<RunningGateway> start(const std::string& credential,
                                        const std::string& pool_extra = "") {
    GatewayYaml changes;
    changes.credential = credential;
    changes.pool_extra = pool_extra;
    const Environment environment = {
        {"AZURE_POD_IDENTITY_AUTHORITY_HOST", simulator->url("identity")}};
    return std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes), environment);
  }

  std::string managed_identity() { return "{ name: backend, managed_identity: {} }"; }
  std::string client_secret(const std::string& secret) {
    return "{ name: backend, client_secret: { tenant_id: " + kTenant + ", client_id: " + kClientId +
           ", secret: \"" + secret + "\" }, authority_host: \"" + simulator->url("identity") +
           "\" }";
  }
  static nlohmann::json credential_status(const RunningGateway& gateway) {
    return nlohmann::json::parse(get(gateway.admin_port(), "/status").body)["credentials"][0];
  }

  std::unique_ptr<simulator::Simulator> simulator;
};

class ShortTokens : public BackendCredentials {
 protected:
  ShortTokens() : BackendCredentials(std::chrono::seconds(3)) {}
};

TEST_F(BackendCredentials, AManagedIdentitysTokenIsWhatTheBackendGets) {
  const auto gateway =
      start("{ name: backend, managed_identity: { client_id: " + kClientId + " } }");
  gateway->wait_until_ready();
  const Answer answer = send(gateway->port(), chat("gpt-4o"));
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto fetches = simulator->requests("identity");
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].method, "GET");
  EXPECT_EQ(fetches[0].header("metadata"), "true");
  EXPECT_NE(fetches[0].target.find("resource=https%3A%2F%2Fcognitiveservices.azure.com"),
            std::string::npos)
      << fetches[0].target;
  EXPECT_NE(fetches[0].target.find("client_id=" + kClientId), std::string::npos);
  // The simulator accepts only tokens that it has issued, whole.
  const auto request = simulator->requests("ptu").at(0);
  EXPECT_TRUE(request.header("authorization").value_or("").starts_with("Bearer ey"));
  EXPECT_EQ(count_fields(request, "authorization"), 1U);
  EXPECT_EQ(count_fields(request, "api-key"), 0U);
}

TEST_F(BackendCredentials, AClientSecretsTokenIsWhatTheBackendGets) {
  const auto gateway = start(client_secret("right+secret/~"));
  gateway->wait_until_ready();
  const Answer answer = send(gateway->port(), chat("gpt-4o"));
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto fetches = simulator->requests("identity");
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].method, "POST");
  EXPECT_EQ(fetches[0].target, "/" + kTenant + "/oauth2/v2.0/token");
  EXPECT_NE(fetches[0].body.find("client_secret=right%2Bsecret%2F~"), std::string::npos);
  EXPECT_EQ(count_fields(simulator->requests("ptu").at(0), "authorization"), 1U);
  EXPECT_EQ(credential_status(*gateway)["state"], "ok");
}

TEST_F(BackendCredentials, AWrongSecretIsSaidInTheStatusAndShownNowhere) {
  const auto gateway = start(client_secret("wrong-secret"));
  gateway->wait_for_event("token_fetch_failed");
  const Answer answer = send(gateway->port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_no_credential");
  EXPECT_TRUE(eventually([&] { return credential_status(*gateway)["state"] == "failing"; }));
  const std::string why = credential_status(*gateway)["last_error"];
  EXPECT_NE(why.find("7000215"), std::string::npos) << why;
  const std::string status = get(gateway->admin_port(), "/status").body;
  EXPECT_EQ(status.find("wrong-secret"), std::string::npos) << status;
}

TEST_F(BackendCredentials, NothingOfTheCallersSecretsReachesABackend) {
  const std::string api_key = "{ name: backend, api_key: backend-key }";
  for (const std::string& credential : {api_key, managed_identity()}) {
    const auto gateway = start(credential);
    gateway->wait_until_ready();
    const Request request = with_credentials({{"Api-Key", "test-key"},
                                              {"AUTHORIZATION", "Bearer test-key"},
                                              {"Cookie", "session=callers-own-cookie"},
                                              {"Ocp-Apim-Subscription-Key", "callers-own-apim"},
                                              {"Proxy-Authorization", "Basic callers-own-proxy"},
                                              {"Connection", "keep-alive, x-nominated"},
                                              {"X-Nominated", "callers-own-hop"}});
    const Answer answer = send(gateway->port(), request);
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const auto seen = simulator->requests("ptu").back();
    for (const auto& [name, value] : seen.headers) {
      EXPECT_EQ(value.find("test-key"), std::string::npos) << name;
      EXPECT_EQ(value.find("callers-own"), std::string::npos) << name;
    }
    EXPECT_EQ(count_fields(seen, "cookie"), 0U);
    const bool is_key = credential == api_key;
    EXPECT_EQ(count_fields(seen, "api-key"), is_key ? 1U : 0U);
    EXPECT_EQ(count_fields(seen, "authorization"), is_key ? 0U : 1U);
    EXPECT_EQ(seen.header("api-key").value_or("none"), is_key ? "backend-key" : "none");
  }
}

TEST_F(BackendCredentials, TheGatewaysCredentialNeverReachesTheCaller) {
  const auto gateway = start("{ name: backend, api_key: backend-key }");
  Connection client(gateway->port());
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read_until("chat.completion").find("backend-key"), std::string::npos);
  EXPECT_EQ(get(gateway->admin_port(), "/status").body.find("backend-key"), std::string::npos);
}

TEST_F(BackendCredentials, WithoutATokenTheAnswerIsAtOnceAndComesBackWithIt) {
  simulator->set_fault("identity", "down");
  const auto gateway = start(managed_identity());
  gateway->wait_for_event("token_fetch_failed");
  const Answer answer = send(gateway->port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_no_credential");
  EXPECT_EQ(get(gateway->admin_port(), "/readyz").status, 503U);
  EXPECT_TRUE(simulator->requests("ptu").empty()) << "an empty bearer was tried";

  simulator->clear_faults("identity");
  gateway->wait_until_ready();
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 200U);
}

TEST_F(BackendCredentials, NobodyWaitsForATokenAndOnlyOneIsAskedFor) {
  simulator->set_fault("identity", "stall_before_headers");
  const auto gateway = start(managed_identity());
  ASSERT_TRUE(simulator->wait_for(Event::received, "identity", 1));
  const auto answers = send_at_once(gateway->port(), 200);
  EXPECT_EQ(count_statuses(answers, 503), 200U);
  EXPECT_EQ(answers[0].header("x-spillway-error"), "spillway_no_credential");
  EXPECT_EQ(simulator->requests("identity").size(), 1U);
}

TEST_F(BackendCredentials, TwoHundredFirstRequestsCostOneTokenRequest) {
  const auto gateway = start(managed_identity());
  gateway->wait_until_ready();
  const auto answers = send_at_once(gateway->port(), 200);
  EXPECT_EQ(count_statuses(answers, 200), 200U);
  EXPECT_EQ(simulator->requests("identity").size(), 1U);
}

TEST_F(BackendCredentials, ABackendWithoutATokenIsPassedOver) {
  simulator->set_fault("identity", "down");
  const std::string yaml =
      "listeners: [ { address: 127.0.0.1:0 } ]\n"
      "admin: { address: 127.0.0.1:0 }\n"
      "credentials:\n"
      "  - { name: failing, managed_identity: {} }\n"
      "  - { name: key, api_key: backend-key }\n"
      "backends:\n"
      "  - { name: east, url: \"" +
      simulator->url("east") +
      "\", credential: failing }\n"
      "  - { name: west, url: \"" +
      simulator->url("west") +
      "\", credential: key }\n"
      "pools: [ { name: default, members: [ { backend: east, priority: 1 },"
      " { backend: west, priority: 2 } ] } ]\n"
      "clients: [ { name: app, keys: [ test-key ] } ]\n";
  RunningGateway gateway(yaml, {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", simulator->url("identity")}});
  gateway.wait_for_event("token_fetch_failed");
  for (int i = 0; i < 5; ++i) {
    const Answer answer = send(gateway.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-backend"), "west");
    EXPECT_EQ(answer.header("x-spillway-attempts"), "1") << "nobody called east";
  }
  EXPECT_TRUE(simulator->requests("east").empty());
  EXPECT_EQ(get(gateway.admin_port(), "/readyz").status, 200U) << "one usable member is enough";
}

TEST_F(ShortTokens, TheOldTokenServesWhileRefreshingFailsAndNoLonger) {
  const auto gateway = start(managed_identity(), kShortTrips);
  gateway->wait_until_ready();
  simulator->set_fault("identity", "500");
  gateway->wait_for_event("token_fetch_failed");  // at half life
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 200U);
  EXPECT_EQ(credential_status(*gateway)["state"], "failing");

  // Until it has expired; a request may be on its way just then, and be refused by the backends.
  EXPECT_TRUE(eventually([&] {
    const Answer answer = send(gateway->port(), chat("gpt-4o"));
    EXPECT_NE(answer.status, 401U);
    return answer.header("x-spillway-error") == "spillway_no_credential";
  }));
  const auto before = simulator->requests("ptu").size();
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 503U);
  EXPECT_EQ(simulator->requests("ptu").size(), before) << "an expired token was sent";

  simulator->clear_faults("identity");
  gateway->wait_until_ready();
  EXPECT_TRUE(eventually([&] { return send(gateway->port(), chat("gpt-4o")).status == 200; }));
}

TEST_F(ShortTokens, ARevokedTokenIsRenewedAndTheSameBackendAskedAgain) {
  const auto gateway = start(managed_identity());
  gateway->wait_until_ready();
  std::size_t sent = 0;
  // A refresh that is due anyway may come first: then nothing is refused.
  EXPECT_TRUE(eventually([&] {
    simulator->revoke_tokens();
    const Answer answer = send(gateway->port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-backend"), "ptu") << "no other member was needed";
    const auto record = gateway->wait_for_records(++sent).back();
    return record.attempts.size() == 2U && record.attempts[0].outcome == "credential_refused" &&
           record.attempts[1].backend == "ptu";
  }));
  EXPECT_GE(simulator->requests("identity").size(), 2U);
}

TEST_F(ShortTokens, ARefusedTokenThatCannotBeRenewedIsNeverTheCallers401) {
  const auto gateway = start(
      managed_identity(), "circuit_breaker: { min_trip_duration: 10ms, max_trip_duration: 50ms }");
  gateway->wait_until_ready();
  simulator->set_fault("identity", "500");
  simulator->revoke_tokens();
  const Answer answer = send(gateway->port(), chat("gpt-4o"));
  EXPECT_TRUE(answer.status == 502U || answer.status == 503U) << answer.status;
  EXPECT_NE(answer.header("x-spillway-error"), "");
  simulator->clear_faults("identity");
  EXPECT_TRUE(eventually([&] {
    const unsigned status = send(gateway->port(), chat("gpt-4o")).status;
    EXPECT_NE(status, 401U);
    EXPECT_NE(status, 403U);
    return status == 200;
  }));
}

class GatewayKeys : public ::testing::Test {
 protected:
  void start(const std::string& clients) {
    GatewayYaml changes;
    changes.clients = clients;
    gateway = std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes));
  }
  Answer ask(Headers credentials) {
    return send(gateway->port(), with_credentials(std::move(credentials)));
  }
  void expect_refused(const Answer& answer, unsigned status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-error"), code);
    EXPECT_EQ(nlohmann::json::parse(answer.body)["error"]["code"], code);
    EXPECT_EQ(answer.header("x-should-retry"), "false");
    EXPECT_TRUE(simulator->requests().empty()) << "a refused request reached a backend";
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::unique_ptr<RunningGateway> gateway;
};

TEST_F(GatewayKeys, AKeyIsTakenInEitherHeaderAndHowItIsSpelt) {
  // The second is the digest of "other-key".
  start(
      "clients: [ { name: app, keys: [ test-key, "
      "\"sha256:580843d03d2216ff1a275d0991bad66e4d1af871171d929e9de604b7959f9bca\" ] } ]");
  const std::vector<Headers> right = {
      {{"api-key", "test-key"}},
      {{"Api-Key", "  test-key  "}},
      {{"api-key", "other-key"}},
      {{"Authorization", "Bearer test-key"}},
      {{"authorization", "bearer  test-key"}},
      {{"api-key", "test-key"}, {"Authorization", "Bearer test-key"}}};
  for (const Headers& credentials : right)
    EXPECT_EQ(ask(credentials).status, 200U) << credentials[0].first << credentials[0].second;
}

TEST_F(GatewayKeys, WrongMissingAndContradictingKeysAreRefused) {
  start("clients: [ { name: app, keys: [ test-key ] }, { name: two, keys: [ second-key ] } ]");
  const std::string missing = "spillway_missing_credential";
  const std::string invalid = "spillway_invalid_credential";
  const std::string ambiguous = "spillway_ambiguous_credential";
  expect_refused(ask({}), 401, missing);
  expect_refused(ask({{"api-key", ""}}), 401, missing);
  expect_refused(ask({{"Authorization", "Basic dGVzdC1rZXk="}}), 401, missing);
  expect_refused(ask({{"api-key", "test-ke"}}), 401, invalid);
  expect_refused(ask({{"api-key", "test-key2"}}), 401, invalid);
  expect_refused(ask({{"api-key", "backend-key"}}), 401, invalid);
  expect_refused(ask({{"Authorization", "Bearer TEST-KEY"}}), 401, invalid);
  expect_refused(ask({{"api-key", simulator->issue_token()}}), 401, invalid);
  expect_refused(ask({{"api-key", "test-key"}, {"Authorization", "Bearer second-key"}}), 401,
                 ambiguous);
  expect_refused(ask({{"api-key", "test-key"}, {"api-key", "test-key"}}), 401, ambiguous);
  expect_refused(ask({{"Authorization", "Bearer test-key"}, {"Authorization", "Bearer x"}}), 401,
                 ambiguous);
  EXPECT_NE(ask({}).header("www-authenticate").find("Bearer"), std::string::npos);
}

TEST_F(GatewayKeys, AnonymousCallersAreLetInOnlyWhereThatIsWritten) {
  start("clients: [ { name: app, keys: [ test-key ] } ]\nanonymous: { pool: default }");
  expect_refused(ask({{"api-key", "wrong"}}), 401, "spillway_invalid_credential");
  gateway->wait_for_records(1);  // two workers settle in any order
  EXPECT_EQ(ask({}).status, 200U);
  gateway->wait_for_records(2);
  EXPECT_EQ(ask({{"api-key", "test-key"}}).status, 200U);
  const auto records = gateway->wait_for_records(3);
  EXPECT_EQ(records[1].client, "anonymous");
  EXPECT_EQ(records[2].client, "app");
}

TEST_F(GatewayKeys, WithoutAnyClientAForeignKeyDoesNotMatter) {
  start("anonymous: { pool: default }");
  EXPECT_EQ(ask({{"api-key", "whatever"}, {"Authorization", "Bearer else"}}).status, 200U);
  EXPECT_EQ(simulator->requests("ptu").at(0).header("api-key"), "backend-key");
}

TEST_F(GatewayKeys, AClientUsesTheDeploymentsItIsGiven) {
  start("clients: [ { name: app, keys: [ test-key ], deployments: [ \"gpt-4*\" ] } ]");
  const std::string code = "spillway_deployment_not_allowed";
  Request embeddings = chat("text-embedding-3-large");
  expect_refused(send(gateway->port(), embeddings), 403, code);
  expect_refused(send(gateway->port(), chat_v1("text-embedding-3-large")), 403, code);
  expect_refused(send(gateway->port(), chat("GPT-4o")), 403, code);
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 200U);
  EXPECT_EQ(send(gateway->port(), chat_v1("gpt-4o")).status, 200U);
}

TEST_F(GatewayKeys, AClientUsesTheOperationsItIsGiven) {
  start("clients: [ { name: app, keys: [ test-key ], operations: [ inference ] } ]");
  const std::string code = "spillway_operation_not_allowed";
  expect_refused(get(gateway->port(), "/openai/v1/responses/resp_1"), 403, code);
  expect_refused(get(gateway->port(), "/openai/files?api-version=2024-10-21"), 403, code);
  expect_refused(get(gateway->port(), "/openai/fine_tuning/jobs?api-version=2024-10-21"), 403,
                 code);
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 200U);
  EXPECT_EQ(get(gateway->port(), "/openai/v1/models").status, 200U);
}

TEST_F(GatewayKeys, ManagementIsNotAmongTheDefaults) {
  start("clients: [ { name: app, keys: [ test-key ] } ]");
  expect_refused(get(gateway->port(), "/openai/v1/fine_tuning/jobs"), 403,
                 "spillway_operation_not_allowed");
  EXPECT_EQ(get(gateway->port(), "/openai/v1/responses/resp_1").status, 404U) << "the backend's";
}

}  // namespace
}  // namespace spillway::integration
