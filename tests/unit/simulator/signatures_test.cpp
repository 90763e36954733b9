#include "simulator/signatures.hpp"

#include "simulator/compact_token.hpp"
#include "simulator/signing_key.hpp"
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

constexpr std::string_view kText = "eyJh.eyJi";

KeyHandle rsa_key() {
  return KeyHandle(EVP_RSA_gen(2048));
}

TEST(Signatures, AreGenuineForTheirTextAndAlgorithmOnly) {
  const auto key = rsa_key();
  const auto other = rsa_key();
  for (const auto algorithm : {SignatureAlgorithm::rs256, SignatureAlgorithm::rs384,
                               SignatureAlgorithm::rs512, SignatureAlgorithm::ps256}) {
    const auto signature = sign(key.get(), algorithm, kText);
    EXPECT_EQ(signature.size(), 256U);
    EXPECT_EQ(check_signature(key.get(), algorithm, kText, signature), Authenticity::genuine);
    EXPECT_EQ(check_signature(key.get(), algorithm, "other", signature), Authenticity::forged);
    EXPECT_EQ(check_signature(other.get(), algorithm, kText, signature), Authenticity::forged);
    EXPECT_EQ(check_signature(key.get(), SignatureAlgorithm::es256, kText, signature),
              Authenticity::forged);
  }
}

TEST(Signatures, OfEcKeysAreTwoPlainNumbers) {
  const KeyHandle key(EVP_EC_gen("P-256"));
  // Numbers with leading zeros come up every few hundred times.
  for (int i = 0; i < 300; ++i) {
    const auto signature = sign(key.get(), SignatureAlgorithm::es256, kText);
    ASSERT_EQ(signature.size(), 64U);
    ASSERT_EQ(check_signature(key.get(), SignatureAlgorithm::es256, kText, signature),
              Authenticity::genuine);
  }
  EXPECT_EQ(check_signature(key.get(), SignatureAlgorithm::es256, kText, "short"),
            Authenticity::forged);
  EXPECT_THROW(sign(key.get(), SignatureAlgorithm::rs256, kText), std::runtime_error);
}

TEST(Signatures, DigestsAreThoseOfTheirStandards) {
  EXPECT_EQ(base::to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(base::to_hex(sha256("")).substr(0, 16), "e3b0c44298fc1c14");
  // RFC 4231, test case 2.
  EXPECT_EQ(base::to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")).substr(0, 16),
            "5bdcc146bf60754e");
}

TEST(Signatures, NamesAreReadBack) {
  EXPECT_EQ(name_of(SignatureAlgorithm::ps256), "PS256");
  EXPECT_EQ(signature_algorithm_of("ES256"), SignatureAlgorithm::es256);
  EXPECT_FALSE(signature_algorithm_of("none"));
}

TEST(SigningKey, DescribesItselfAsEntraDoes) {
  const SigningKey rsa(SignatureAlgorithm::rs256);
  const auto jwk = nlohmann::json::parse(rsa.jwk());
  EXPECT_EQ(jwk["kty"], "RSA");
  EXPECT_EQ(jwk["e"], "AQAB");
  EXPECT_EQ(jwk["kid"], rsa.id());
  EXPECT_EQ(jwk["x5t"], rsa.id());
  EXPECT_EQ(jwk["x5c"][0], rsa.certificate());
  EXPECT_FALSE(jwk.contains("alg"));
  EXPECT_EQ(rsa.id().size(), 27U);
  EXPECT_TRUE(rsa.public_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
  const SigningKey ec(SignatureAlgorithm::es256);
  const auto other = nlohmann::json::parse(ec.jwk());
  EXPECT_EQ(other["crv"], "P-256");
  EXPECT_EQ(other["x"].get<std::string>().size(), 43U);
  EXPECT_EQ(other["alg"], "ES256");
}

TEST(CompactToken, IsThreeSegmentsOfWhichTwoAreObjects) {
  const auto token = parse_compact_token("e30.eyJhIjoxfQ._w");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->header, "{}");
  EXPECT_EQ(token->payload, R"({"a":1})");
  EXPECT_EQ(token->signature, "\xff");
  EXPECT_EQ(token->signed_text, "e30.eyJhIjoxfQ");
  for (const char* text : {"", "e30", "e30.e30", "e30.e30.a.b", "e30.W10.", "e30.e30=.", "x.e30."})
    EXPECT_FALSE(parse_compact_token(text)) << text;
}

}  // namespace
}  // namespace spillway::simulator
