#include <spillway/identity/json_web_key_set.hpp>

#include <gtest/gtest.h>

#include <support/entra_world.hpp>

namespace spillway::identity {
namespace {

using namespace test;
using nlohmann::json;

const KeyOwner kOwner{"https://login.microsoftonline.com/33333333-3333-4333-8333-333333333333/v2.0",
                      "33333333-3333-4333-8333-333333333333"};

base::Result<JsonWebKeySet> parse(const json& keys) {
  return JsonWebKeySet::parse(json({{"keys", keys}}).dump(), kOwner);
}

bool is_taken(const json& key) {
  const auto set = parse(json::array({key}));
  return set && set->size() == 1 && set->left_out() == 0 && set->find("K") != nullptr;
}

json rsa_with(const json& changes) {
  return TokenSigner::rsa().jwk("K", changes);
}

json rsa_without(const char* name) {
  json key = rsa_with(json::object());
  key.erase(name);
  return key;
}

json ec_with(const json& changes) {
  return TokenSigner::ec().jwk("K", changes);
}

std::string modulus_of(std::size_t bytes, char last) {
  std::string modulus(bytes, '\xFF');
  modulus.back() = last;
  return to_base64url(modulus);
}

TEST(JsonWebKeySet, TakesKeysThatMaySign) {
  EXPECT_TRUE(is_taken(rsa_with(json::object())));
  EXPECT_TRUE(is_taken(rsa_without("use")));
  EXPECT_TRUE(is_taken(rsa_with({{"alg", "RS256"}})));
  EXPECT_TRUE(is_taken(rsa_with({{"key_ops", {"verify"}}})));
  EXPECT_TRUE(is_taken(rsa_with({{"issuer", kOwner.issuer}})));
  EXPECT_TRUE(is_taken(rsa_with({{"issuer", kAuthority + "/{tenantid}/v2.0"}})));
  EXPECT_TRUE(is_taken(rsa_with({{"x5c", {"not looked at"}}, {"x5t", 7}})));
  EXPECT_TRUE(is_taken(rsa_with({{"n", modulus_of(2048, '\x01')}}))) << "16384 bits";
  EXPECT_TRUE(is_taken(ec_with(json::object())));
  EXPECT_TRUE(is_taken(ec_with({{"alg", "ES256"}})));
}

TEST(JsonWebKeySet, LeavesOutTheOthersAndKeepsTheRest) {
  const std::pair<const char*, json> rows[] = {
      {"no object", 7},
      {"no kid", rsa_without("kid")},
      {"kid empty", rsa_with({{"kid", ""}})},
      {"kid a number", rsa_with({{"kid", 1}})},
      {"kid too long", rsa_with({{"kid", std::string(257, 'k')}})},
      {"no kty", rsa_without("kty")},
      {"kty oct", rsa_with({{"kty", "oct"}})},
      {"kty OKP", rsa_with({{"kty", "OKP"}})},
      {"kty in lower case", rsa_with({{"kty", "rsa"}})},
      {"use enc", rsa_with({{"use", "enc"}})},
      {"use null", rsa_with({{"use", nullptr}})},
      {"key_ops without verify", rsa_with({{"key_ops", {"encrypt"}}})},
      {"alg of encryption", rsa_with({{"alg", "RSA-OAEP"}})},
      {"alg none", rsa_with({{"alg", "none"}})},
      {"alg a number", rsa_with({{"alg", 256}})},
      {"another issuer", rsa_with({{"issuer", v2_issuer(kStrangersTenant)}})},
      {"issuer null", rsa_with({{"issuer", nullptr}})},
      {"no n", rsa_without("n")},
      {"no e", rsa_without("e")},
      {"n padded", rsa_with({{"n", rsa_with(json::object())["n"].get<std::string>() + "="}})},
      {"n of 2040 bits", rsa_with({{"n", modulus_of(255, '\x01')}})},
      {"n of 2047 bits and a zero",
       rsa_with({{"n", to_base64url('\0' + std::string(255, '\xFF'))}})},
      {"n even", rsa_with({{"n", modulus_of(256, '\x02')}})},
      {"n too long", rsa_with({{"n", modulus_of(2049, '\x01')}})},
      {"n empty", rsa_with({{"n", ""}})},
      {"e even", rsa_with({{"e", to_base64url("\x02")}})},
      {"e one", rsa_with({{"e", to_base64url("\x01")}})},
      {"e zero", rsa_with({{"e", to_base64url(std::string(1, '\0'))}})},
      {"e empty", rsa_with({{"e", ""}})},
      {"e too long", rsa_with({{"e", to_base64url(std::string(9, '\x01'))}})},
      {"1024 bits", TokenSigner::short_rsa().jwk("K")},
      {"P-384", ec_with({{"crv", "P-384"}})},
      {"no curve", ec_with({{"crv", nullptr}})},
      {"not on the curve", ec_with({{"y", ec_with(json::object())["x"]}})},
      {"the point at infinity", ec_with({{"x", to_base64url(std::string(32, '\0'))},
                                         {"y", to_base64url(std::string(32, '\0'))}})},
      {"x beyond the field", ec_with({{"x", to_base64url(std::string(32, '\xFF'))}})},
      {"x of 31 bytes", ec_with({{"x", to_base64url(std::string(31, '\x01'))}})},
      {"x of 33 bytes", ec_with({{"x", to_base64url(std::string(33, '\x01'))}})},
  };
  const json good = TokenSigner::second_rsa().jwk("GOOD");
  for (const auto& [name, key] : rows) {
    const auto set = parse(json::array({key, good}));
    ASSERT_TRUE(set) << name;
    EXPECT_EQ(set->size(), 1U) << name;
    EXPECT_EQ(set->left_out(), 1U) << name;
    EXPECT_NE(set->find("GOOD"), nullptr) << name;
  }
}

TEST(JsonWebKeySet, AKidStandsForOneKeyOrNone) {
  const auto set = parse(json::array(
      {TokenSigner::rsa().jwk("A"), TokenSigner::second_rsa().jwk("B"), TokenSigner::rsa().jwk("B"),
       TokenSigner::ec().jwk("C"), TokenSigner::ec().jwk("C"), TokenSigner::rsa().jwk("D"),
       TokenSigner::rsa().jwk("D", {{"alg", "RS256"}})}));
  ASSERT_TRUE(set);
  EXPECT_NE(set->find("A"), nullptr);
  EXPECT_EQ(set->find("B"), nullptr) << "two keys";
  EXPECT_NE(set->find("C"), nullptr) << "one key, written twice";
  EXPECT_EQ(set->find("D"), nullptr) << "one key, but for what?";
  EXPECT_EQ(set->size(), 2U);
  EXPECT_EQ(set->left_out(), 5U);
}

TEST(JsonWebKeySet, FindsKeysByTheWholeKid) {
  const auto set = parse(json::array({TokenSigner::rsa().jwk("b"), TokenSigner::ec().jwk("a"),
                                      TokenSigner::rsa().jwk(std::string("b\0c", 3))}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find("a")->type, JsonWebKey::Type::ec_p256);
  EXPECT_EQ(set->find("b")->type, JsonWebKey::Type::rsa);
  EXPECT_NE(set->find(std::string_view("b\0c", 3)), nullptr);
  for (const std::string_view absent : {"", "A", "aa", "b ", "c"})
    EXPECT_EQ(set->find(absent), nullptr) << absent;
}

TEST(JsonWebKeySet, TheOrderMeansNothing) {
  const json forward = json::array({TokenSigner::rsa().jwk("A"), TokenSigner::ec().jwk("B")});
  const json backward = json::array({forward[1], forward[0]});
  for (const json& keys : {forward, backward}) {
    const auto set = parse(keys);
    ASSERT_TRUE(set);
    EXPECT_EQ(set->find("A")->type, JsonWebKey::Type::rsa);
    EXPECT_EQ(set->find("B")->type, JsonWebKey::Type::ec_p256);
  }
}

TEST(JsonWebKeySet, AnEmptyOneIsOneWithoutKeys) {
  const auto set = parse(json::array());
  ASSERT_TRUE(set);
  EXPECT_EQ(set->size(), 0U);
  EXPECT_EQ(set->find("K"), nullptr);
}

TEST(JsonWebKeySet, RefusesWhatIsNoKeySet) {
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        std::string(R"({"keys":{}})"), std::string(R"({"keys":[],"keys":[]})"),
        std::string(R"({"keys":[{"kid":"a","kid":"b"}]})"), std::string(R"({"keys":[)"),
        R"({"keys":)" + std::string(100000, '[')})
    EXPECT_FALSE(JsonWebKeySet::parse(text, kOwner)) << text.substr(0, 80);
}

TEST(JsonWebKeySet, IsBounded) {
  json many = json::array();
  for (std::size_t i = 0; i < JsonWebKeySet::kMaxKeys; ++i)
    many.push_back({{"kid", std::to_string(i)}, {"kty", "oct"}});
  EXPECT_TRUE(parse(many));
  many.push_back({{"kid", "x"}});
  EXPECT_FALSE(parse(many));
  const std::string large =
      R"({"keys":[],"x":")" + std::string(JsonWebKeySet::kMaxBytes, 'x') + R"("})";
  EXPECT_FALSE(JsonWebKeySet::parse(large, kOwner));
}

}  // namespace
}  // namespace spillway::identity
