// A backend whose TLS is not as it should be gets no request: another one answers, and the access
// log says why. One that is cut off in an answer is cut off for the caller too.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <exception>
#include <string>
#include <thread>

namespace spillway::integration {
namespace {

using test::CertificateKind;
using test::Certificates;
using Validity = CertificateKind::Validity;
using Signer = CertificateKind::Signer;

/// The backend `strange` comes first; `east` of the simulator, without TLS, is there for the rest.
class StrangeBackend : public ::testing::Test {
 protected:
  [[nodiscard]] std::string yaml(std::uint16_t port, const std::string& tls) const {
    return "listeners: [ { address: 127.0.0.1:0 } ]\n"
           "admin: { address: 127.0.0.1:0 }\n"
           "credentials: [ { name: key, api_key: backend-key } ]\n"
           "backends:\n"
           "  - { name: strange, url: \"https://localhost:" +
           std::to_string(port) + "\", credential: key, tls: { " + tls +
           " } }\n"
           "  - { name: east, url: \"" +
           simulator->url("east") +
           "\", credential: key }\n"
           "pools:\n"
           "  - name: default\n"
           "    members: [ { backend: strange, priority: 1 }, { backend: east, priority: 2 } ]\n"
           "    timeouts: { connect: 2s }\n"
           "clients: [ { name: app, keys: [ test-key ] } ]\n"
           "server: { threads: 1 }\n";
  }
  /// The gateway asks `strange`, does not get through to it for this reason, and `east` answers.
  void expect_moved(RunningGateway& gateway, const std::string& fault, const std::string& reason) {
    const auto record = gateway.wait_for_records(1).front();
    EXPECT_EQ(record.status, 200U);
    ASSERT_EQ(record.attempts.size(), 2U);
    EXPECT_EQ(record.attempts[0].backend, "strange");
    EXPECT_EQ(record.attempts[0].fault, fault);
    EXPECT_NE(record.attempts[0].reason.find(reason), std::string::npos)
        << record.attempts[0].reason;
    EXPECT_EQ(record.attempts[1].backend, "east");
  }
  /// The same with a simulator behind TLS that shows `shown`.
  void expect_refused(const Certificates& shown, const std::string& tls,
                      const std::string& reason) {
    simulator::Config config = usual_config();
    for (auto& endpoint : config.endpoints)
      endpoint.tls = {shown.certificate_file(), shown.private_key_file()};
    const auto strange = simulator::Simulator::start(config);
    RunningGateway gateway(yaml(strange->port("east"), tls));
    EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend"), "east");
    expect_moved(gateway, "tls_failed", reason);
    EXPECT_TRUE(strange->requests().empty()) << "a key was shown to a stranger";
  }
  static std::string trusting(const Certificates& authority) {
    return "ca_file: " + authority.ca_file();
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
};

TEST_F(StrangeBackend, WhoseCertificateHasExpired) {
  const Certificates over({"localhost"}, {.validity = Validity::over});
  expect_refused(over, trusting(over), "certificate has expired");
}

TEST_F(StrangeBackend, WhoseCertificateIsForAnotherName) {
  const Certificates other({"other.example"});
  expect_refused(other, trusting(other), "hostname mismatch");
}

TEST_F(StrangeBackend, WhoseCertificateIsNotForTheServerNameWritten) {
  const Certificates fine;
  expect_refused(fine, trusting(fine) + ", server_name: other.example", "hostname mismatch");
}

TEST_F(StrangeBackend, WhoSignedItsCertificateItself) {
  const Certificates own({"localhost"}, {.signer = Signer::itself});
  expect_refused(own, trusting(own), "self-signed certificate");
}

TEST_F(StrangeBackend, WhoseAuthorityIsNotThePinnedOne) {
  const Certificates fine;
  const Certificates pinned;
  expect_refused(fine, trusting(pinned), "certificate not accepted");
}

TEST_F(StrangeBackend, WhoseAuthorityTheSystemDoesNotKnow) {
  const Certificates fine;
  expect_refused(fine, "server_name: localhost", "certificate not accepted");
}

TEST_F(StrangeBackend, WhoNeverAnswersTheHandshake) {
  HandServer silent;
  const Certificates any;
  RunningGateway gateway(yaml(silent.port(), trusting(any)));
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend"), "east");
  const Connection held = silent.accept();
  expect_moved(gateway, "connect_failed", "");
}

/// What a server did that speaks nothing newer than `max_version`, with one connection.
class OldServer {
 public:
  OldServer(const Certificates& certificates, int max_version)
      : thread_([this, &certificates, max_version] {
          try {
            server_.accept_tls(certificates.certificate_file(), certificates.private_key_file(),
                               max_version);
          } catch (const std::exception&) {  // as it should be
          }
        }) {}
  ~OldServer() { thread_.join(); }
  OldServer(const OldServer&) = delete;
  OldServer& operator=(const OldServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  HandServer server_;
  std::thread thread_;
};

TEST_F(StrangeBackend, WhoSpeaksNothingNewerThanTls11) {
  const Certificates fine;
  const OldServer old(fine, TLS1_1_VERSION);
  RunningGateway gateway(yaml(old.port(), trusting(fine)));
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend"), "east");
  expect_moved(gateway, "tls_failed", "protocol version");
}

TEST_F(StrangeBackend, WhoDoesNotSpeakTheLeastVersionWritten) {
  const Certificates fine;
  const OldServer old(fine, TLS1_2_VERSION);
  RunningGateway gateway(yaml(old.port(), trusting(fine) + ", min_version: 1.3"));
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend"), "east");
  expect_moved(gateway, "tls_failed", "protocol version");
}

/// An answer whose body ends with the connection.
class EndsWithTheConnection : public StrangeBackend {
 protected:
  Answer answer_that_ends(Connection::How how) {
    const Certificates fine;
    HandServer backend;
    RunningGateway gateway(yaml(backend.port(), trusting(fine)));
    Connection client(gateway.port());
    client.write(chat("gpt-4o"));
    Connection connection =
        backend.accept_tls(fine.certificate_file(), fine.private_key_file(), TLS1_3_VERSION);
    connection.read_until("}]}");
    connection.write_raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"id\":\"1\"}");
    client.read_until("\"1\"}");
    connection.close(how);
    return client.read();
  }
};

TEST_F(EndsWithTheConnection, AndSaysSo) {
  const Answer answer = answer_that_ends(Connection::How::orderly);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "{\"id\":\"1\"}");
  EXPECT_TRUE(answer.is_complete);
}

TEST_F(EndsWithTheConnection, OrIsCutAndThatIsVisible) {
  for (const auto how : {Connection::How::unannounced, Connection::How::reset}) {
    const Answer answer = answer_that_ends(how);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_FALSE(answer.is_complete);
  }
}

}  // namespace
}  // namespace spillway::integration
