// Pools that spill: a 429 or a dead region is never the caller's problem while anyone can serve.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace spillway::integration {
namespace {

class Failover : public ::testing::Test {
 protected:
  std::string served_by() {
    return send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend");
  }
  void fault_everywhere(std::string_view fault) {
    for (const char* name : {"ptu", "east", "west"})
      simulator->set_fault(name, fault);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
};

TEST_F(Failover, TheLowestPriorityNumberServesWhileItCan) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(served_by(), "ptu");
}

TEST_F(Failover, AThrottledPtuSpillsAndIsLeftAloneUntilItsTime) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000");
  const Answer spilled = send(gateway.port(), chat("gpt-4o"));
  EXPECT_EQ(spilled.status, 200U);
  EXPECT_NE(spilled.header("x-spillway-backend"), "ptu");
  EXPECT_EQ(spilled.header("x-spillway-attempts"), "2");
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i)
    seen.insert(served_by());
  EXPECT_EQ(seen, (std::set<std::string>{"east", "west"}));
  EXPECT_EQ(simulator->requests("ptu").size(), 1U) << "a throttled backend is not called to see";
}

TEST_F(Failover, TheThrottledOneComesBackWhenItSaid) {
  simulator->set_fault("ptu", "429 retry-after-ms=50 times=1");
  EXPECT_NE(served_by(), "ptu");
  std::string now_by;
  for (int i = 0; i < 2000 && now_by != "ptu"; ++i)
    now_by = served_by();
  EXPECT_EQ(now_by, "ptu");
}

TEST_F(Failover, EveryWayOfDyingBeforeTheHeadIsSurvived) {
  for (const char* fault : {"refuse", "down", "reset_before_headers", "close_before_headers",
                            "reset_mid_headers", "500", "502", "503", "408"}) {
    simulator->set_fault("ptu", fault);
    const Answer answer = send(gateway.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 200U) << fault << ": " << answer.body;
    EXPECT_NE(answer.header("x-spillway-backend"), "ptu") << fault;
    simulator->reset();
  }
}

TEST_F(Failover, AnswersThatAreTheCallersAffairAreDeliveredAsTheyCame) {
  for (const unsigned status : {400U, 404U, 413U, 415U, 422U}) {
    simulator->set_fault("ptu", std::to_string(status));
    const Answer answer = send(gateway.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
    EXPECT_EQ(answer.header("x-spillway-attempts"), "1");
    simulator->reset();
  }
}

TEST_F(Failover, ABackendThatRefusesOurCredentialIsNeverTheCallers401) {
  fault_everywhere("401");
  const Answer answer = send(gateway.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 502U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_backend_credential");
}

TEST_F(Failover, AllThrottledIsA429WithTheSoonestRecovery) {
  simulator->set_fault("ptu", "429 retry-after-ms=90000");
  simulator->set_fault("east", "429 retry-after-ms=20000");
  simulator->set_fault("west", "429 retry-after-ms=70000");
  const Answer answer = send(gateway.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 429U) << answer.body;
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_pool_throttled");
  EXPECT_EQ(answer.header("retry-after"), "21");
  const int milliseconds = std::stoi(answer.header("retry-after-ms"));
  EXPECT_GT(milliseconds, 10000);
  EXPECT_LE(milliseconds, 20000);
  const auto before = simulator->requests().size();
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 429U);
  EXPECT_EQ(simulator->requests().size(), before) << "known-throttled backends are not called";
}

TEST_F(Failover, ADayLongRetryAfterEndsInOneTrialAfterTheLongestTrip) {
  GatewayYaml changes;
  changes.pool_extra = "circuit_breaker: { max_trip_duration: 200ms }";
  RunningGateway bounded(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "429 retry-after=86400 times=1");
  EXPECT_NE(send(bounded.port(), chat("gpt-4o")).header("x-spillway-backend"), "ptu");
  EXPECT_TRUE(eventually([&] {
    const Answer answer = send(bounded.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 200U);
    return answer.header("x-spillway-backend") == "ptu";
  })) << "a day's silence";
  EXPECT_EQ(simulator->requests("ptu").size(), 2U) << "the 429, and one trial";
  bounded.wait_for_event("breaker_closed");
}

TEST_F(Failover, FortyMillisecondsAreFortyMilliseconds) {
  GatewayYaml changes;
  changes.pool_extra = "circuit_breaker: { min_trip_duration: 10ms }";
  RunningGateway quick(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "429 retry-after-ms=40 retry-after=1 times=1");
  send(quick.port(), chat("gpt-4o"));
  const auto record = quick.wait_for_records(1).front();
  EXPECT_EQ(record.attempts.at(0).delay, std::chrono::milliseconds(40));
  EXPECT_EQ(record.attempts.at(0).delay_source, "retry-after-ms");
  // How long it stays away to the nanosecond: CircuitBreaker.* with a clock moved by hand.
  EXPECT_TRUE(eventually([&] {
    return send(quick.port(), chat("gpt-4o")).header("x-spillway-backend") == "ptu";
  }));
}

TEST_F(Failover, TheOtherDeploymentsOfAThrottledBackendKeepAllTheirTraffic) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000 deployment=gpt-4o-ptu");
  Request embeddings = chat("x");
  embeddings.target =
      "/openai/deployments/text-embedding-3-large/embeddings?api-version=2024-10-21";
  embeddings.body = "{\"input\":\"text\"}";
  for (int i = 0; i < 50; ++i) {
    EXPECT_NE(served_by(), "ptu");
    EXPECT_EQ(send(gateway.port(), embeddings).header("x-spillway-backend"), "ptu") << i;
  }
}

TEST_F(Failover, ADayLongRetryAfterIsNotPassedOn) {
  fault_everywhere("429 retry-after=86400");
  EXPECT_LE(std::stoi(send(gateway.port(), chat("gpt-4o")).header("retry-after")), 121);
}

TEST_F(Failover, AllFaultyIsA503) {
  fault_everywhere("500");
  const Answer answer = send(gateway.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_pool_unavailable");
}

TEST_F(Failover, AStalledBackendTimesOutAndTheNextServes) {
  GatewayYaml changes;
  changes.pool_extra = "timeouts: { first_byte: 100ms }";
  RunningGateway impatient(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "stall_before_headers");
  const Answer answer = send(impatient.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_NE(answer.header("x-spillway-backend"), "ptu");
  fault_everywhere("stall_before_headers");
  EXPECT_EQ(send(impatient.port(), chat("gpt-4o")).status, 504U);
}

TEST_F(Failover, AKeptConnectionThatWasClosedIsRepeatedWithoutTheCallerKnowing) {
  simulator->set_fault("ptu", "close_after_response");
  for (int i = 0; i < 20; ++i) {
    const Answer answer = send(gateway.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
  }
}

TEST_F(Failover, UpstreamConnectionsAreReusedAlsoAfterA429) {
  GatewayYaml changes;
  changes.threads = "1";
  RunningGateway single(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "429 retry-after-ms=1");
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(send(single.port(), chat("gpt-4o")).status, 200U);
  std::set<std::uint64_t> connections;
  for (const auto& request : simulator->requests("ptu"))
    connections.insert(request.connection);
  EXPECT_EQ(connections.size(), 1U);
}

TEST_F(Failover, OneModelsThrottleDoesNotBenchAnother) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000 deployment=gpt-4o-ptu");
  EXPECT_NE(served_by(), "ptu");
  Request embeddings = chat("x");
  embeddings.target =
      "/openai/deployments/text-embedding-3-large/embeddings?api-version=2024-10-21";
  embeddings.body = "{\"input\":\"text\"}";
  const Answer answer = send(gateway.port(), embeddings);
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
}

TEST_F(Failover, V1BodiesGetTheBackendsOwnModelNameAndNothingElseChanges) {
  const Answer answer = send(gateway.port(), chat_v1("gpt-4o", ",\"seed\" : 7"));
  EXPECT_EQ(answer.status, 200U) << answer.body;
  const auto requests = simulator->requests("ptu");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].body, chat_body("gpt-4o-ptu", ",\"seed\" : 7"));
  EXPECT_EQ(requests[0].target, "/openai/v1/chat/completions");
}

TEST_F(Failover, AnUnknownDeploymentIsA404OfTheBackendsShape) {
  GatewayYaml changes;
  RunningGateway mapped(gateway_yaml(*simulator, changes));
  const Answer answer = send(mapped.port(), chat("no-such-model"));
  EXPECT_EQ(answer.status, 404U);
  EXPECT_NE(answer.body.find("DeploymentNotFound"), std::string::npos) << answer.body;
}

TEST_F(Failover, ABackendWhoseNameDoesNotResolveIsJustOut) {
  const std::string yaml =
      "listeners: [ { address: 127.0.0.1:0 } ]\n"
      "credentials: [ { name: backend, api_key: backend-key } ]\n"
      "backends:\n"
      "  - { name: dead, url: \"http://no-such-host.invalid\", credential: backend }\n"
      "  - { name: east, url: \"" +
      simulator->url("east") +
      "\", credential: backend }\n"
      "pools: [ { name: default, members: [ { backend: dead, priority: 1 },"
      " { backend: east, priority: 2 } ] } ]\n"
      "clients: [ { name: app, keys: [ test-key ] } ]\n";
  RunningGateway with_dead_host(yaml);
  EXPECT_EQ(send(with_dead_host.port(), chat("gpt-4o")).header("x-spillway-backend"), "east");
}

}  // namespace
}  // namespace spillway::integration
