// Where the API has state: what was created on a backend is asked for there, and nowhere else.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

Request responses_call(std::string method, const std::string& path, std::string body = {}) {
  Request request = chat_v1("gpt-4o");
  request.method = std::move(method);
  request.target = "/openai/v1/responses" + path;
  request.body = std::move(body);
  return request;
}

Request create(const std::string& more = "") {
  return responses_call("POST", "", R"({"model":"gpt-4o","input":"hello")" + more + "}");
}

Request follow_up(const std::string& id) {
  return create(R"(,"previous_response_id":")" + id + "\"");
}

std::string id_of(const Answer& answer) {
  return nlohmann::json::parse(answer.body).at("id");
}

class Affinity : public ::testing::Test {
 protected:
  // On a member of the second group: the first is throttled for a moment.
  std::string create_elsewhere(const std::string& more = "") {
    simulator->set_fault("ptu", "429 retry-after-ms=50 times=1");
    const Answer created = send(gateway.port(), create(more));
    EXPECT_EQ(created.status, 200U) << created.body;
    owner = created.header("x-spillway-backend");
    EXPECT_NE(owner, "ptu");
    gateway.wait_for_event("breaker_opened");
    simulator->clear_faults("ptu");
    // Until the first group serves again, so that what follows is a choice.
    for (int i = 0; i < 2000 && served_by() != "ptu"; ++i) {
    }
    EXPECT_EQ(served_by(), "ptu");
    return id_of(created);
  }
  std::string served_by() {
    return send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend");
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
  std::string owner;
};

TEST_F(Affinity, AChainStaysWithTheBackendThatBeganIt) {
  std::string id = create_elsewhere();
  for (int i = 0; i < 3; ++i) {
    const Answer next = send(gateway.port(), follow_up(id));
    ASSERT_EQ(next.status, 200U) << next.body;
    EXPECT_EQ(next.header("x-spillway-backend"), owner) << "though the first group is free";
    EXPECT_EQ(next.header("x-spillway-attempts"), "1");
    id = id_of(next);
  }
}

TEST_F(Affinity, AnIdInThePathGoesToItsOwner) {
  const std::string id = create_elsewhere();
  const Answer read = send(gateway.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(read.status, 200U);
  EXPECT_EQ(read.header("x-spillway-backend"), owner);
  const Answer deleted = send(gateway.port(), responses_call("DELETE", "/" + id));
  EXPECT_EQ(deleted.status, 200U);
  EXPECT_EQ(deleted.header("x-spillway-backend"), owner);
  const Answer gone = send(gateway.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(gone.status, 404U) << "forgotten, looked for everywhere, and nowhere";
  EXPECT_EQ(gone.header("x-spillway-attempts"), "3");
}

TEST_F(Affinity, AnIdIsLearntFromTheFirstEventOfAStream) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000 times=1");
  simulator->set_fault("east", "stall_mid_stream after_events=6");
  simulator->set_fault("west", "stall_mid_stream after_events=6");
  Connection client(gateway.port());
  client.write(create(",\"stream\":true"));
  const std::string received = client.read_until("\"id\":\"resp_");
  const auto begin = received.find("resp_");
  const std::string id = received.substr(begin, received.find('"', begin) - begin);
  simulator->clear_faults("east");
  simulator->clear_faults("west");
  const Answer answer = send(gateway.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(answer.header("x-spillway-attempts"), "1") << "its owner is known, no search";
}

TEST_F(Affinity, AnOwnerThatIsOutGivesItsHonestErrorAndNoWrong404) {
  const std::string id = create_elsewhere();
  simulator->set_fault(owner, "429 retry-after-ms=30000");
  const Answer throttled = send(gateway.port(), follow_up(id));
  EXPECT_EQ(throttled.status, 429U);
  EXPECT_EQ(throttled.header("x-spillway-error"), "spillway_pool_throttled");
  EXPECT_NE(throttled.body.find("Only backend '" + owner + "'"), std::string::npos)
      << throttled.body;
  EXPECT_FALSE(throttled.header("retry-after-ms").empty());
  const Answer still = send(gateway.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(still.status, 429U) << "not called again to see";
}

TEST_F(Affinity, AnOwnerThatIsDownIsNoReasonToAskOthers) {
  const std::string id = create_elsewhere();
  simulator->set_fault(owner, "down");
  const Answer answer = send(gateway.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_pool_unavailable");
}

TEST_F(Affinity, AnUnknownIdIsLookedForInEveryMember) {
  const std::string id = create_elsewhere();
  RunningGateway other(gateway_yaml(*simulator));  // that has learnt nothing
  const Answer found = send(other.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(found.status, 200U) << found.body;
  EXPECT_EQ(found.header("x-spillway-backend"), owner);
  const Answer again = send(other.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(again.header("x-spillway-attempts"), "1") << "learnt by the search";
  EXPECT_EQ(send(other.port(), follow_up(id)).header("x-spillway-backend"), owner);
}

TEST_F(Affinity, AnIdThatNobodyKnowsIsA404OfABackend) {
  const Answer answer = send(gateway.port(), responses_call("GET", "/resp_0123456789abcdef"));
  EXPECT_EQ(answer.status, 404U);
  EXPECT_EQ(answer.header("x-spillway-error"), "");
  EXPECT_EQ(answer.header("x-spillway-attempts"), "3");
}

TEST_F(Affinity, ASearchThatCannotAskEverybodyIsNo404) {
  const std::string id = create_elsewhere();
  RunningGateway other(gateway_yaml(*simulator));
  simulator->set_fault(owner, "down");
  const Answer answer = send(other.port(), responses_call("GET", "/" + id));
  EXPECT_EQ(answer.status, 503U) << answer.body;
}

TEST_F(Affinity, ClientsShareIdsUnlessTheyAreIsolated) {
  GatewayYaml changes;
  changes.clients = "clients: [ { name: a, keys: [ test-key ] }, { name: b, keys: [ b-key ] } ]";
  for (const bool is_isolated : {false, true}) {
    changes.pool_extra = is_isolated ? "affinity: { isolate_clients: true }" : "";
    RunningGateway shared(gateway_yaml(*simulator, changes));
    simulator->set_fault("ptu", "429 retry-after-ms=50 times=1");
    const Answer created = send(shared.port(), create());
    ASSERT_EQ(created.status, 200U);
    Request read = responses_call("GET", "/" + id_of(created));
    read.headers[0].second = "b-key";
    for (auto& [name, value] : read.headers) {
      if (name == "authorization") value = "Bearer b-key";
    }
    const Answer seen = send(shared.port(), read);
    EXPECT_EQ(seen.status, 200U) << "which client may use an id is the backend's affair";
    if (!is_isolated) {
      EXPECT_EQ(seen.header("x-spillway-attempts"), "1");
    }
    simulator->reset();
  }
}

TEST_F(Affinity, PromptsWithTheSameKeyPreferTheSameMember) {
  GatewayYaml changes;
  changes.pool_extra = "affinity: prompt_cache";
  RunningGateway sticky(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "429 retry-after-ms=60000");
  const std::string first = send(sticky.port(), chat("gpt-4o", ",\"prompt_cache_key\":\"k1\""))
                                .header("x-spillway-backend");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(send(sticky.port(), chat("gpt-4o", ",\"prompt_cache_key\":\"k1\""))
                  .header("x-spillway-backend"),
              first);
  }
}

}  // namespace
}  // namespace spillway::integration
