// Tokens that are signed rightly and say the wrong thing: another issuer's, another tenant's,
// another API's, too old, too young, or in types that nobody may guess at.
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <support/entra_world.hpp>

namespace spillway::identity {
namespace {

using namespace test;
using nlohmann::json;
using Reason = TokenRefusal::Reason;

struct Mishap {
  const char* name;
  json claims;
  std::optional<Reason> expected;  // none: accepted
};

std::string mishap_outcome(const TokenVerifier::Verdict& verdict) {
  const auto* refusal = std::get_if<TokenRefusal>(&verdict);
  return refusal == nullptr ? "accepted" : std::string(name_of(refusal->reason));
}

void expect_outcomes(std::span<const Mishap> mishaps) {
  const EntraWorld world;
  for (const Mishap& mishap : mishaps) {
    const std::string token = TokenSigner::rsa().token_of(header(), mishap.claims);
    const std::string expected =
        mishap.expected ? std::string(name_of(*mishap.expected)) : "accepted";
    EXPECT_EQ(mishap_outcome(world.verify(token)), expected) << mishap.name;
  }
}

// Numbers that a json value would not keep as they are written.
std::string signed_with_claim(const std::string& name, const std::string& value) {
  std::string text = claims_without(name).dump();
  text.insert(1, "\"" + name + "\":" + value + ",");
  return TokenSigner::rsa().token_of(header().dump(), text, "RS256");
}

TEST(TokenMishaps, OfTheIssuer) {
  const Mishap mishaps[] = {
      {"another tenant's", claims({{"iss", v2_issuer(kStrangersTenant)}}), Reason::wrong_issuer},
      {"another tenant's, v1", v1_claims({{"iss", v1_issuer(kStrangersTenant)}}),
       Reason::wrong_issuer},
      {"another tenant's, and its tid",
       claims({{"iss", v2_issuer(kStrangersTenant)}, {"tid", kStrangersTenant}}),
       Reason::wrong_issuer},
      {"common", claims({{"iss", v2_issuer("common")}}), Reason::wrong_issuer},
      {"organizations", claims({{"iss", v2_issuer("organizations")}}), Reason::wrong_issuer},
      {"consumers", claims({{"iss", v2_issuer("consumers")}}), Reason::wrong_issuer},
      {"the template itself", claims({{"iss", v2_issuer("{tenantid}")}}), Reason::wrong_issuer},
      {"a slash too many", claims({{"iss", v2_issuer() + "/"}}), Reason::wrong_issuer},
      {"v1 without its slash", v1_claims({{"iss", "https://sts.windows.net/" + kTenant}}),
       Reason::wrong_issuer},
      {"plain http", claims({{"iss", "http" + v2_issuer().substr(5)}}), Reason::wrong_issuer},
      {"in capitals", claims({{"iss", "HTTPS://LOGIN.MICROSOFTONLINE.COM/" + kTenant + "/v2.0"}}),
       Reason::wrong_issuer},
      {"another host", claims({{"iss", "https://login.attacker.test/" + kTenant + "/v2.0"}}),
       Reason::wrong_issuer},
      {"another host before an @",
       claims({{"iss", "https://login.microsoftonline.com@attacker.test/" + kTenant + "/v2.0"}}),
       Reason::wrong_issuer},
      {"v1 host with v2 path", claims({{"iss", v1_issuer() + "v2.0"}}), Reason::wrong_issuer},
      {"empty", claims({{"iss", ""}}), Reason::wrong_issuer},
      {"missing", claims_without("iss"), Reason::invalid_claim},
      {"null", claims({{"iss", nullptr}}), Reason::invalid_claim},
      {"a list", claims({{"iss", {v2_issuer()}}}), Reason::invalid_claim},
      {"of a tenant whose v1 keys are not here yet",
       v1_claims({{"iss", v1_issuer(kOtherTenant)}, {"tid", kOtherTenant}}),
       Reason::keys_unavailable},
  };
  expect_outcomes(mishaps);
}

TEST(TokenMishaps, OfTheTenant) {
  const Mishap mishaps[] = {
      {"another", claims({{"tid", kStrangersTenant}}), Reason::wrong_tenant},
      {"another of ours", claims({{"tid", kOtherTenant}}), Reason::wrong_tenant},
      {"another, v1", v1_claims({{"tid", kOtherTenant}}), Reason::wrong_tenant},
      {"missing", claims_without("tid"), Reason::wrong_tenant},
      {"empty", claims({{"tid", ""}}), Reason::wrong_tenant},
      {"a name", claims({{"tid", "contoso.com"}}), Reason::wrong_tenant},
      {"a number", claims({{"tid", 3}}), Reason::invalid_claim},
  };
  expect_outcomes(mishaps);
}

TEST(TokenMishaps, OfTheAudience) {
  const Mishap mishaps[] = {
      {"Azure itself", claims({{"aud", "https://cognitiveservices.azure.com"}}),
       Reason::wrong_audience},
      {"Graph", claims({{"aud", "00000003-0000-0000-c000-000000000000"}}), Reason::wrong_audience},
      {"missing", claims_without("aud"), Reason::wrong_audience},
      {"empty", claims({{"aud", ""}}), Reason::wrong_audience},
      {"with a slash", claims({{"aud", kUriAudience + "/"}}), Reason::wrong_audience},
      {"in capitals", claims({{"aud", "API://SPILLWAY-TEST"}}), Reason::wrong_audience},
      {"the beginning of ours", claims({{"aud", "api://spillway"}}), Reason::wrong_audience},
      {"the App ID URI", claims({{"aud", kUriAudience}}), std::nullopt},
      {"a list of one", claims({{"aud", {kAudience}}}), std::nullopt},
      {"a list of one wrong", claims({{"aud", {"api://other"}}}), Reason::wrong_audience},
      {"a list of none", claims({{"aud", json::array()}}), Reason::wrong_audience},
      {"a list of two", claims({{"aud", {kAudience, "api://other"}}}), Reason::invalid_claim},
      {"a list in a list", claims({{"aud", {{kAudience}}}}), Reason::invalid_claim},
      {"null", claims({{"aud", nullptr}}), Reason::invalid_claim},
      {"an object", claims({{"aud", json::object()}}), Reason::invalid_claim},
  };
  expect_outcomes(mishaps);
}

TEST(TokenMishaps, OfTime) {
  const Mishap mishaps[] = {
      // the leeway is 60 s
      {"no exp", claims_without("exp"), Reason::invalid_claim},
      {"exp a text", claims({{"exp", std::to_string(kEntraNow + 3000)}}), Reason::invalid_claim},
      {"exp null", claims({{"exp", nullptr}}), Reason::invalid_claim},
      {"exp true", claims({{"exp", true}}), Reason::invalid_claim},
      {"exp a list", claims({{"exp", {kEntraNow + 3000}}}), Reason::invalid_claim},
      {"exp past", claims({{"exp", kEntraNow - 3600}}), Reason::expired},
      {"exp zero", claims({{"exp", 0}}), Reason::expired},
      {"exp past, within the leeway", claims({{"exp", kEntraNow - 59}}), std::nullopt},
      {"exp past by the leeway", claims({{"exp", kEntraNow - 60}}), Reason::expired},
      {"exp negative", claims({{"exp", -1}}), Reason::invalid_claim},
      {"exp in milliseconds", claims({{"exp", (kEntraNow + 3000) * 1000}}), Reason::invalid_claim},
      {"exp the largest number", claims({{"exp", UINT64_MAX}}), Reason::invalid_claim},
      {"exp the smallest number", claims({{"exp", INT64_MIN}}), Reason::invalid_claim},
      {"exp in the year 2255", claims({{"exp", 9000000000}}), std::nullopt},
      {"exp after that", claims({{"exp", 9000000001}}), Reason::invalid_claim},
      {"exp with a fraction", claims({{"exp", kEntraNow + 3000.75}}), std::nullopt},
      {"nbf to come", claims({{"nbf", kEntraNow + 61}}), Reason::not_yet_valid},
      {"nbf to come, within the leeway", claims({{"nbf", kEntraNow + 60}}), std::nullopt},
      {"nbf far to come", claims({{"nbf", 4102440000}}), Reason::not_yet_valid},
      {"nbf a text", claims({{"nbf", "0"}}), Reason::invalid_claim},
      {"nbf negative", claims({{"nbf", -5}}), Reason::invalid_claim},
      {"no nbf", claims_without("nbf"), std::nullopt},
      {"iat a text", claims({{"iat", "now"}}), Reason::invalid_claim},
      {"no iat", claims_without("iat"), std::nullopt},
  };
  expect_outcomes(mishaps);
}

TEST(TokenMishaps, OfNumbersAsTheyAreWritten) {
  const struct {
    const char* exp;
    const char* expected;
  } rows[] = {
      {"1e400", "malformed"},
      {"-1e400", "malformed"},
      {"NaN", "malformed"},
      {"Infinity", "malformed"},
      {"0x7fffffff", "malformed"},
      {"01795434000", "malformed"},
      {"+1795434000", "malformed"},
      {"1795434000.", "malformed"},
      {".5", "malformed"},
      {"1e300", "invalid_claim"},
      {"1.795434e9", "accepted"},
      {"1795434000.0", "accepted"},
      {"-0.0", "expired"},
      {"1e-300", "expired"},
      {"18446744073709551616", "invalid_claim"},
  };
  const EntraWorld world;
  for (const auto& row : rows)
    EXPECT_EQ(mishap_outcome(world.verify(signed_with_claim("exp", row.exp))), row.expected)
        << row.exp;
}

TEST(TokenMishaps, OfTheOtherClaims) {
  const Mishap mishaps[] = {
      {"azp and appid that differ", claims({{"appid", kAudience}}), Reason::invalid_claim},
      {"azp and appid that agree", claims({{"appid", kAppId}}), std::nullopt},
      {"azp a number", claims({{"azp", 1}}), Reason::invalid_claim},
      {"oid a list", claims({{"oid", {"x"}}}), Reason::invalid_claim},
      {"sub null", claims({{"sub", nullptr}}), Reason::invalid_claim},
      {"roles an object", claims({{"roles", {{"Gateway.Invoke", true}}}}), Reason::invalid_claim},
      {"roles of numbers", claims({{"roles", {1, 2}}}), Reason::invalid_claim},
      {"no roles", claims_without("roles"), std::nullopt},
      {"groups a number", claims({{"groups", 7}}), Reason::invalid_claim},
      {"scp a list", claims({{"scp", {"Models.Invoke"}}}), Reason::invalid_claim},
      {"idtyp a boolean", claims({{"idtyp", true}}), Reason::invalid_claim},
      {"claims nobody knows", claims({{"x", {{"y", {1, "z", nullptr}}}}}), std::nullopt},
  };
  expect_outcomes(mishaps);
}

}  // namespace
}  // namespace spillway::identity
