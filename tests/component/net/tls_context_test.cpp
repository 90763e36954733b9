// What a listener speaks and which certificate it shows, in handshakes in memory.

#include "component/net/tls_pair.hpp"
#include "support/certificates.hpp"
#include <spillway/net/tls_context.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace spillway::net {
namespace {

using test::CertificateKind;
using test::Certificates;

CertificateFiles files_of(const Certificates& certificates) {
  return {certificates.certificate_file(), certificates.private_key_file()};
}

ServerTls serving(const std::vector<const Certificates*>& all) {
  ServerTls settings;
  for (const Certificates* one : all)
    settings.certificates.push_back(files_of(*one));
  return settings;
}

class NamesAskedFor : public ::testing::Test {
 protected:
  Certificates first{{"default.example"}};
  Certificates wild{{"*.example.com"}};
  Certificates exact{{"api.example.com"}};
  TlsContext server = made(TlsContext::for_server(serving({&first, &wild, &exact})));
};

TEST_F(NamesAskedFor, ChooseTheCertificate) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const auto& [asked, shown] :
         std::vector<std::pair<std::string, std::string>>{{"api.example.com", "api.example.com"},
                                                          {"API.EXAMPLE.COM", "api.example.com"},
                                                          {"www.example.com", "www.example.com"},
                                                          {"a.b.example.com", "default.example"},
                                                          {"other.example", "default.example"},
                                                          {"", "default.example"}}) {
      const TlsPair pair(server, {asked, version});
      ASSERT_TRUE(pair.is_done()) << asked;
      EXPECT_TRUE(pair.is_shown(shown)) << asked;
    }
  }
  EXPECT_FALSE(TlsPair(server, {"api.example.com"}).is_shown("www.example.com"))
      << "the very name before the wildcard";
}

TEST(TwoKeysForOneName, EachCallerGetsTheOneItCanVerify) {
  const Certificates other({"default.example"});
  const Certificates ec({"api.example.com"});
  const Certificates rsa({"api.example.com"}, {CertificateKind::Key::rsa});
  const auto server = made(TlsContext::for_server(serving({&other, &ec, &rsa})));
  for (const auto& [algorithms, kind] : std::vector<std::pair<const char*, int>>{
           {"rsa_pss_rsae_sha256", EVP_PKEY_RSA}, {"ECDSA+SHA256", EVP_PKEY_EC}}) {
    PlainClient client{"api.example.com"};
    client.more = [only = algorithms](SSL* ssl) { SSL_set1_sigalgs_list(ssl, only); };
    const TlsPair pair(server, client);
    ASSERT_TRUE(pair.is_done()) << algorithms;
    EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(pair.client()))),
              kind);
  }
}

TEST(TwoKeysForOneName, OfTheSameKindTheFirstIsShown) {
  const Certificates other({"default.example"});
  const Certificates first({"api.example.com", "first.example"});
  const Certificates second({"api.example.com", "second.example"});
  const auto server = made(TlsContext::for_server(serving({&other, &first, &second})));
  EXPECT_TRUE(TlsPair(server, {"api.example.com"}).is_shown("first.example"));
}

TEST(BadFiles, AreNamed) {
  const Certificates good;
  const Certificates other({"other.example"});
  const Certificates nameless(std::vector<std::string>{});
  const Certificates weak({"weak.example"}, {CertificateKind::Key::weak_rsa});
  const auto problem = [&](const CertificateFiles& further) {
    ServerTls settings = serving({&good});
    settings.certificates.push_back(further);
    const auto context = TlsContext::for_server(settings);
    return context ? std::string("none") : context.error().detail();
  };
  EXPECT_EQ(problem(files_of(other)), "none");
  const CertificateFiles mismatch{other.certificate_file(), good.private_key_file()};
  EXPECT_TRUE(problem(mismatch).starts_with("private_key_file " + good.private_key_file()))
      << problem(mismatch);
  EXPECT_NE(problem(mismatch).find(other.certificate_file()), std::string::npos);
  EXPECT_NE(problem(files_of(nameless)).find("has no DNS name"), std::string::npos)
      << problem(files_of(nameless));
  EXPECT_NE(problem(files_of(weak)).find("key too small"), std::string::npos)
      << problem(files_of(weak));
  ServerTls alone = serving({&nameless});
  EXPECT_TRUE(TlsContext::for_server(alone)) << "without a choice no name is needed";
  alone.client_ca_file = good.private_key_file();
  const auto no_authority = TlsContext::for_server(alone);
  ASSERT_FALSE(no_authority);
  EXPECT_TRUE(no_authority.error().detail().starts_with("client_ca_file ")) << "no certificate";
}

class Spoken : public ::testing::Test {
 protected:
  [[nodiscard]] static bool speaks(const TlsContext& server, int version, const char* suites) {
    PlainClient client{"localhost", version};
    client.more = [suites](SSL* ssl) {
      if (suites != nullptr) SSL_set_cipher_list(ssl, suites);
    };
    return TlsPair(server, client).is_done();
  }

  Certificates certificates;
  Certificates rsa{{"localhost"}, {CertificateKind::Key::rsa}};
  TlsContext server = made(TlsContext::for_server(serving({&certificates})));
};

TEST_F(Spoken, NothingBelowTls12) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
    EXPECT_FALSE(speaks(server, version, nullptr));
  EXPECT_TRUE(speaks(server, TLS1_2_VERSION, nullptr));
  EXPECT_TRUE(speaks(server, TLS1_3_VERSION, nullptr));
}

TEST_F(Spoken, OnlyTls13WhereItIsTheLeast) {
  ServerTls settings = serving({&certificates});
  settings.min_version = TlsVersion::tls_1_3;
  const auto strict = made(TlsContext::for_server(settings));
  EXPECT_FALSE(speaks(strict, TLS1_2_VERSION, nullptr));
  EXPECT_TRUE(speaks(strict, TLS1_3_VERSION, nullptr));
}

TEST_F(Spoken, OnlySuitesThatAuthenticateAndForget) {
  const auto with_rsa = made(TlsContext::for_server(serving({&rsa})));
  for (const char* suites : {"AES128-GCM-SHA256", "AES128-SHA", "DHE-RSA-AES128-GCM-SHA256",
                             "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "aNULL", "eNULL"}) {
    EXPECT_FALSE(speaks(with_rsa, TLS1_2_VERSION, suites)) << suites;
  }
  for (const char* suites : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"})
    EXPECT_TRUE(speaks(with_rsa, TLS1_2_VERSION, suites)) << suites;
  EXPECT_FALSE(speaks(server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"));
  EXPECT_TRUE(speaks(server, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"));
}

TEST_F(Spoken, ThreeGroups) {
  for (const auto& [groups, is_spoken] : std::vector<std::pair<const char*, bool>>{
           {"X25519", true}, {"P-256", true}, {"P-384", true}, {"P-521", false}, {"X448", false}}) {
    PlainClient client{"localhost", TLS1_3_VERSION};
    client.more = [only = groups](SSL* ssl) { SSL_set1_groups_list(ssl, only); };
    EXPECT_EQ(TlsPair(server, client).is_done(), is_spoken) << groups;
  }
}

TEST_F(Spoken, Http11ByAlpnAndNothingElse) {
  const auto chosen = [&](std::string offered) {
    PlainClient client{"localhost"};
    client.more = [&offered](SSL* ssl) {
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned>(offered.size()));
    };
    const TlsPair pair(server, client);
    EXPECT_TRUE(pair.is_done());
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(pair.client(), &name, &size);
    return std::string(name, name + size);
  };
  EXPECT_EQ(chosen("\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(chosen("\x02h2"), "");
}

TEST_F(Spoken, NoRenegotiationAndNoCompression) {
  const TlsPair pair(server, {"localhost", TLS1_2_VERSION});
  ASSERT_TRUE(pair.is_done());
  EXPECT_EQ(SSL_get_current_compression(pair.server()), nullptr);
  SSL_renegotiate(pair.client());
  SSL_do_handshake(pair.client());
  std::array<char, 1> byte{};
  SSL_read(pair.server(), byte.data(), 1);
  EXPECT_LE(SSL_do_handshake(pair.client()), 0);
  EXPECT_EQ(SSL_num_renegotiations(pair.server()), 0);
}

}  // namespace
}  // namespace spillway::net
