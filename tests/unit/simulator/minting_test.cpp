#include "simulator/minting.hpp"

#include "simulator/base64url.hpp"
#include "simulator/compact_token.hpp"
#include "simulator/discovery.hpp"
#include "support/wire_sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;

const MintPlace kPlace{"https://login.test",
                       std::chrono::system_clock::time_point(std::chrono::seconds(1'795'430'400)),
                       "unique"};
constexpr const char* kMintTenant = "33333333-3333-4333-8333-333333333333";

/// Keys are slow to make; no test here changes them.
KeyRing& keys() {
  static KeyRing ring;
  return ring;
}

CompactToken parts_of(const MintRequest& request) {
  const auto token = parse_compact_token(mint(request, keys(), kPlace));
  if (!token) throw std::runtime_error("not a token");
  return *token;
}

json claims_of(const MintRequest& request) {
  return json::parse(parts_of(request).payload);
}

json header_of(const MintRequest& request) {
  return json::parse(parts_of(request).header);
}

TEST(Mint, Version2IsInTheFormOfTheSample) {
  MintRequest request;
  request.roles = {"Gateway.Invoke"};
  const auto token = parts_of(request);
  EXPECT_EQ(token.header, R"({"typ":"JWT","alg":"RS256","kid":")" + keys().current().id() + "\"}");
  EXPECT_EQ(token.payload,
            R"({"aud":"44444444-4444-4444-8444-444444444444",)"
            R"("iss":"https://login.test/33333333-3333-4333-8333-333333333333/v2.0",)"
            R"("iat":1795430400,"nbf":1795430400,"exp":1795433999,"aio":"k2RgYFj0sample",)"
            R"("azp":"11111111-1111-4111-8111-111111111111","azpacr":"1",)"
            R"("oid":"55555555-5555-4555-8555-555555555555","rh":"0.sample.",)"
            R"("roles":["Gateway.Invoke"],"sub":"55555555-5555-4555-8555-555555555555",)"
            R"("tid":"33333333-3333-4333-8333-333333333333","uti":"unique","ver":"2.0"})");
}

TEST(Mint, Version1NamesTheApplicationOtherwise) {
  MintRequest request;
  request.version = TokenVersion::v1;
  const auto claims = claims_of(request);
  EXPECT_EQ(claims["iss"], "https://sts.windows.net/" + std::string(kMintTenant) + "/");
  EXPECT_EQ(claims["idp"], claims["iss"]);
  EXPECT_EQ(claims["appid"], request.client_id);
  EXPECT_FALSE(claims.contains("azp"));
  EXPECT_EQ(claims["aud"], "api://spillway-test");
  EXPECT_EQ(header_of(request)["x5t"], header_of(request)["kid"]);
}

TEST(Mint, AUserHasScopesAndAName) {
  MintRequest request;
  request.scopes = "Models.Invoke Models.List";
  request.groups = {"g1"};
  request.idtyp = "user";
  const auto claims = claims_of(request);
  EXPECT_EQ(claims["scp"], request.scopes);
  EXPECT_EQ(claims["azpacr"], "0");
  EXPECT_EQ(claims["preferred_username"], "user@contoso.test");
  EXPECT_EQ(claims["groups"], json::array({"g1"}));
  EXPECT_EQ(claims["idtyp"], "user");
}

TEST(Mint, ClaimsAndHeaderCanBeChangedAndTakenOut) {
  MintRequest request;
  request.claims = R"({"exp":null,"aud":["a","b"],"nbf":1.5,"extra":{"deep":true}})";
  request.header = R"({"kid":null,"alg":"none","crit":["b64"],"jku":"https://evil.test/keys"})";
  const auto claims = claims_of(request);
  EXPECT_FALSE(claims.contains("exp"));
  EXPECT_EQ(claims["aud"], json::array({"a", "b"}));
  EXPECT_EQ(claims["nbf"], 1.5);
  const auto header = header_of(request);
  EXPECT_FALSE(header.contains("kid"));
  EXPECT_EQ(header["alg"], "none");
  EXPECT_EQ(header["jku"], "https://evil.test/keys");
}

TEST(Mint, RawMembersComeTwiceAndTextsReplaceAll) {
  MintRequest request;
  request.raw_claims = {{"aud", "\"again\""}, {"null", "null"}};
  request.raw_header = {{"alg", "\"HS256\""}};
  const auto token = parts_of(request);
  EXPECT_THAT(token.payload, EndsWith(R"("ver":"2.0","aud":"again","null":null})"));
  EXPECT_THAT(token.header, HasSubstr(R"("alg":"RS256")"));
  EXPECT_THAT(token.header, EndsWith(R"(,"alg":"HS256"})"));
  request.payload_text = "[1]";
  EXPECT_THAT(mint(request, keys(), kPlace), HasSubstr("." + base64url("[1]") + "."));
}

TEST(Mint, SignaturesAreWhatWasAskedFor) {
  const auto signature_with = [](SignWith how) {
    MintRequest request;
    request.sign_with = how;
    return parts_of(request);
  };
  EXPECT_EQ(signature_with(SignWith::none).signature, "");
  const auto confused = signature_with(SignWith::hs256_public_key);
  EXPECT_EQ(json::parse(confused.header)["alg"], "HS256");
  EXPECT_EQ(confused.signature, hmac_sha256(keys().current().public_pem(), confused.signed_text));
  const auto good = signature_with(SignWith::current);
  const auto broken = signature_with(SignWith::broken);
  EXPECT_EQ(broken.signed_text, good.signed_text);
  EXPECT_NE(broken.signature, good.signature);
  EXPECT_EQ(json::parse(signature_with(SignWith::other).header)["kid"], keys().other().id());
  EXPECT_EQ(json::parse(signature_with(SignWith::next_unpublished).header)["kid"],
            keys().next().id());
}

TEST(Mint, AKeyIsChosenByItsIdAndMayBeOffered) {
  KeyRing own;
  MintRequest request;
  request.key_id = own.add(SignatureAlgorithm::es256);
  request.embeds_jwk = true;
  request.embeds_x5c = true;
  const auto token = parse_compact_token(mint(request, own, kPlace));
  const auto header = json::parse(token->header);
  EXPECT_EQ(header["alg"], "ES256");
  EXPECT_EQ(header["jwk"]["kid"], request.key_id);
  EXPECT_EQ(header["x5c"][0], own.find(request.key_id).certificate());
  request.algorithm = "RS256";
  EXPECT_THROW(mint(request, own, kPlace), std::invalid_argument);
  request.key_id = "nobody";
  EXPECT_THROW(mint(request, own, kPlace), std::invalid_argument);
}

TEST(MintRequest, IsReadFromJson) {
  const auto request = parse_mint_request(
      R"({"version":"1.0","sign_with":"broken","roles":["a"],"lifetime_s":-5,"kid":"k",)"
      R"("claims":{"exp":null},"raw_claims":[["aud","1"]],"embed":["x5c"],"scopes":"s",)"
      R"("not_before_offset_s":60,"payload_text":"{","algorithm":"PS256"})");
  EXPECT_EQ(request.version, TokenVersion::v1);
  EXPECT_EQ(request.sign_with, SignWith::broken);
  EXPECT_EQ(request.roles, std::vector<std::string>{"a"});
  EXPECT_EQ(request.lifetime, std::chrono::seconds(-5));
  EXPECT_EQ(request.not_before_offset, std::chrono::seconds(60));
  EXPECT_EQ(request.claims, R"({"exp":null})");
  EXPECT_EQ(request.raw_claims[0].second, "1");
  EXPECT_TRUE(request.embeds_x5c);
  EXPECT_FALSE(request.embeds_jwk);
  EXPECT_EQ(request.payload_text, "{");
  EXPECT_EQ(parse_mint_request("").audience, "");
}

TEST(MintRequest, MistakesAreRefused) {
  for (const char* text :
       {"[]", "{", R"({"role":[]})", R"({"roles":"a"})", R"({"version":"3"})", R"({"claims":[]})",
        R"({"sign_with":"me"})", R"({"embed":["y"]})", R"({"lifetime_s":"1"})"}) {
    EXPECT_THROW(parse_mint_request(text), std::invalid_argument) << text;
  }
}

TEST(Discovery, IsTheSampleOfEachKind) {
  const std::string live = "https://login.microsoftonline.com";
  const auto sample = [](const char* name) {
    return test::read_wire_sample(std::string("entra/openid-configuration-") + name + ".json");
  };
  EXPECT_EQ(openid_configuration(live, kMintTenant, TokenVersion::v2), sample("tenant-v2"));
  EXPECT_EQ(openid_configuration(live, kMintTenant, TokenVersion::v1), sample("tenant-v1"));
  EXPECT_EQ(openid_configuration(live, "common", TokenVersion::v2), sample("common-v2"));
}

}  // namespace
}  // namespace spillway::simulator
