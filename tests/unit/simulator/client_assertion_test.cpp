#include "simulator/client_assertion.hpp"

#include "simulator/base64url.hpp"
#include "simulator/entra_errors.hpp"
#include "simulator/registered_certificate.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/pem.h>

#include <fstream>

namespace spillway::simulator {
namespace {

using nlohmann::json;

constexpr std::int64_t kAssertedAt = 1'795'430'400;
constexpr const char* kSubject = "11111111-1111-4111-8111-111111111111";
constexpr const char* kEndpoint = "https://login.test/t/oauth2/v2.0/token";

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// An RSA key and its certificate in a file, as an application has them.
class ClientAssertion : public testing::Test {
 protected:
  ClientAssertion() : key_(EVP_RSA_gen(2048)) {
    const X509Certificate certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    X509_set_pubkey(certificate.get(), key_.get());
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    const MemoryFile out(BIO_new_file(path("app.pem").c_str(), "w"));
    PEM_write_bio_X509(out.get(), certificate.get());
    app_.client_id = kSubject;
    app_.certificate_file = path("app.pem");
  }

  void SetUp() override {
    const auto certificate = RegisteredCertificate::read(app_.certificate_file);
    header_ = {{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", certificate.thumbprint_sha256()}};
    sha1_ = certificate.thumbprint_sha1();
    der_ = certificate.base64_der();
    claims_ = {{"aud", kEndpoint},  {"iss", kSubject},    {"sub", kSubject},
               {"jti", "one"},      {"nbf", kAssertedAt}, {"exp", kAssertedAt + 600},
               {"iat", kAssertedAt}};
  }

  [[nodiscard]] std::string path(const char* name) const {
    return (directory_.path() / name).string();
  }

  [[nodiscard]] std::string assertion(
      SignatureAlgorithm algorithm = SignatureAlgorithm::ps256) const {
    const auto text = base64url(header_.dump()) + "." + base64url(claims_.dump());
    return text + "." + base64url(sign(key_.get(), algorithm, text));
  }

  [[nodiscard]] int refusal_of(const std::string& assertion) const {
    const std::chrono::system_clock::time_point now{std::chrono::seconds(kAssertedAt)};
    const auto refusal = refuse_assertion(app_, assertion, {now, {kEndpoint}});
    return refusal ? json::parse(refusal->body)["error_codes"][0].get<int>() : 0;
  }
  [[nodiscard]] int refusal() const { return refusal_of(assertion()); }

  test::TemporaryDirectory directory_;
  KeyHandle key_;
  App app_;
  json header_;
  json claims_;
  std::string sha1_;
  std::string der_;
};

TEST_F(ClientAssertion, OfTheRegisteredCertificateIsTaken) {
  EXPECT_EQ(refusal(), 0);
  header_["x5c"] = json::array({der_});
  EXPECT_EQ(refusal(), 0);
  header_ = {{"alg", "RS256"}, {"typ", "JWT"}, {"x5t", sha1_}};
  EXPECT_EQ(refusal_of(assertion(SignatureAlgorithm::rs256)), 0);
}

TEST_F(ClientAssertion, TheHeaderMustPointToTheCertificate) {
  const auto with = [this](const json& changes) {
    auto header = header_;
    header.update(changes);
    std::swap(header, header_);
    const auto code = refusal();
    std::swap(header, header_);
    return code;
  };
  EXPECT_EQ(with({{"x5t#S256", "another"}}), 700027);
  EXPECT_EQ(with({{"x5t", "another"}}), 700027);
  EXPECT_EQ(with({{"x5c", {"another"}}}), 700027);
  EXPECT_EQ(with({{"alg", "RS512"}}), 700027);
  header_.erase("x5t#S256");
  EXPECT_EQ(refusal(), 700027);
}

TEST_F(ClientAssertion, TheSignatureMustBeOfItsAlgorithmAndKey) {
  EXPECT_EQ(refusal_of(assertion(SignatureAlgorithm::rs256)), 700027);
  key_.reset(EVP_RSA_gen(2048));
  EXPECT_EQ(refusal(), 700027);
}

TEST_F(ClientAssertion, TheClaimsMustBeTheApplicationsOwn) {
  const auto with = [this](const json& changes) {
    auto claims = claims_;
    claims.update(changes);
    std::swap(claims, claims_);
    const auto code = refusal();
    std::swap(claims, claims_);
    return code;
  };
  EXPECT_EQ(with({{"iss", "somebody"}}), 700021);
  EXPECT_EQ(with({{"sub", "somebody"}}), 700021);
  EXPECT_EQ(with({{"aud", "https://login.test/t/"}}), 700023);
  EXPECT_EQ(with({{"aud", {"x", kEndpoint}}}), 0);
  EXPECT_EQ(with({{"jti", ""}}), 50027);
  EXPECT_EQ(with({{"exp", "soon"}}), 50027);
  EXPECT_EQ(refusal_of("not a token"), 50027);
}

TEST_F(ClientAssertion, TimesHaveFiveMinutesLeeway) {
  const auto valid = [this](std::int64_t from, std::int64_t to) {
    claims_["nbf"] = kAssertedAt + from;
    claims_["exp"] = kAssertedAt + to;
    return refusal();
  };
  EXPECT_EQ(valid(-900, -299), 0);
  EXPECT_EQ(valid(-900, -300), 700024);
  EXPECT_EQ(valid(300, 900), 0);
  EXPECT_EQ(valid(301, 900), 700024);
}

TEST_F(ClientAssertion, OfAFederatedProviderMustMatchItsRecord) {
  app_.certificate_file.clear();
  app_.federation = Federation{"https://oidc.test/", "system:serviceaccount:a:b"};
  claims_ = {{"iss", "https://oidc.test/"},
             {"sub", "system:serviceaccount:a:b"},
             {"aud", {"api://AzureADTokenExchange"}},
             {"exp", kAssertedAt + 600}};
  EXPECT_EQ(refusal(), 0);
  auto claims = claims_;
  claims_["sub"] = "system:serviceaccount:a:c";
  EXPECT_EQ(refusal(), 700213);
  claims_ = claims;
  claims_["iss"] = "https://elsewhere.test/";
  EXPECT_EQ(refusal(), 700211);
  claims_ = claims;
  claims_["aud"] = "api://other";
  EXPECT_EQ(refusal(), 700212);
  claims_ = claims;
  claims_["exp"] = kAssertedAt - 301;
  EXPECT_EQ(refusal(), 700024);
}

TEST_F(ClientAssertion, OfBothKindsIsToldApartByTheIssuer) {
  app_.federation = Federation{"https://oidc.test/", "s"};
  EXPECT_EQ(refusal(), 0);
  claims_["iss"] = "https://oidc.test/";
  EXPECT_EQ(refusal(), 700213);
}

TEST_F(ClientAssertion, MayBeAConfiguredText) {
  app_ = App{kSubject};
  EXPECT_EQ(refusal_of("anything goes"), 0);
  app_.federated_tokens = {"first"};
  app_.federated_token_file = path("token");
  EXPECT_EQ(refusal_of("first"), 0);
  EXPECT_EQ(refusal_of("second"), 700213);
  write_file(path("token"), "second\n");
  EXPECT_EQ(refusal_of("second"), 0);
  write_file(path("token"), "third\n");
  EXPECT_EQ(refusal_of("second"), 700213);
}

TEST_F(ClientAssertion, IsNotTakenWhereOnlyASecretIs) {
  app_ = App{kSubject, "secret"};
  EXPECT_EQ(refusal(), 700027);
}

TEST_F(ClientAssertion, ACertificateFileMustHoldOne) {
  write_file(path("empty.pem"), "");
  EXPECT_THROW(RegisteredCertificate::read(path("empty.pem")), std::runtime_error);
  EXPECT_THROW(RegisteredCertificate::read(path("nowhere.pem")), std::runtime_error);
}

}  // namespace
}  // namespace spillway::simulator
