// Sessions of callers: resumed over reloads and rotations, and never past what a listener demands.

#include "component/net/tls_pair.hpp"
#include "support/certificates.hpp"
#include "support/test_clocks.hpp"
#include <spillway/net/session_keeping.hpp>
#include <spillway/net/tls_context.hpp>

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <string>

namespace spillway::net {
namespace {

using std::chrono::hours;
using test::CertificateKind;
using test::Certificates;

class Resumption : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] TlsContext serve(const Certificates& shown,
                                 const Certificates* authority = nullptr) const {
    ServerTls settings;
    settings.certificates = {{shown.certificate_file(), shown.private_key_file()}};
    if (authority != nullptr) settings.client_ca_file = authority->ca_file();
    settings.tickets = keys;
    return made(TlsContext::for_server(settings));
  }
  [[nodiscard]] static PlainClient client(const Session& session = nullptr) {
    PlainClient plain{"localhost", GetParam()};
    plain.session = session.get();
    return plain;
  }
  [[nodiscard]] static PlainClient client_of(const Certificates& own,
                                             const Session& session = nullptr) {
    PlainClient plain = client(session);
    plain.certificate_file = own.client_certificate_file();
    plain.private_key_file = own.client_key_file();
    return plain;
  }

  support::StillClock clock;
  std::shared_ptr<TicketKeys> keys = std::make_shared<TicketKeys>(clock);
  Certificates certificates;
};

TEST_P(Resumption, OverAnotherCertificateAsAfterAReload) {
  const TlsPair first(serve(certificates), client());
  ASSERT_TRUE(first.is_done());
  EXPECT_FALSE(first.is_resumed());
  const Certificates renewed;
  const TlsPair second(serve(renewed), client(first.session()));
  ASSERT_TRUE(second.is_done());
  EXPECT_TRUE(second.is_resumed());
  const TlsPair third(serve(renewed), client(second.session()));
  EXPECT_TRUE(third.is_resumed()) << "and on from there";
}

std::string ticket_in(const Session& session) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  SSL_SESSION_get0_ticket(session.get(), &bytes, &size);
  return {bytes, bytes + size};
}

// Else a caller of TLS 1.3, who shows a ticket once, could resume no further.
TEST_P(Resumption, GivesTheNextTicketWhereOneIsShownOnce) {
  const auto server = serve(certificates);
  const TlsPair first(server, client());
  const TlsPair second(server, client(first.session()));
  ASSERT_TRUE(second.is_resumed());
  const bool is_another = ticket_in(first.session()) != ticket_in(second.session());
  EXPECT_EQ(is_another, GetParam() == TLS1_3_VERSION);
}

// Its chain of sessions would never prove the key again.
TEST_P(Resumption, GivesNoNextTicketToWhoCameWithACertificate) {
  const auto server = serve(certificates, &certificates);
  const TlsPair first(server, client_of(certificates));
  const TlsPair second(server, client_of(certificates, first.session()));
  ASSERT_TRUE(second.is_resumed());
  EXPECT_EQ(ticket_in(first.session()), ticket_in(second.session()));
}

TEST_P(Resumption, OverOneRotationButNotTwo) {
  const auto server = serve(certificates);
  const TlsPair first(server, client());
  ASSERT_TRUE(first.is_done());
  clock.advance(hours(13));
  const TlsPair second(server, client(first.session()));
  ASSERT_TRUE(second.is_done());
  EXPECT_TRUE(second.is_resumed());
  clock.advance(hours(12));
  const TlsPair stale(server, client(first.session()));
  EXPECT_TRUE(stale.is_done());
  EXPECT_FALSE(stale.is_resumed());
  const TlsPair renewed(server, client(second.session()));
  EXPECT_TRUE(renewed.is_resumed()) << "its ticket had been sealed anew";
}

TEST_P(Resumption, NotWithKeysOfAnotherProcess) {
  const TlsPair first(serve(certificates), client());
  keys = std::make_shared<TicketKeys>(clock);
  const TlsPair second(serve(certificates), client(first.session()));
  EXPECT_TRUE(second.is_done());
  EXPECT_FALSE(second.is_resumed());
}

TEST_P(Resumption, NotWithoutKeys) {
  keys.reset();
  const auto server = serve(certificates);
  const TlsPair first(server, client());
  ASSERT_TRUE(first.is_done());
  const TlsPair second(server, client(first.session()));
  EXPECT_TRUE(second.is_done());
  EXPECT_FALSE(second.is_resumed());
}

TEST_P(Resumption, ASessionOfAnOpenListenerDoesNotReplaceACertificate) {
  const Certificates authority;
  const TlsPair open(serve(certificates), client());
  ASSERT_TRUE(open.is_done());
  const TlsPair attack(serve(certificates, &authority), client(open.session()));
  EXPECT_FALSE(attack.is_done());
  EXPECT_FALSE(attack.is_resumed());
}

TEST_P(Resumption, ASessionOfAnotherAuthorityDoesNotEither) {
  const Certificates former;
  const Certificates present;
  const TlsPair first(serve(certificates, &former), client_of(former));
  ASSERT_TRUE(first.is_done());
  const TlsPair attack(serve(certificates, &present), client_of(former, first.session()));
  EXPECT_FALSE(attack.is_done()) << "the file holds another authority by now";
  EXPECT_FALSE(attack.is_resumed());
}

TEST_P(Resumption, TheClientsCertificateIsThereStill) {
  const Certificates authority;
  const auto server = serve(certificates, &authority);
  const TlsPair first(server, client_of(authority));
  ASSERT_TRUE(first.is_done());
  const TlsPair second(serve(certificates, &authority), client_of(authority, first.session()));
  ASSERT_TRUE(second.is_done());
  ASSERT_TRUE(second.is_resumed());
  EXPECT_EQ(SSL_get_verify_result(second.server()), X509_V_OK);
  ASSERT_NE(SSL_get0_peer_certificate(second.server()), nullptr);
  EXPECT_EQ(X509_cmp(SSL_get0_peer_certificate(second.server()),
                     SSL_get0_peer_certificate(first.server())),
            0);
}

TEST_P(Resumption, NotPastTheEndOfTheClientsCertificate) {
  const Certificates over({"localhost"}, {.validity = CertificateKind::Validity::over});
  const auto server = serve(certificates, &over);
  // For OpenSSL it is the day before yesterday: so the certificate was good in the first handshake.
  const std::time_t then = std::time(nullptr) - 48L * 3'600;
  X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(server.native()), then);
  const TlsPair first(server, client_of(over));
  ASSERT_TRUE(first.is_done());
  const TlsPair second(server, client_of(over, first.session()));
  EXPECT_FALSE(second.is_resumed()) << "it is over by now";
}

// As the client: TLS 1.3 gives a new ticket on every resumption, but not for ever.
TEST_P(Resumption, AServerIsVerifiedAnewAfterAnHour) {
  const auto server = serve(certificates);
  const auto context = made(TlsContext::for_client({certificates.ca_file(), TlsVersion::tls_1_2}));
  SSL_CTX_set_max_proto_version(context.native(), GetParam());
  const base::SteadyTime start(hours(1'000));
  const auto is_resumed_at = [&](std::chrono::minutes after) {
    ExpectedServer expected{"localhost", {}};
    Ssl client(SSL_new(context.native()));
    offer_session(client.get(), expected, start + after);
    const TlsPair pair(server, std::move(client));
    EXPECT_TRUE(pair.is_done());
    settle_session(pair.client(), expected, start + after);
    return pair.is_resumed();
  };
  using std::chrono::minutes;
  EXPECT_FALSE(is_resumed_at(minutes(0)));
  EXPECT_TRUE(is_resumed_at(minutes(50)));
  EXPECT_TRUE(is_resumed_at(minutes(59)));
  EXPECT_FALSE(is_resumed_at(minutes(60))) << "whose tickets are some minutes old";
  EXPECT_TRUE(is_resumed_at(minutes(119)));
}

std::string version_name(const ::testing::TestParamInfo<int>& version) {
  return version.param == TLS1_2_VERSION ? "v1_2" : "v1_3";
}

INSTANTIATE_TEST_SUITE_P(Tls, Resumption, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         version_name);

}  // namespace
}  // namespace spillway::net
