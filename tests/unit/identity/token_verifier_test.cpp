#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/entra_world.hpp>
#include <thread>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;
using testing::ElementsAre;
using Reason = TokenRefusal::Reason;

std::string outcome_of(const TokenVerifier::Verdict& verdict) {
  const auto* refusal = std::get_if<TokenRefusal>(&verdict);
  return refusal == nullptr ? "accepted" : std::string(name_of(refusal->reason));
}

std::string signed_token(const json& changes = json::object(), const std::string& key_id = "K1") {
  return TokenSigner::rsa().token_of(header("RS256", key_id), claims(changes));
}

std::shared_ptr<const AccessToken> accepted(const EntraWorld& world, const std::string& token) {
  const auto verdict = world.verify(token);
  const auto* found = std::get_if<std::shared_ptr<const AccessToken>>(&verdict);
  if (found == nullptr) ADD_FAILURE() << std::get<TokenRefusal>(verdict).detail;
  return found == nullptr ? std::make_shared<const AccessToken>() : *found;
}

void publish_v2(EntraWorld& world, const json& keys) {
  world.keys->publish(0, TokenVersion::v2, v2_issuer_of(keys));
}

TEST(TokenVerifier, TellsWhatAnAppTokenSays) {
  const EntraWorld world;
  const auto token = accepted(world, signed_token({{"roles", {"A", "B"}}}));
  EXPECT_EQ(token->tenant_id, kTenant);
  EXPECT_EQ(token->app_id, kAppId);
  EXPECT_EQ(token->object_id, "55555555-5555-4555-8555-555555555555");
  EXPECT_EQ(token->subject, "subject");
  EXPECT_THAT(token->roles, ElementsAre("A", "B"));
  EXPECT_TRUE(token->scopes.empty());
  EXPECT_EQ(token->expires_at, base::WallTime(std::chrono::seconds(kEntraNow + 3000)));
  EXPECT_TRUE(token->is_app);
  EXPECT_TRUE(token->are_groups_known);
}

TEST(TokenVerifier, TellsWhatAUsersTokenSays) {
  const EntraWorld world;
  const auto token = accepted(
      world, signed_token({{"scp", " Models.Invoke  Models.List "}, {"groups", {"A-B", "c"}}}));
  EXPECT_THAT(token->scopes, ElementsAre("Models.Invoke", "Models.List"));
  EXPECT_THAT(token->groups, ElementsAre("a-b", "c"));
  EXPECT_FALSE(token->is_app);
}

TEST(TokenVerifier, TellsWhatAV1TokenSays) {
  const EntraWorld world;
  const auto token =
      accepted(world, TokenSigner::second_rsa().token_of(header("RS256", "V1"), v1_claims()));
  EXPECT_EQ(token->app_id, kAppId);
  EXPECT_TRUE(token->is_app);
}

TEST(TokenVerifier, IdsAreInLowerCase) {
  const EntraWorld world;
  const auto token = accepted(world, signed_token({{"azp", "ABCDEF00-0000-4000-8000-00000000000A"},
                                                   {"oid", "ABCDEF00-0000-4000-8000-00000000000B"},
                                                   {"sub", "CaseMatters"}}));
  EXPECT_EQ(token->app_id, "abcdef00-0000-4000-8000-00000000000a");
  EXPECT_EQ(token->object_id, "abcdef00-0000-4000-8000-00000000000b");
  EXPECT_EQ(token->subject, "CaseMatters");
}

TEST(TokenVerifier, IdtypGoesBeforeScp) {
  const EntraWorld world;
  EXPECT_TRUE(accepted(world, signed_token({{"idtyp", "app"}, {"scp", "x"}}))->is_app);
  EXPECT_FALSE(accepted(world, signed_token({{"idtyp", "user"}}))->is_app);
  EXPECT_FALSE(accepted(world, signed_token({{"idtyp", "device"}}))->is_app);
  EXPECT_FALSE(accepted(world, signed_token({{"scp", ""}}))->is_app);
}

TEST(TokenVerifier, GroupsElsewhereAreNotKnown) {
  const EntraWorld world;
  for (const json& changes :
       {json({{"_claim_names", {{"groups", "src1"}}}, {"groups", {"some"}}}),
        json({{"_claim_names", "src1"}}), json({{"hasgroups", true}, {"groups", {"some"}}})}) {
    const auto token = accepted(world, signed_token(changes));
    EXPECT_FALSE(token->are_groups_known) << changes;
    EXPECT_TRUE(token->groups.empty()) << changes;
  }
  EXPECT_TRUE(accepted(world, signed_token({{"_claim_names", {{"x", "s"}}}}))->are_groups_known);
}

TEST(TokenVerifier, TheSameTokenIsTheSameAnswer) {
  const EntraWorld world;
  const std::string token = signed_token();
  EXPECT_EQ(accepted(world, token), accepted(world, token));
  EXPECT_NE(accepted(world, token), accepted(world, signed_token({{"x", 1}})));
}

TEST(TokenVerifier, ACachedTokenExpires) {
  EntraWorld world;
  const std::string token = signed_token();
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  world.clock.move(3000s + 59s);
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  world.clock.move(1s);
  EXPECT_EQ(outcome_of(world.verify(token)), "expired");
  EXPECT_EQ(outcome_of(world.verify(token)), "expired");
  world.clock.move(-1s);
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted") << "a clock put right";
}

TEST(TokenVerifier, ARemovedKeyEndsCachedTokens) {
  EntraWorld world;
  const std::string token = signed_token();
  const std::string other = TokenSigner::ec().token_of(header("ES256", "E1"), claims());
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  EXPECT_EQ(outcome_of(world.verify(other)), "accepted");
  publish_v2(world, json::array({TokenSigner::ec().jwk("E1")}));
  EXPECT_EQ(outcome_of(world.verify(token)), "unknown_key");
  EXPECT_EQ(outcome_of(world.verify(other)), "accepted") << "its key stayed";
}

TEST(TokenVerifier, AnotherKeyOfTheSameKidEndsCachedTokens) {
  EntraWorld world;
  const std::string token = signed_token();
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  publish_v2(world, json::array({TokenSigner::second_rsa().jwk("K1")}));
  EXPECT_EQ(outcome_of(world.verify(token)), "bad_signature");
}

TEST(TokenVerifier, WithdrawnKeysEndCachedTokens) {
  EntraWorld world;
  const std::string token = signed_token();
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  world.keys->publish(0, TokenVersion::v2, nullptr);
  EXPECT_EQ(outcome_of(world.verify(token)), "keys_unavailable");
}

TEST(TokenVerifier, TheSameKeysAgainEndNothing) {
  EntraWorld world;
  const json keys = json::array({TokenSigner::rsa().jwk("K1")});
  publish_v2(world, keys);
  const std::string token = signed_token();
  const auto before = accepted(world, token);
  publish_v2(world, keys);
  EXPECT_EQ(accepted(world, token), before);
}

TEST(TokenVerifier, ANewKeyIsAskedForOnceAndThenKnown) {
  EntraWorld world;
  const std::string token = TokenSigner::second_rsa().token_of(header("RS256", "NEW"), claims());
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(outcome_of(world.verify(token)), "unknown_key");
  EXPECT_TRUE(world.keys->take_unknown_key(0));
  EXPECT_FALSE(world.keys->take_unknown_key(0)) << "one request, however many tokens";
  EXPECT_FALSE(world.keys->take_unknown_key(1)) << "of that tenant only";
  publish_v2(world,
             json::array({TokenSigner::rsa().jwk("K1"), TokenSigner::second_rsa().jwk("NEW")}));
  EXPECT_EQ(outcome_of(world.verify(token)), "accepted");
  EXPECT_FALSE(world.keys->take_unknown_key(0));
}

TEST(TokenVerifier, OnlyATokenThatIsRightElseAsksForKeys) {
  const EntraWorld world;
  EXPECT_EQ(outcome_of(world.verify(signed_token({{"exp", kEntraNow - 3600}}, "OLD"))),
            "unknown_key");
  EXPECT_EQ(outcome_of(world.verify(signed_token({{"aud", "api://other"}}, "OLD"))), "unknown_key");
  EXPECT_EQ(outcome_of(world.verify(signed_token({{"iss", v2_issuer(kStrangersTenant)}}, "OLD"))),
            "wrong_issuer");
  EXPECT_FALSE(world.keys->take_unknown_key(0));
  EXPECT_FALSE(world.keys->take_unknown_key(1));
}

TEST(TokenVerifier, WithoutKeysNobodyIsRefusedForGood) {
  EntraWorld world;
  world.keys = std::make_shared<EntraKeys>(world.entra);
  const TokenVerifier verifier(world.entra, world.keys, world.clock);
  EXPECT_EQ(outcome_of(verifier.verify(signed_token())), "keys_unavailable");
  EXPECT_EQ(outcome_of(verifier.verify(TokenSigner::attackers_rsa().token_of(header(), claims()))),
            "keys_unavailable");
  // But what no key could make right is refused at once.
  EXPECT_EQ(outcome_of(verifier.verify("x.y.z")), "malformed");
  EXPECT_EQ(outcome_of(verifier.verify(
                signed_token({{"iss", v2_issuer(kStrangersTenant)}, {"tid", kStrangersTenant}}))),
            "wrong_issuer");
}

TEST(TokenVerifier, WithoutASkewTheLimitsAreSharp) {
  EntraWorld world;
  world.entra.clock_skew = 0s;
  const TokenVerifier verifier(world.entra, world.keys, world.clock);
  EXPECT_EQ(outcome_of(verifier.verify(signed_token({{"exp", kEntraNow}}))), "expired");
  EXPECT_EQ(outcome_of(verifier.verify(signed_token({{"exp", kEntraNow + 1}}))), "accepted");
  EXPECT_EQ(outcome_of(verifier.verify(signed_token({{"nbf", kEntraNow + 1}}))), "not_yet_valid");
  EXPECT_EQ(outcome_of(verifier.verify(signed_token({{"nbf", kEntraNow}}))), "accepted");
}

TEST(TokenVerifier, NothingOfTheTokenIsInARefusal) {
  const EntraWorld world;
  const std::string token = signed_token({{"aud", std::string(5000, 'a') + "\n\x1b[31m"}});
  const auto verdict = world.verify(token);
  const auto& refusal = std::get<TokenRefusal>(verdict);
  EXPECT_EQ(refusal.reason, Reason::wrong_audience);
  EXPECT_LE(refusal.detail.size(), 400U);
  EXPECT_EQ(refusal.detail.find('\n'), std::string::npos);
  EXPECT_EQ(refusal.detail.find(token.substr(token.rfind('.') + 1, 16)), std::string::npos);
}

TEST(TokenVerifier, ManyThreadsAndARollover) {
  EntraWorld world;
  const std::string mine = signed_token();
  const std::string other = TokenSigner::ec().token_of(header("ES256", "E1"), claims());
  const json ec = TokenSigner::ec().jwk("E1");
  const json both = json::array({ec, TokenSigner::rsa().jwk("K1")});
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        EXPECT_EQ(outcome_of(world.verify(other)), "accepted");
        const std::string got = outcome_of(world.verify(mine));
        EXPECT_TRUE(got == "accepted" || got == "unknown_key") << got;
      }
    });
  }
  for (int n = 0; n < 50; ++n)
    publish_v2(world, n % 2 == 0 ? json::array({ec}) : both);
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(outcome_of(world.verify(mine)), "accepted");
}

TEST(TokenRefusal, EachReasonHasAName) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Reason::keys_unavailable); ++i)
    names.push_back(name_of(static_cast<Reason>(i)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace spillway::identity
