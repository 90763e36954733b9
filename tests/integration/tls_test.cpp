// TLS on either side: streams pass through it event by event, and nobody who cannot prove who he is
// is talked to.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

using nlohmann::json;
using simulator::Event;
using test::Certificates;

std::unique_ptr<simulator::Simulator> tls_simulator(const Certificates& certificates) {
  simulator::Config config = usual_config();
  for (auto& endpoint : config.endpoints)
    endpoint.tls = {certificates.certificate_file(), certificates.private_key_file()};
  return simulator::Simulator::start(config);
}

std::string tls_listener(const Certificates& certificates, const std::string& more = "") {
  return "{ address: 127.0.0.1:0, tls: { certificate_file: " + certificates.certificate_file() +
         ", private_key_file: " + certificates.private_key_file() + more + " } }";
}

/// TLS from the client to the gateway and from the gateway to its backends; two authorities.
class TlsOnBothSides : public ::testing::Test {
 protected:
  GatewayYaml changes() {
    GatewayYaml made;
    made.listener = tls_listener(front);
    made.backend_extra = "tls: { ca_file: " + back.ca_file() + " }";
    return made;
  }

  Certificates front;
  Certificates back;
  std::unique_ptr<simulator::Simulator> simulator = tls_simulator(back);
  RunningGateway gateway{gateway_yaml(*simulator, changes())};
  Tls tls{front.ca_file(), "localhost", "", ""};
};

TEST_F(TlsOnBothSides, AnswersAreThoseOfADirectCall) {
  for (const char* more : {"", kStream}) {
    Request direct = chat("gpt-4o-ptu", more);
    direct.headers[0] = {"api-key", "backend-key"};
    const Answer expected =
        send(simulator->port("ptu"), direct, Tls{back.ca_file(), "localhost", "", ""});
    Request request = chat("gpt-4o", more);
    request.body = direct.body;
    const Answer through = send(gateway.port(), request, tls);
    ASSERT_EQ(expected.status, 200U) << expected.body;
    ASSERT_EQ(through.status, 200U) << through.body;
    EXPECT_EQ(without_null_usage(through.body), expected.body);
    EXPECT_TRUE(through.is_complete);
  }
}

TEST_F(TlsOnBothSides, EachEventArrivesWhileTheBackendIsSilentBehindIt) {
  for (const unsigned events : {1U, 2U, 5U}) {
    simulator->set_fault("ptu", "stall_mid_stream after_events=" + std::to_string(events));
    Connection client(gateway.port(), tls);
    client.write(chat("gpt-4o", kStream));
    EXPECT_EQ(count(client.read_until("}\n\n", events), "data: {"), events);
    client.close();
    ASSERT_TRUE(simulator->wait_for(Event::aborted, "ptu", 1));
    simulator->reset();
  }
}

TEST_F(TlsOnBothSides, AClientThatLeavesEndsTheBackendsWork) {
  for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
    simulator->set_fault("ptu", "stall_mid_stream after_events=2");
    Connection client(gateway.port(), tls);
    client.write(chat("gpt-4o", kStream));
    client.read_until("}\n\n");
    client.close(how);
    EXPECT_TRUE(simulator->wait_for(Event::aborted, "ptu", 1));
    simulator->reset();
  }
  const auto records = gateway.wait_for_records(2);
  EXPECT_EQ(records[0].ending, telemetry::Ending::client_gone);
  EXPECT_EQ(records[1].ending, telemetry::Ending::client_gone);
}

TEST_F(TlsOnBothSides, ConnectionsAreKeptAndPipelinedOn) {
  Connection client(gateway.port(), tls);
  for (int i = 0; i < 3; ++i)
    client.write(chat("gpt-4o", i == 1 ? kStream : ""));
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_TRUE(answer.is_complete);
  }
  EXPECT_EQ(simulator->count(Event::connected, "ptu"), 1U);
}

TEST_F(TlsOnBothSides, MegabytesPassBothWays) {
  Request request = chat("gpt-4o");
  request.headers.emplace_back("x-sim-tokens", "20000");
  request.body = chat_body("gpt-4o", ",\"user\":\"" + std::string(2'000'000, 'x') + "\"");
  const Answer answer = send(gateway.port(), request, tls);
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_TRUE(answer.is_complete);
  EXPECT_EQ(simulator->requests("ptu").at(0).body_bytes, request.body.size());
}

TEST_F(TlsOnBothSides, ABackendThatBreaksOffIsVisible) {
  simulator->set_fault("ptu", "truncate after_events=3");
  EXPECT_FALSE(send(gateway.port(), chat("gpt-4o", kStream), tls).is_complete);
  simulator->reset();
  simulator->set_fault("ptu", "reset_before_headers");
  const Answer moved = send(gateway.port(), chat("gpt-4o"), tls);
  EXPECT_EQ(moved.status, 200U) << moved.body;
  EXPECT_NE(moved.header("x-spillway-backend"), "ptu");
}

TEST_F(TlsOnBothSides, PlainHttpOnATlsPortIsToldSo) {
  Request large = chat("gpt-4o");
  large.body = chat_body("gpt-4o", ",\"user\":\"" + std::string(200'000, 'x') + "\"");
  for (const Request& request : {chat("gpt-4o"), large}) {
    const Answer answer = send(gateway.port(), request);
    EXPECT_EQ(answer.status, 400U) << answer.body;
    EXPECT_NE(answer.body.find("plain HTTP was sent to an https port"), std::string::npos);
    EXPECT_EQ(answer.header("connection"), "close");
  }
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), tls).status, 200U) << "others are served on";
  EXPECT_EQ(simulator->requests().size(), 1U);
}

TEST_F(TlsOnBothSides, AFailedHandshakeIsCountedAndTold) {
  const auto failed = [this] {
    return json::parse(get(gateway.admin_port(), "/status").body).at("tls").at("failed");
  };
  Connection(gateway.port()).close();  // a health probe is no failure
  Connection garbage(gateway.port());
  garbage.write_raw("\x16\x03\x01 no hello at all");
  garbage.end_sending();
  garbage.read_to_end();
  EXPECT_TRUE(eventually([&] { return failed() == 1; })) << failed();
  gateway.wait_for_event("tls_handshake_failed");
}

TEST_F(TlsOnBothSides, ABackendsSessionIsResumedOnTheNextConnection) {
  simulator->set_fault("ptu", "stall_mid_stream after_events=2");
  Connection first(gateway.port(), tls);
  first.write(chat("gpt-4o", kStream));
  first.read_until("}\n\n", 2);  // the tickets came before
  Connection second(gateway.port(), tls);
  second.write(chat("gpt-4o", kStream));
  second.read_until("}\n\n", 2);
  const json backend = json::parse(get(gateway.admin_port(), "/status").body).at("backends").at(0);
  EXPECT_EQ(backend.at("name"), "ptu");
  EXPECT_EQ(backend.at("tls_handshakes"), 2);
  EXPECT_EQ(backend.at("tls_resumed"), 1);
}

TEST_F(TlsOnBothSides, AClientThatDoesNotTrustTheGatewayLeavesNoTrace) {
  const Tls distrusting{back.ca_file(), "localhost", "", ""};
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), distrusting).status, 0U);
  const Tls other_name{front.ca_file(), "gateway.example", "", ""};
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), other_name).status, 0U);
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), tls).status, 200U);
}

TEST_F(TlsOnBothSides, AHandshakeThatNeverEndsDoesNotHoldUpACut) {
  Connection silent(gateway.port());
  ASSERT_EQ(send(gateway.port(), chat("gpt-4o"), tls).status, 200U);
  gateway.request_stop();
  gateway.request_stop();
  gateway.join();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST(ServerNames, ChooseTheCertificateAlsoAfterAReload) {
  const Certificates first({"localhost"});
  const Certificates second({"api.example.com"});
  const Certificates third({"*.example.com"});
  const auto simulator = usual_simulator();
  const auto yaml_with = [&](const Certificates& further) {
    GatewayYaml changes;
    changes.listener =
        tls_listener(first, ", certificates: [ { certificate_file: " + further.certificate_file() +
                                ", private_key_file: " + further.private_key_file() + " } ]");
    return gateway_yaml(*simulator, changes);
  };
  RunningGateway gateway(yaml_with(second));
  const auto asks = [&](const Certificates& trusted, const std::string& name) {
    return send(gateway.port(), chat("gpt-4o"), Tls{trusted.ca_file(), name, "", ""}).status;
  };
  EXPECT_EQ(asks(first, "localhost"), 200U);
  EXPECT_EQ(asks(second, "api.example.com"), 200U);
  EXPECT_EQ(asks(second, "www.example.com"), 0U) << "nobody has that name";
  ASSERT_TRUE(gateway.reload(yaml_with(third)));
  EXPECT_TRUE(eventually([&] { return asks(third, "www.example.com") == 200U; }));
  EXPECT_TRUE(eventually([&] { return asks(second, "api.example.com") == 0U; }));
}

TEST(ServerNames, AKeyThatDoesNotFitEndsTheStartAndTheReload) {
  const Certificates first;
  const Certificates second({"api.example.com"});
  const auto simulator = usual_simulator();
  const auto yaml_with = [&](const std::string& key_file) {
    GatewayYaml changes;
    changes.listener =
        tls_listener(first, ", certificates: [ { certificate_file: " + second.certificate_file() +
                                ", private_key_file: " + key_file + " } ]");
    return gateway_yaml(*simulator, changes);
  };
  const std::string problem = start_problem(yaml_with(first.private_key_file()));
  EXPECT_NE(problem.find("private_key_file " + first.private_key_file()), std::string::npos)
      << problem;
  RunningGateway gateway(yaml_with(second.private_key_file()));
  EXPECT_FALSE(gateway.reload(yaml_with(first.private_key_file())));
  EXPECT_EQ(
      send(gateway.port(), chat("gpt-4o"), Tls{second.ca_file(), "api.example.com", "", ""}).status,
      200U);
}

class UntrustedBackends : public ::testing::Test {
 protected:
  /// A gateway that is told so much about its backends' certificates never gets an answer of
  /// theirs.
  void expect_out(const std::string& backend_tls) {
    GatewayYaml changes;
    changes.backend_extra = backend_tls;
    RunningGateway gateway(gateway_yaml(*simulator, changes));
    const Answer answer = send(gateway.port(), chat("gpt-4o"));
    EXPECT_EQ(answer.status, 503U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_pool_unavailable");
    EXPECT_EQ(answer.body.find("certificate"), std::string::npos) << "the caller's no business";
    const auto record = gateway.wait_for_records(1).front();
    ASSERT_EQ(record.attempts.size(), 3U);
    for (const auto& attempt : record.attempts) {
      EXPECT_EQ(attempt.fault, "tls_failed");
      EXPECT_NE(attempt.reason.find("certificate"), std::string::npos) << attempt.reason;
    }
    EXPECT_TRUE(simulator->requests().empty()) << "a key was shown to a stranger";
  }

  Certificates known;
  Certificates strange;
  std::unique_ptr<simulator::Simulator> simulator = tls_simulator(known);
};

TEST_F(UntrustedBackends, AnAuthorityThatIsNotConfiguredIsNotTrusted) {
  expect_out("tls: { ca_file: " + strange.ca_file() + " }");
}

TEST_F(UntrustedBackends, TheSystemsAuthoritiesDoNotKnowOurs) {
  expect_out("");
}

TEST_F(UntrustedBackends, ACertificateForAnotherNameIsNotTrusted) {
  expect_out("tls: { ca_file: " + known.ca_file() + ", server_name: other.example }");
}

TEST_F(UntrustedBackends, AServerNameThatFitsIsEnough) {
  GatewayYaml changes;
  changes.backend_extra = "tls: { ca_file: " + known.ca_file() + ", server_name: localhost }";
  RunningGateway gateway(gateway_yaml(*simulator, changes));
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
}

TEST_F(UntrustedBackends, PlainHttpWhereTlsIsExpectedIsOutToo) {
  const auto plain = usual_simulator();
  const std::string address = plain->url("ptu").substr(std::string("http://").size());
  RunningGateway gateway(
      "listeners: [ { address: 127.0.0.1:0 } ]\n"
      "credentials: [ { name: key, api_key: backend-key } ]\n"
      "backends: [ { name: east, url: \"https://" +
      address + "\", credential: key, tls: { ca_file: " + known.ca_file() +
      " } } ]\n"
      "clients: [ { name: app, keys: [ test-key ] } ]\n");
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 503U);
  EXPECT_TRUE(plain->requests().empty());
}

class ClientCertificates : public ::testing::Test {
 protected:
  GatewayYaml changes() {
    GatewayYaml made;
    made.listener = tls_listener(server, ", client_ca_file: " + clients.ca_file());
    made.clients =
        "clients: [ { name: app, keys: [ test-key ] }, { name: named, keys: [ named-key ], "
        "certificate_names: [ 'spillway-*-client' ] }, { name: other, keys: [ other-key ], "
        "certificate_names: [ 'x', '*.contoso.example' ] } ]";
    return made;
  }

  Certificates server;
  Certificates clients;
  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator, changes())};
};

TEST_F(ClientCertificates, WhoeverShowsOneIsServed) {
  const Tls tls{server.ca_file(), "localhost", clients.client_certificate_file(),
                clients.client_key_file()};
  const Answer answer = send(gateway.port(), chat("gpt-4o"), tls);
  EXPECT_EQ(answer.status, 200U) << answer.body;
}

TEST_F(ClientCertificates, WhoeverShowsNoneOrAnothersIsNot) {
  const Tls none{server.ca_file(), "localhost", "", ""};
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), none).status, 0U);
  const Tls strange{server.ca_file(), "localhost", server.client_certificate_file(),
                    server.client_key_file()};
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), strange).status, 0U);
  const Tls for_servers{server.ca_file(), "localhost", clients.certificate_file(),
                        clients.private_key_file()};
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o"), for_servers).status, 0U);
  EXPECT_TRUE(simulator->requests().empty());
}

TEST_F(ClientCertificates, AClientMayDemandOneOfItsOwn) {
  const Tls tls{server.ca_file(), "localhost", clients.client_certificate_file(),
                clients.client_key_file()};
  Request request = chat("gpt-4o");
  request.headers[0] = {"api-key", "named-key"};
  EXPECT_EQ(send(gateway.port(), request, tls).status, 200U);
  request.headers[0] = {"api-key", "other-key"};
  const Answer answer = send(gateway.port(), request, tls);
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_certificate_not_allowed");
  const auto record = gateway.wait_for_records(2).back();
  EXPECT_EQ(record.client, "other");
  EXPECT_EQ(record.error, "the client certificate is for spillway-test-client");
}

TEST_F(ClientCertificates, OneDoesNotReplaceTheKey) {
  const Tls tls{server.ca_file(), "localhost", clients.client_certificate_file(),
                clients.client_key_file()};
  Request request = chat("gpt-4o");
  request.headers[0] = {"api-key", "wrong"};
  EXPECT_EQ(send(gateway.port(), request, tls).status, 401U);
}

}  // namespace
}  // namespace spillway::integration
