// The recorded tokens of tests/support/wire-samples/entra and the verdicts that jwt/index.json
// writes beside them.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <support/entra_world.hpp>
#include <support/wire_sample.hpp>

namespace spillway::identity {
namespace {

using namespace test;

std::shared_ptr<const TokenIssuer> sample_issuer(const std::string& issuer,
                                                 const std::string& key_set) {
  const std::string text = read_wire_sample("entra/" + key_set);
  return issuer_of(issuer, kTenant, nlohmann::json::parse(text).at("keys"));
}

class EntraSamples : public testing::Test {
 protected:
  EntraSamples() {
    entra.tenants = {kTenant};
    entra.audiences = {kAudience, kUriAudience};
    keys = std::make_shared<EntraKeys>(entra);
    keys->publish(0, TokenVersion::v1, sample_issuer(v1_issuer(), "jwks-tenant-v1.json"));
    keys->publish(0, TokenVersion::v2, sample_issuer(v2_issuer(), "jwks-tenant-v2.json"));
    verifier = std::make_unique<TokenVerifier>(entra, keys, clock);
  }

  [[nodiscard]] std::string outcome(const std::string& name) const {
    const auto verdict = verifier->verify(read_wire_sample("entra/jwt/" + name + ".jwt"));
    const auto* refusal = std::get_if<TokenRefusal>(&verdict);
    return refusal == nullptr ? "accept" : std::string(name_of(refusal->reason));
  }

  config::Entra entra;
  MovedClock clock;
  std::shared_ptr<EntraKeys> keys;
  std::unique_ptr<TokenVerifier> verifier;
};

TEST_F(EntraSamples, EachGetsTheVerdictOfTheIndex) {
  const std::map<std::string, std::string> refusals = {
      {"ok-after-rollover", "unknown_key"},
      {"bad-expired", "expired"},
      {"bad-nbf-future", "not_yet_valid"},
      {"bad-aud", "wrong_audience"},
      {"bad-iss", "wrong_issuer"},
      {"bad-tid-vs-iss", "wrong_tenant"},
      {"bad-signature", "bad_signature"},
      {"bad-payload-swapped", "bad_signature"},
      {"bad-alg-none", "unsupported_algorithm"},
      {"bad-hs256-confusion", "unsupported_algorithm"},
      {"bad-unknown-kid", "unknown_key"},
      {"bad-no-exp", "invalid_claim"},
      {"bad-jku-header", "unknown_key"},
      {"bad-two-segments", "malformed"},
  };
  const auto index = nlohmann::json::parse(read_wire_sample("entra/jwt/index.json"));
  EXPECT_EQ(index.at("tokens").size(), 18U);
  for (const auto& [name, token] : index.at("tokens").items()) {
    const auto refusal = refusals.find(name);
    const std::string expected = refusal == refusals.end() ? "accept" : refusal->second;
    EXPECT_EQ(outcome(name), expected) << token.dump();
    // The index itself agrees; roles are the authenticator's to ask for.
    const bool may_accept =
        token.at("expect").get<std::string>().find("accept") != std::string::npos;
    EXPECT_TRUE(expected != "accept" || may_accept) << name;
  }
}

TEST_F(EntraSamples, TheNewKeyIsTakenWhenTheSetHasIt) {
  ASSERT_EQ(outcome("ok-after-rollover"), "unknown_key");
  EXPECT_TRUE(keys->take_unknown_key(0));
  keys->publish(0, TokenVersion::v2, sample_issuer(v2_issuer(), "jwks-after-rollover.json"));
  EXPECT_EQ(outcome("ok-after-rollover"), "accept");
  EXPECT_EQ(outcome("ok-v2-app"), "unknown_key") << "signed by the key that went";
  EXPECT_EQ(outcome("ok-v2-user"), "accept") << "signed by the one that stayed";
  EXPECT_EQ(outcome("bad-jku-header"), "accept") << "its key is trusted now, by the set alone";
}

TEST_F(EntraSamples, KeysOfTheCommonDocumentAreThoseOfTheTenantAfterSubstitution) {
  const auto common = sample_issuer(v2_issuer(), "jwks-common-v2.json");
  EXPECT_EQ(common->keys.size(), 2U);
  EXPECT_EQ(common->keys.left_out(), 0U);
}

}  // namespace
}  // namespace spillway::identity
