#include "support/application_certificate.hpp"
#include <spillway/identity/client_assertion.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::ApplicationCertificate;
using test::KeyKind;
using test::make_application_certificate;
using testing::HasSubstr;

const std::string kEndpoint =
    "https://login.microsoftonline.com/33333333-3333-4333-8333-333333333333/oauth2/v2.0/token";

AssertionClaims assertion_claims() {
  return {kEndpoint, "11111111-1111-4111-8111-111111111111", "dddddddd-0000-4000-8000-000000000004",
          base::WallTime(1'795'430'400s)};
}

const ApplicationCertificate& registered() {
  static const ApplicationCertificate certificate = make_application_certificate();
  return certificate;
}

std::string decoded(std::string text) {
  EXPECT_EQ(text.find_first_of("+/="), std::string::npos) << "base64url has none of these";
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size(), '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

struct Assertion {
  std::string signed_text;
  json header;
  json payload;
  std::string signature;
};

Assertion assertion_of(const std::string& pem,
                       CertificateChain chain = CertificateChain::left_out) {
  const auto made = make_client_assertion(pem, chain, assertion_claims());
  if (!made) {
    ADD_FAILURE() << made.error().detail();
    return {};
  }
  const std::string text(made->reveal());
  const auto first = text.find('.');
  const auto last = text.rfind('.');
  return {text.substr(0, last), json::parse(decoded(text.substr(0, first))),
          json::parse(decoded(text.substr(first + 1, last - first - 1))),
          decoded(text.substr(last + 1))};
}

std::string refusal_of(const std::string& pem) {
  const auto made = make_client_assertion(pem, CertificateChain::left_out, assertion_claims());
  return made ? "not refused" : made.error().detail();
}

// entra/client-assertion-header-payload.json of the wire reference.
TEST(ClientAssertion, SaysWhatEntraReads) {
  const Assertion assertion = assertion_of(registered().both());
  EXPECT_EQ(assertion.payload,
            json::parse(R"({"aud":")" + kEndpoint +
                        R"(","exp":1795431000,"iss":"11111111-1111-4111-8111-111111111111",)"
                        R"("jti":"dddddddd-0000-4000-8000-000000000004","nbf":1795430400,)"
                        R"("sub":"11111111-1111-4111-8111-111111111111","iat":1795430400})"));
  EXPECT_EQ(assertion.header.size(), 3U);
  EXPECT_EQ(assertion.header["alg"], "PS256");
  EXPECT_EQ(assertion.header["typ"], "JWT");
  EXPECT_EQ(decoded(assertion.header["x5t#S256"]),
            test::certificate_sha256(registered().certificate));
}

TEST(ClientAssertion, IsSignedWithTheKey) {
  const Assertion assertion = assertion_of(registered().both());
  EXPECT_TRUE(test::is_signed_with_ps256(registered().certificate, assertion.signed_text,
                                         assertion.signature));
  EXPECT_FALSE(test::is_signed_with_ps256(registered().certificate, assertion.signed_text + "x",
                                          assertion.signature));
}

TEST(ClientAssertion, TheOrderInTheFileDoesNotMatter) {
  const ApplicationCertificate other = make_application_certificate();
  for (const std::string& pem :
       {registered().key + registered().certificate, other.certificate + registered().both(),
        "a line of text\n" + registered().both()}) {
    EXPECT_EQ(decoded(assertion_of(pem).header["x5t#S256"]),
              test::certificate_sha256(registered().certificate));
  }
}

TEST(ClientAssertion, TheChainGoesAlongWhereItIsAskedFor) {
  const ApplicationCertificate issuer = make_application_certificate();
  const json header =
      assertion_of(issuer.certificate + registered().both(), CertificateChain::sent).header;
  ASSERT_EQ(header["x5c"].size(), 2U);
  const auto body_of = [](const std::string& pem) {
    const auto begin = pem.find('\n');
    std::string body = pem.substr(begin, pem.find("-----END") - begin);
    std::erase(body, '\n');
    return body;
  };
  EXPECT_EQ(header["x5c"][0], body_of(registered().certificate)) << "its own first";
  EXPECT_EQ(header["x5c"][1], body_of(issuer.certificate));
}

TEST(ClientAssertion, WhatIsWrongWithTheFileIsSaid) {
  const ApplicationCertificate other = make_application_certificate();
  const ApplicationCertificate ec = make_application_certificate(KeyKind::ec_p256);
  const ApplicationCertificate small = make_application_certificate(KeyKind::rsa_1024);
  EXPECT_THAT(refusal_of(""), HasSubstr("holds no private key in PEM"));
  EXPECT_THAT(refusal_of("garbage"), HasSubstr("holds no private key in PEM"));
  EXPECT_THAT(refusal_of(registered().certificate), HasSubstr("holds no private key in PEM"));
  EXPECT_THAT(refusal_of(registered().key), HasSubstr("holds no certificate in PEM"));
  EXPECT_THAT(refusal_of(other.certificate + registered().key),
              HasSubstr("belongs to none of its certificates"));
  EXPECT_THAT(refusal_of(ec.both()), HasSubstr("is no RSA key"));
  EXPECT_THAT(refusal_of(small.both()), HasSubstr("less than 2048 bits"));
  EXPECT_THAT(refusal_of(registered().certificate + registered().encrypted_key),
              HasSubstr("has a passphrase"));
  const std::string cut = registered().both().substr(0, registered().both().size() - 200);
  EXPECT_THAT(refusal_of(cut), HasSubstr("holds no private key in PEM"));
}

TEST(ClientAssertion, TextsOfTheOperatorStayTexts) {
  AssertionClaims odd = assertion_claims();
  odd.client_id = "a\"b";
  const auto made = make_client_assertion(registered().both(), CertificateChain::left_out, odd);
  ASSERT_TRUE(made);
  const std::string text(made->reveal());
  const auto first = text.find('.') + 1;
  const json payload = json::parse(decoded(text.substr(first, text.rfind('.') - first)));
  EXPECT_EQ(payload["iss"], "a\"b");
}

TEST(Uuid, IsRandomAndOfVersionFour) {
  const std::string one = make_uuid();
  ASSERT_EQ(one.size(), 36U) << one;
  for (const std::size_t dash : {8U, 13U, 18U, 23U})
    EXPECT_EQ(one[dash], '-') << one;
  EXPECT_EQ(one[14], '4') << one;
  EXPECT_NE(std::string("89ab").find(one[19]), std::string::npos) << one;
  EXPECT_EQ(one.find_first_not_of("0123456789abcdef-"), std::string::npos) << one;
  EXPECT_NE(one, make_uuid());
}

}  // namespace
}  // namespace spillway::identity
