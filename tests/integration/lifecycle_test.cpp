// The gateway as its operator sees it: health, status, start and drain.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;

const std::string kEvent = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";

Json status_of(const RunningGateway& gateway) {
  return Json::parse(get(gateway.admin_port(), "/status").body);
}

Json named(const Json& list, const char* key, const std::string& name) {
  for (const Json& entry : list) {
    if (entry.at(key) == name) return entry;
  }
  ADD_FAILURE() << "no " << name << " in " << list.dump(2);
  return Json::object();
}

class Seen : public ::testing::Test {
 protected:
  Json deployment(const std::string& backend, const std::string& name) {
    const Json pool = status_of(gateway)["pools"][0];
    return named(named(pool["members"], "backend", backend)["deployments"], "name", name);
  }
  void fault_everywhere(std::string_view fault) {
    for (const char* name : {"ptu", "east", "west"})
      simulator->set_fault(name, fault);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
};

TEST_F(Seen, ItLivesAndIsReady) {
  EXPECT_EQ(get(gateway.admin_port(), "/livez").status, 200U);
  EXPECT_EQ(get(gateway.admin_port(), "/readyz").status, 200U);
  EXPECT_EQ(get(gateway.admin_port(), "/no-such-page").status, 404U);
  Request post;
  post.target = "/status";
  EXPECT_EQ(send(gateway.admin_port(), post).status, 405U);
}

TEST_F(Seen, TheAdminPortsPathsAreNotOnTheListener) {
  for (const char* path : {"/livez", "/readyz", "/status"})
    EXPECT_EQ(get(gateway.port(), path).status, 404U) << path;
}

TEST_F(Seen, TheStatusHasTheNamesOfTheContract) {
  ASSERT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  gateway.wait_for_records(1);
  const Json status = status_of(gateway);
  EXPECT_TRUE(status.at("version").is_string());
  EXPECT_FALSE(status.at("config").at("digest").get<std::string>().empty());
  EXPECT_TRUE(status.at("config").at("loaded_at").is_string());
  EXPECT_TRUE(status.at("config").at("last_error").is_null());

  const Json pool = named(status.at("pools"), "name", "default");
  ASSERT_EQ(pool.at("members").size(), 3U);
  const Json ptu = named(pool.at("members"), "backend", "ptu");
  EXPECT_EQ(ptu.at("priority"), 1);
  EXPECT_EQ(ptu.at("weight"), 1);
  EXPECT_EQ(ptu.at("in_flight"), 0);
  const Json deployment = named(ptu.at("deployments"), "name", "gpt-4o-ptu");
  EXPECT_EQ(deployment.at("state"), "closed");
  for (const char* name : {"reason", "source", "since", "until"})
    EXPECT_TRUE(deployment.contains(name)) << name;

  const Json credential = named(status.at("credentials"), "name", "backend");
  EXPECT_EQ(credential.at("kind"), "api_key");
  EXPECT_EQ(credential.at("state"), "ok");
  EXPECT_TRUE(credential.contains("expires_at"));
  EXPECT_TRUE(credential.contains("last_error"));
  const Json client = named(status.at("clients"), "name", "app");
  EXPECT_EQ(client.at("requests"), 1);
  EXPECT_TRUE(client.contains("tokens"));
}

TEST_F(Seen, AnOpenBreakerSaysWhySinceWhenAndUntilWhen) {
  simulator->set_fault("ptu", "429 retry-after-ms=60000");
  ASSERT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  const Json open = deployment("ptu", "gpt-4o-ptu");
  EXPECT_EQ(open["state"], "open");
  EXPECT_NE(open["reason"].get<std::string>().find("429"), std::string::npos) << open.dump();
  EXPECT_EQ(open["source"], "retry-after-ms");
  // RFC 3339 in UTC: what is later is greater.
  EXPECT_LT(open["since"].get<std::string>(), open["until"].get<std::string>());
}

TEST_F(Seen, ADeadBackendsBreakerNamesTheFault) {
  simulator->set_fault("ptu", "refuse");
  const auto state = [&] { return deployment("ptu", "gpt-4o-ptu")["state"]; };
  for (int i = 0; i < 10 && (i == 0 || state() != "open"); ++i)
    ASSERT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  const Json open = deployment("ptu", "gpt-4o-ptu");
  EXPECT_EQ(open["state"], "open");
  EXPECT_NE(open["reason"].get<std::string>().find("connect"), std::string::npos) << open.dump();
  EXPECT_EQ(open["source"], "trip_duration");
}

TEST_F(Seen, RequestsInFlightAreCounted) {
  simulator->set_fault("ptu", "stall_before_headers");
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  ASSERT_TRUE(simulator->wait_for(simulator::Event::received, "ptu", 1));
  const Json ptu = named(status_of(gateway)["pools"][0]["members"], "backend", "ptu");
  EXPECT_EQ(ptu["in_flight"], 1);
  EXPECT_EQ(status_of(gateway)["requests"]["in_flight"], 1);
  client.close();
  gateway.wait_for_records(1);
  const auto idle = [&] { return status_of(gateway)["requests"]["in_flight"] == 0; };
  EXPECT_TRUE(eventually(idle));
}

TEST_F(Seen, ADeploymentThatIsThrottledEverywhereLeavesTheOthers) {
  fault_everywhere("429 retry-after-ms=60000");
  ASSERT_EQ(send(gateway.port(), chat("gpt-4o")).status, 429U);
  EXPECT_EQ(get(gateway.admin_port(), "/readyz").status, 200U) << "embeddings can be served";
}

TEST_F(Seen, WithEveryMemberOutItIsNotReady) {
  GatewayYaml changes;
  changes.pool_extra = "circuit_breaker: { faults: { failure_condition: { count: 1 } } }";
  RunningGateway sensitive(gateway_yaml(*simulator, changes));
  fault_everywhere("refuse");
  ASSERT_EQ(send(sensitive.port(), chat("gpt-4o")).status, 503U);
  const Answer answer = get(sensitive.admin_port(), "/readyz");
  EXPECT_EQ(answer.status, 503U);
  const Json reasons = Json::parse(answer.body).at("reasons");
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_NE(reasons[0].get<std::string>().find("pool default"), std::string::npos);
}

TEST(AdminToken, IsAskedForButByTheOrchestratorsPaths) {
  const auto simulator = usual_simulator();
  GatewayYaml changes;
  changes.admin = "{ address: 127.0.0.1:0, token: 0123456789abcdef }";
  const RunningGateway gateway(gateway_yaml(*simulator, changes));
  const auto ask = [&](const std::string& path, const std::string& authorization) {
    Request request;
    request.method = "GET";
    request.target = path;
    if (!authorization.empty()) request.headers = {{"authorization", authorization}};
    return send(gateway.admin_port(), request);
  };
  EXPECT_EQ(ask("/livez", "").status, 200U);
  EXPECT_EQ(ask("/readyz", "").status, 200U);
  for (const char* wrong : {"", "Bearer", "Bearer 0123456789abcdeF", "Bearer 0123456789abcde",
                            "Basic 0123456789abcdef", "0123456789abcdef"}) {
    const Answer answer = ask("/status", wrong);
    EXPECT_EQ(answer.status, 401U) << wrong;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
  }
  EXPECT_EQ(ask("/status", "Bearer 0123456789abcdef").status, 200U);
  EXPECT_EQ(ask("/no-such-page", "").status, 401U);
}

TEST(Starting, APortInUseIsNamed) {
  const HandServer holder;
  const auto simulator = usual_simulator();
  const std::string address = "127.0.0.1:" + std::to_string(holder.port());
  GatewayYaml changes;
  changes.listener = "{ address: " + address + " }";
  const std::string problem = start_problem(gateway_yaml(*simulator, changes));
  EXPECT_NE(problem.find(address), std::string::npos) << problem;
  EXPECT_NE(problem.find("in use"), std::string::npos) << problem;
}

TEST(Starting, TwoGatewaysDoNotShareAPort) {
  const auto simulator = usual_simulator();
  const RunningGateway first(gateway_yaml(*simulator));
  GatewayYaml changes;
  changes.listener = "{ address: 127.0.0.1:" + std::to_string(first.port()) + " }";
  const std::string problem = start_problem(gateway_yaml(*simulator, changes));
  EXPECT_NE(problem.find("in use"), std::string::npos) << problem;
}

TEST(Starting, TheAdminPortInUseIsNamedToo) {
  const HandServer holder;
  const auto simulator = usual_simulator();
  const std::string address = "127.0.0.1:" + std::to_string(holder.port());
  std::string yaml = gateway_yaml(*simulator);
  const std::string usual = "admin: { address: 127.0.0.1:0 }";
  yaml.replace(yaml.find(usual), usual.size(), "admin: { address: " + address + " }");
  EXPECT_NE(start_problem(yaml).find(address), std::string::npos);
}

/// One backend, played by the test, that is in the middle of a stream when the drain begins.
class Draining : public ::testing::Test {
 protected:
  std::unique_ptr<RunningGateway> start(const std::string& drain_timeout) {
    return std::make_unique<RunningGateway>(hand_yaml(backend.url(),
                                                      "admin: { address: 127.0.0.1:0 }\n"
                                                      "server: { threads: 2, drain_timeout: " +
                                                          drain_timeout + " }\n"));
  }
  static std::string chunk(const std::string& text) {
    std::string size(1, "0123456789abcdef"[text.size() / 16]);
    size += "0123456789abcdef"[text.size() % 16];
    return size + "\r\n" + text + "\r\n";
  }
  /// The backend's end of a stream whose first event has reached the client.
  Connection begin_stream(Connection& client) {
    client.write(chat("gpt-4o", kStream));
    Connection peer = backend.accept();
    // Behind the brace: the gateway asks for the stream's usage at the front of the body.
    peer.read_until(chat_body("gpt-4o", kStream).substr(1));
    peer.write_raw(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" +
        chunk(kEvent));
    client.read_until(kEvent);
    return peer;
  }
  static bool is_connection_refused(std::uint16_t port) {
    try {
      const Connection connection(port);
      return false;
    } catch (const std::exception&) {
      return true;
    }
  }
  static void wait_until_closed(const RunningGateway& gateway) {
    EXPECT_TRUE(eventually([&] { return is_connection_refused(gateway.port()); }));
  }

  HandServer backend;
};

TEST_F(Draining, AStreamIsFinishedWhileNobodyNewIsLetIn) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  Connection peer = begin_stream(client);

  gateway->request_stop();
  gateway->wait_for_event("draining");
  const Answer ready = get(gateway->admin_port(), "/readyz");
  EXPECT_EQ(ready.status, 503U);
  EXPECT_EQ(Json::parse(ready.body).at("reasons"), Json::array({"draining"}));
  EXPECT_EQ(get(gateway->admin_port(), "/livez").status, 200U);
  wait_until_closed(*gateway);
  EXPECT_FALSE(gateway->has_ended());

  peer.write_raw(chunk(kEvent));
  client.read_until(kEvent, 2);
  peer.write_raw(chunk("data: [DONE]\n\n") + "0\r\n\r\n");
  const Answer answer = client.read();
  EXPECT_TRUE(answer.is_complete);
  EXPECT_EQ(answer.body, kEvent + kEvent + "data: [DONE]\n\n");
  EXPECT_EQ(client.read_to_end(), "") << "the connection ends behind it";
  client.close();
  gateway->join();
  EXPECT_EQ(gateway->wait_for_records(1).front().ending, telemetry::Ending::complete);
}

TEST_F(Draining, ASecondStopCutsVisibly) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  Connection peer = begin_stream(client);
  gateway->request_stop();
  wait_until_closed(*gateway);
  gateway->request_stop();
  const std::string raw = client.read_to_end();
  EXPECT_EQ(raw.find("\r\n0\r\n\r\n"), std::string::npos) << "half an answer looks whole";
  gateway->join();
  EXPECT_EQ(gateway->wait_for_records(1).front().ending, telemetry::Ending::shutting_down);
  EXPECT_TRUE(peer.read_to_end().size() > 0) << "the backend is let go as well";
}

TEST_F(Draining, ACutReachesARequestThatStillWaitsForItsBackend) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until(chat_body("gpt-4o"));
  gateway->request_stop();
  wait_until_closed(*gateway);
  gateway->request_stop();
  EXPECT_EQ(client.read_to_end().find(" 200 "), std::string::npos);
  peer.read_to_end();
  gateway->join();
  EXPECT_EQ(gateway->wait_for_records(1).front().ending, telemetry::Ending::shutting_down);
}

TEST_F(Draining, TheEndOfItsTimeCutsVisibly) {
  const auto gateway = start("50ms");
  Connection client(gateway->port());
  const Connection peer = begin_stream(client);
  gateway->request_stop();
  EXPECT_EQ(client.read_to_end().find("\r\n0\r\n\r\n"), std::string::npos);
  gateway->join();
  EXPECT_EQ(gateway->wait_for_records(1).front().ending, telemetry::Ending::shutting_down);
}

TEST_F(Draining, ARequestWithoutAnAnswerYetIsFinishedToo) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until(chat_body("gpt-4o"));
  gateway->request_stop();
  wait_until_closed(*gateway);
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const Answer answer = client.read();
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.header("connection"), "close");
  client.close();
  gateway->join();
}

TEST_F(Draining, ARequestStillOnItsWayInIsFinishedToo) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  const std::string body = chat_body("gpt-4o");
  client.write_raw(
      "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
      "Host: gateway\r\napi-key: test-key\r\nExpect: 100-continue\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  client.read_until("100 Continue\r\n\r\n");
  client.drop_received();
  gateway->request_stop();
  wait_until_closed(*gateway);
  client.write_raw(body);
  Connection peer = backend.accept();
  peer.read_until(body);
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read().body, "ok");
  client.close();
  gateway->join();
}

TEST_F(Draining, IdleConnectionsAreClosedAtOnce) {
  const auto gateway = start("1m");
  Connection client(gateway->port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until(chat_body("gpt-4o"));
  peer.drop_received();
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read().body, "ok");
  gateway->wait_for_records(1);
  gateway->request_stop();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(peer.read_to_end(), "") << "the backend's idle connection as well";
  gateway->join();
}

TEST_F(Draining, WithNothingToDoItEndsAtOnce) {
  const auto gateway = start("1m");
  gateway->request_stop();
  gateway->join();
  EXPECT_TRUE(gateway->has_ended());
  EXPECT_TRUE(is_connection_refused(gateway->port()));
}

}  // namespace
}  // namespace spillway::integration
