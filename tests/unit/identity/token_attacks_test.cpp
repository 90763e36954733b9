// Tokens that must not be believed, and some that only look so: what is tried, and what is said to
// it. docs/identity-callers.md groups them as this file does.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <support/entra_world.hpp>

namespace spillway::identity {
namespace {

using namespace test;
using nlohmann::json;
using Reason = TokenRefusal::Reason;

struct Attack {
  const char* name;
  std::string (*make)();
  std::optional<Reason> expected;  // none: accepted
};

std::string outcome(const TokenVerifier::Verdict& verdict) {
  const auto* refusal = std::get_if<TokenRefusal>(&verdict);
  return refusal == nullptr ? "accepted" : std::string(name_of(refusal->reason));
}

void expect_outcomes(std::span<const Attack> attacks) {
  const EntraWorld world;
  for (const Attack& attack : attacks) {
    const std::string token = attack.make();
    const auto verdict = world.verify(token);
    const std::string expected =
        attack.expected ? std::string(name_of(*attack.expected)) : "accepted";
    EXPECT_EQ(outcome(verdict), expected) << attack.name;
    EXPECT_EQ(outcome(world.verify(token)), expected) << attack.name << ", the second time";
    const auto* refusal = std::get_if<TokenRefusal>(&verdict);
    if (refusal == nullptr) continue;
    EXPECT_FALSE(refusal->detail.empty()) << attack.name;
    EXPECT_LE(refusal->detail.size(), 400U) << attack.name;
    const auto is_plain = [](char c) { return c >= 0x20 && c != 0x7F; };
    EXPECT_TRUE(std::all_of(refusal->detail.begin(), refusal->detail.end(), is_plain))
        << attack.name;
  }
}

std::string good() {
  return TokenSigner::rsa().token_of(header(), claims());
}
std::string with_claims(const json& changes) {
  return TokenSigner::rsa().token_of(header(), claims(changes));
}
std::string with_header(const json& changes) {
  json changed = header();
  changed.update(changes);
  return TokenSigner::rsa().token_of(changed.dump(), claims().dump(), "RS256");
}
std::string with_header_text(std::string_view text) {
  return TokenSigner::rsa().token_of(text, claims().dump(), "RS256");
}
std::string with_claims_text(std::string_view text) {
  return TokenSigner::rsa().token_of(header().dump(), text, "RS256");
}
// A claim whose value stands there as JSON text.
std::string with_raw_claim(const std::string& name, const std::string& value) {
  json rest = claims_without(name);
  std::string text = rest.dump();
  text.insert(1, "\"" + name + "\":" + value + ",");
  return with_claims_text(text);
}
std::string with_signature(const std::string& signature) {
  const std::string token = good();
  return token.substr(0, token.rfind('.') + 1) + to_base64url(signature);
}
// One segment of a good token, 0 to 2, replaced by what `change` makes of it.
std::string with_segment(int number, std::string (*change)(std::string)) {
  std::string token = good();
  std::size_t begin = 0;
  for (int i = 0; i < number; ++i)
    begin = token.find('.', begin) + 1;
  const std::size_t end = std::min(token.find('.', begin), token.size());
  return token.replace(begin, end - begin, change(token.substr(begin, end - begin)));
}
std::string signed_es256(const std::string& signature) {
  const std::string text =
      to_base64url(header("ES256", "E1").dump()) + "." + to_base64url(claims().dump());
  return text + "." + to_base64url(signature);
}
std::string with_mac(const std::string& key_id, const std::string& secret) {
  const std::string text =
      to_base64url(header("HS256", key_id).dump()) + "." + to_base64url(claims().dump());
  return text + "." + to_base64url(hmac_sha256(secret, text));
}
std::string unsigned_token(const std::string& algorithm) {
  return TokenSigner::rsa().token_of(header(algorithm), claims());
}
std::string nested(std::size_t levels) {
  return with_raw_claim("deep", std::string(levels, '[') + std::string(levels, ']'));
}
std::string deep_in_a_good_token() {
  return nested(15);
}

const Attack kForm[] = {
    {"good", good, std::nullopt},
    {"empty", [] { return std::string(); }, Reason::malformed},
    {"one word", [] { return std::string("secret"); }, Reason::malformed},
    {"dots only", [] { return std::string(".."); }, Reason::malformed},
    {"two segments", [] { return good().substr(0, good().rfind('.')); }, Reason::malformed},
    {"four segments", [] { return good() + ".AAAA"; }, Reason::malformed},
    {"JWE: five segments", [] { return good() + ".AAAA.AAAA"; }, Reason::malformed},
    {"a dot at the end", [] { return good() + "."; }, Reason::malformed},
    {"empty header", [] { return with_segment(0, [](std::string) { return std::string(); }); },
     Reason::malformed},
    {"empty claims", [] { return with_segment(1, [](std::string) { return std::string(); }); },
     Reason::malformed},
    {"empty signature", [] { return with_segment(2, [](std::string) { return std::string(); }); },
     Reason::bad_signature},
    {"scheme left in front", [] { return "Bearer " + good(); }, Reason::malformed},
    {"padded header", [] { return with_segment(0, [](std::string s) { return s + "="; }); },
     Reason::malformed},
    {"padded claims", [] { return with_segment(1, [](std::string s) { return s + "=="; }); },
     Reason::malformed},
    {"padded signature", [] { return good() + "=="; }, Reason::malformed},
    {"plus of the other alphabet",
     [] { return with_segment(2, [](std::string s) { return "+" + s.substr(1); }); },
     Reason::malformed},
    {"slash of the other alphabet",
     [] { return with_segment(1, [](std::string s) { return s.substr(1) + "/"; }); },
     Reason::malformed},
    {"blank before", [] { return " " + good(); }, Reason::malformed},
    {"line feed after", [] { return good() + "\n"; }, Reason::malformed},
    {"blank in claims", [] { return with_segment(1, [](std::string s) { return s + " "; }); },
     Reason::malformed},
    {"NUL in header",
     [] { return with_segment(0, [](std::string s) { return s + std::string(4, '\0'); }); },
     Reason::malformed},
    {"NUL in claims",
     [] { return with_segment(1, [](std::string s) { return s + std::string(4, '\0'); }); },
     Reason::malformed},
    {"NUL in signature",
     [] { return with_segment(2, [](std::string s) { return s + std::string(4, '\0'); }); },
     Reason::malformed},
    {"UTF-8 in header",
     [] { return with_segment(0, [](std::string s) { return "\xC3\xA9" + s; }); },
     Reason::malformed},
    {"UTF-8 in claims",
     [] { return with_segment(1, [](std::string s) { return "\xC3\xA9" + s; }); },
     Reason::malformed},
    {"UTF-8 in signature",
     [] { return with_segment(2, [](std::string s) { return "\xC3\xA9" + s; }); },
     Reason::malformed},
    {"bits left over in the signature",
     [] {
       // 256 bytes are 341 digits and two bits: the other four of the last one stand for nothing.
       return with_segment(2, [](std::string s) {
         s.back() = s.back() == 'A' ? 'B' : static_cast<char>(s.back() + 1);
         return s;
       });
     },
     Reason::malformed},
    {"a length that no bytes have", [] { return good() + "AAA"; }, Reason::malformed},
    {"larger than 16 KiB",
     [] {
       return with_claims({{"x", std::string(16384, 'x')}});
     },
     Reason::too_large},
    {"16 KiB of dots", [] { return std::string(16384, '.'); }, Reason::malformed},
    {"header larger than 2 KiB",
     [] {
       return with_header({{"x", std::string(2048, 'x')}});
     },
     Reason::too_large},
    {"201 claims",
     [] {
       json many = claims();
       for (int i = 0; many.size() < 201; ++i)
         many["c" + std::to_string(i)] = i;
       return TokenSigner::rsa().token_of(header(), many);
     },
     Reason::too_large},
};

const Attack kJson[] = {
    {"header is an array", [] { return with_header_text(R"(["RS256"])"); }, Reason::malformed},
    {"header is a text", [] { return with_header_text(R"("RS256")"); }, Reason::malformed},
    {"header is null", [] { return with_header_text("null"); }, Reason::malformed},
    {"header is no JSON", [] { return with_header_text("alg=RS256"); }, Reason::malformed},
    {"claims are an array", [] { return with_claims_text("[1]"); }, Reason::malformed},
    {"claims are a number", [] { return with_claims_text("1"); }, Reason::malformed},
    {"claims are a token again", [] { return with_claims_text(good()); }, Reason::malformed},
    {"alg twice", [] { return with_header_text(R"({"alg":"none","alg":"RS256","kid":"K1"})"); },
     Reason::malformed},
    {"kid twice", [] { return with_header_text(R"({"alg":"RS256","kid":"K1","kid":"K1"})"); },
     Reason::malformed},
    {"alg twice, once escaped",
     [] { return with_header_text(R"({"alg":"RS256","kid":"K1","\u0061lg":"none"})"); },
     Reason::malformed},
    {"exp twice",
     [] {
       std::string text = claims().dump();
       return with_claims_text(text.insert(1, R"("exp":1,)"));
     },
     Reason::malformed},
    {"a key twice further in", [] { return with_raw_claim("x", R"([{"a":{"b":1,"b":2}}])"); },
     Reason::malformed},
    {"the same key in two objects",
     [] { return with_raw_claim("x", R"([{"a":1},{"a":{"a":2}}])"); }, std::nullopt},
    {"as deep as may be", deep_in_a_good_token, std::nullopt},
    {"too deep", [] { return nested(16); }, Reason::malformed},
    {"much too deep", [] { return nested(5000); }, Reason::malformed},
    {"much too deep, never closed",
     [] { return with_claims_text("{\"a\":" + std::string(10000, '[')); }, Reason::malformed},
    {"NUL behind the claims",
     [] { return with_claims_text(claims().dump() + std::string(1, '\0') + "x"); },
     Reason::malformed},
    {"something behind the claims", [] { return with_claims_text(claims().dump() + "{}"); },
     Reason::malformed},
    {"byte order mark before the header",
     [] { return with_header_text("\xEF\xBB\xBF" + header().dump()); }, Reason::malformed},
    {"invalid UTF-8 in a claim", [] { return with_raw_claim("x", "\"\xFF\xFE\""); },
     Reason::malformed},
    {"overlong UTF-8 in a claim", [] { return with_raw_claim("x", "\"\xC0\xAF\""); },
     Reason::malformed},
    {"half a surrogate in a claim", [] { return with_raw_claim("x", R"("\ud800")"); },
     Reason::malformed},
    {"a comment", [] { return with_raw_claim("x", "1/**/"); }, Reason::malformed},
    {"a comma too many", [] { return with_raw_claim("x", "[1,]"); }, Reason::malformed},
    {"a huge number elsewhere", [] { return with_raw_claim("x", std::string(400, '9')); },
     Reason::malformed},
    {"white space where JSON has it",
     [] { return with_claims_text(" \n" + claims().dump(2) + "\r\n"); }, std::nullopt},
};

const Attack kAlgorithm[] = {
    {"none", [] { return unsigned_token("none"); }, Reason::unsupported_algorithm},
    {"None", [] { return unsigned_token("None"); }, Reason::unsupported_algorithm},
    {"NONE", [] { return unsigned_token("NONE"); }, Reason::unsupported_algorithm},
    {"nOnE", [] { return unsigned_token("nOnE"); }, Reason::unsupported_algorithm},
    {"none with a signature",
     [] {
       return with_header({{"alg", "none"}});
     },
     Reason::unsupported_algorithm},
    {"alg missing", [] { return with_header_text(R"({"kid":"K1"})"); },
     Reason::unsupported_algorithm},
    {"alg empty",
     [] {
       return with_header({{"alg", ""}});
     },
     Reason::unsupported_algorithm},
    {"alg null",
     [] {
       return with_header({{"alg", nullptr}});
     },
     Reason::unsupported_algorithm},
    {"alg a list",
     [] {
       return with_header({{"alg", {"RS256"}}});
     },
     Reason::unsupported_algorithm},
    {"alg in lower case",
     [] {
       return with_header({{"alg", "rs256"}});
     },
     Reason::unsupported_algorithm},
    {"alg with a blank",
     [] {
       return with_header({{"alg", "RS256 "}});
     },
     Reason::unsupported_algorithm},
    {"alg with a NUL",
     [] {
       return with_header({{"alg", std::string("RS256\0", 6)}});
     },
     Reason::unsupported_algorithm},
    {"RS512",
     [] {
       return with_header({{"alg", "RS512"}});
     },
     Reason::unsupported_algorithm},
    {"RS1",
     [] {
       return with_header({{"alg", "RS1"}});
     },
     Reason::unsupported_algorithm},
    {"EdDSA",
     [] {
       return with_header({{"alg", "EdDSA"}});
     },
     Reason::unsupported_algorithm},
    {"an algorithm of encryption",
     [] {
       return with_header({{"alg", "RSA-OAEP"}});
     },
     Reason::unsupported_algorithm},
    {"HS256 by the public key as PEM",
     [] { return with_mac("K1", TokenSigner::rsa().public_pem()); }, Reason::unsupported_algorithm},
    {"HS256 by the public key as DER",
     [] { return with_mac("K1", TokenSigner::rsa().public_der()); }, Reason::unsupported_algorithm},
    {"HS256 by the modulus", [] { return with_mac("K1", TokenSigner::rsa().modulus()); },
     Reason::unsupported_algorithm},
    {"HS256 by nothing", [] { return with_mac("K1", ""); }, Reason::unsupported_algorithm},
    {"HS256 by a shared key of the set",
     [] { return with_mac("OCT", "a shared secret of 32 bytes ...."); },
     Reason::unsupported_algorithm},
    {"RS256 by a shared key of the set",
     [] { return TokenSigner::rsa().token_of(header("RS256", "OCT"), claims()); },
     Reason::unknown_key},
    {"PS256", [] { return TokenSigner::rsa().token_of(header("PS256"), claims()); }, std::nullopt},
    {"ES256", [] { return TokenSigner::ec().token_of(header("ES256", "E1"), claims()); },
     std::nullopt},
    {"PS256 said, RS256 made",
     [] {
       return with_header({{"alg", "PS256"}});
     },
     Reason::bad_signature},
    {"RS256 said, PS256 made",
     [] { return TokenSigner::rsa().token_of(header().dump(), claims().dump(), "PS256"); },
     Reason::bad_signature},
    {"PS256 without a salt",
     [] {
       const std::string text =
           to_base64url(header("PS256").dump()) + "." + to_base64url(claims().dump());
       return text + "." + to_base64url(TokenSigner::rsa().sign_pss(text, Salt::none));
     },
     Reason::bad_signature},
    {"PS256 with a longer salt",
     [] {
       const std::string text =
           to_base64url(header("PS256").dump()) + "." + to_base64url(claims().dump());
       return text + "." + to_base64url(TokenSigner::rsa().sign_pss(text, Salt::longer));
     },
     Reason::bad_signature},
    {"ES256 with an RSA key's id",
     [] { return TokenSigner::ec().token_of(header("ES256", "K1"), claims()); }, Reason::wrong_key},
    {"RS256 with an EC key's id",
     [] { return TokenSigner::rsa().token_of(header("RS256", "E1"), claims()); },
     Reason::wrong_key},
    {"PS256 with an EC key's id",
     [] { return TokenSigner::rsa().token_of(header("PS256", "E1"), claims()); },
     Reason::wrong_key},
    {"RS256 with a key for PS256 only",
     [] { return TokenSigner::rsa().token_of(header("RS256", "P1"), claims()); },
     Reason::wrong_key},
    {"PS256 with a key for RS256 only",
     [] { return TokenSigner::second_rsa().token_of(header("PS256", "R1"), claims()); },
     Reason::wrong_key},
    {"PS256 with a key for it",
     [] { return TokenSigner::rsa().token_of(header("PS256", "P1"), claims()); }, std::nullopt},
};

const Attack kKey[] = {
    {"kid missing", [] { return with_header_text(R"({"alg":"RS256"})"); }, Reason::missing_key_id},
    {"kid empty",
     [] {
       return with_header({{"kid", ""}});
     },
     Reason::missing_key_id},
    {"kid a number",
     [] {
       return with_header({{"kid", 1}});
     },
     Reason::missing_key_id},
    {"kid a list",
     [] {
       return with_header({{"kid", {"K1"}}});
     },
     Reason::missing_key_id},
    {"kid huge",
     [] {
       return with_header({{"kid", std::string(1000, 'K')}});
     },
     Reason::missing_key_id},
    {"kid unknown",
     [] {
       return with_header({{"kid", "K9"}});
     },
     Reason::unknown_key},
    {"kid in the other case",
     [] {
       return with_header({{"kid", "k1"}});
     },
     Reason::unknown_key},
    {"kid with a blank",
     [] {
       return with_header({{"kid", "K1 "}});
     },
     Reason::unknown_key},
    {"kid cut by a NUL",
     [] {
       return with_header({{"kid", std::string("K1\0x", 4)}});
     },
     Reason::unknown_key},
    {"kid a path",
     [] {
       return with_header({{"kid", "../../../../dev/null"}});
     },
     Reason::unknown_key},
    {"kid an SQL fragment",
     [] {
       return with_header({{"kid", "x' UNION SELECT 'K1';--"}});
     },
     Reason::unknown_key},
    {"kid a command",
     [] {
       return with_header({{"kid", "$(cat /etc/passwd)|id"}});
     },
     Reason::unknown_key},
    {"kid with line feeds for the log",
     [] {
       return with_header({{"kid", "x\r\nlevel=info"}});
     },
     Reason::unknown_key},
    {"kid of a key for encryption",
     [] {
       return with_header({{"kid", "ENC"}});
     },
     Reason::unknown_key},
    {"kid of a key for another algorithm",
     [] {
       return with_header({{"kid", "OAEP"}});
     },
     Reason::unknown_key},
    {"kid of another issuer's key in the set",
     [] {
       return with_header({{"kid", "STRANGER"}});
     },
     Reason::unknown_key},
    {"kid that two keys have",
     [] {
       return with_header({{"kid", "TWICE"}});
     },
     Reason::unknown_key},
    {"kid of a key of 1024 bits",
     [] { return TokenSigner::short_rsa().token_of(header("RS256", "SHORT"), claims()); },
     Reason::unknown_key},
    {"kid of another tenant's key",
     [] { return TokenSigner::second_rsa().token_of(header("RS256", "T2"), claims()); },
     Reason::unknown_key},
    {"kid that only v1 has",
     [] { return TokenSigner::second_rsa().token_of(header("RS256", "V1"), claims()); },
     Reason::unknown_key},
    {"v1 token by a key that only v2 has",
     [] { return TokenSigner::ec().token_of(header("ES256", "E1"), v1_claims()); },
     Reason::unknown_key},
    {"v1 token", [] { return TokenSigner::rsa().token_of(header(), v1_claims()); }, std::nullopt},
    {"the attacker's key under a known kid",
     [] { return TokenSigner::attackers_rsa().token_of(header(), claims()); },
     Reason::bad_signature},
    {"another key of the same set",
     [] { return TokenSigner::second_rsa().token_of(header(), claims()); }, Reason::bad_signature},
    {"another EC key",
     [] { return TokenSigner::second_ec().token_of(header("ES256", "E1"), claims()); },
     Reason::bad_signature},
};

json attackers_header(const json& more) {
  json changed = header();
  changed.update(more);
  return changed;
}
std::string by_attacker(const json& more) {
  return TokenSigner::attackers_rsa().token_of(attackers_header(more), claims());
}

const Attack kHeader[] = {
    {"jwk in the header",
     [] {
       return by_attacker({{"jwk", TokenSigner::attackers_rsa().jwk("K1")}});
     },
     Reason::bad_signature},
    {"jwk in the header, no kid",
     [] {
       json changed = attackers_header({{"jwk", TokenSigner::attackers_rsa().jwk("K1")}});
       changed.erase("kid");
       return TokenSigner::attackers_rsa().token_of(changed, claims());
     },
     Reason::missing_key_id},
    {"jwk in the header under its own kid",
     [] {
       return by_attacker({{"kid", "A1"}, {"jwk", TokenSigner::attackers_rsa().jwk("A1")}});
     },
     Reason::unknown_key},
    {"jku in the header",
     [] {
       return by_attacker({{"jku", "https://attacker.test/keys"}});
     },
     Reason::bad_signature},
    {"x5u in the header",
     [] {
       return by_attacker({{"x5u", "https://attacker.test/cert"}});
     },
     Reason::bad_signature},
    {"x5c in the header",
     [] {
       return by_attacker({{"x5c", {"MIIB"}}});
     },
     Reason::bad_signature},
    {"x5t in the header",
     [] {
       return by_attacker({{"x5t", "K1"}});
     },
     Reason::bad_signature},
    {"jku of the attacker, signature of the issuer",
     [] {
       return with_header({{"jku", "https://attacker.test/keys"}});
     },
     std::nullopt},
    {"crit",
     [] {
       return with_header({{"crit", {"exp"}}, {"exp", 1}});
     },
     Reason::unsupported_header},
    {"crit empty",
     [] {
       return with_header({{"crit", json::array()}});
     },
     Reason::unsupported_header},
    {"b64",
     [] {
       return with_header({{"b64", false}});
     },
     Reason::unsupported_header},
    {"zip",
     [] {
       return with_header({{"zip", "DEF"}});
     },
     Reason::unsupported_header},
    {"enc",
     [] {
       return with_header({{"enc", "A256GCM"}});
     },
     Reason::unsupported_header},
    {"a token in the token (cty)",
     [] {
       return with_header({{"cty", "JWT"}});
     },
     Reason::unsupported_header},
    {"typ of a logout token",
     [] {
       return with_header({{"typ", "logout+jwt"}});
     },
     Reason::unsupported_header},
    {"typ no text",
     [] {
       return with_header({{"typ", 1}});
     },
     Reason::unsupported_header},
    {"typ at+jwt",
     [] {
       return with_header({{"typ", "at+JWT"}});
     },
     std::nullopt},
    {"typ missing", [] { return with_header_text(R"({"alg":"RS256","kid":"K1"})"); }, std::nullopt},
};

// The order of P-256's group: no r or s is that large.
const std::string kP256Order = "\xFF\xFF\xFF\xFF" + std::string(4, '\0') + std::string(8, '\xFF') +
                               "\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51";

const Attack kSignature[] = {
    {"truncated",
     [] { return with_segment(2, [](std::string s) { return s.substr(0, s.size() - 6); }); },
     Reason::bad_signature},
    {"a byte too many", [] { return with_signature(std::string(257, 'x')); },
     Reason::bad_signature},
    {"zeros", [] { return with_signature(std::string(256, '\0')); }, Reason::bad_signature},
    {"one byte", [] { return with_signature("x"); }, Reason::bad_signature},
    {"huge", [] { return with_signature(std::string(8000, 'x')); }, Reason::bad_signature},
    {"of another token",
     [] {
       const std::string other = with_claims({{"roles", {"Gateway.Admin"}}});
       return other.substr(0, other.rfind('.')) + good().substr(good().rfind('.'));
     },
     Reason::bad_signature},
    {"claims swapped",
     [] {
       return with_segment(1, [](std::string) {
         return to_base64url(claims({{"roles", {"Gateway.Admin"}}}).dump());
       });
     },
     Reason::bad_signature},
    {"header written otherwise",
     [] { return with_segment(0, [](std::string) { return to_base64url(header().dump(1)); }); },
     Reason::bad_signature},
    {"ES256 as DER",
     [] {
       const std::string text =
           to_base64url(header("ES256", "E1").dump()) + "." + to_base64url(claims().dump());
       return text + "." + to_base64url(TokenSigner::ec().sign_der(text));
     },
     Reason::bad_signature},
    {"ES256, r and s zero", [] { return signed_es256(std::string(64, '\0')); },
     Reason::bad_signature},
    {"ES256, r zero", [] { return signed_es256(std::string(32, '\0') + std::string(32, '\1')); },
     Reason::bad_signature},
    {"ES256, s zero", [] { return signed_es256(std::string(32, '\1') + std::string(32, '\0')); },
     Reason::bad_signature},
    {"ES256, r and s the group's order", [] { return signed_es256(kP256Order + kP256Order); },
     Reason::bad_signature},
    {"ES256, 63 bytes", [] { return signed_es256(std::string(63, '\1')); }, Reason::bad_signature},
    {"ES256, 65 bytes", [] { return signed_es256(std::string(65, '\1')); }, Reason::bad_signature},
    {"ES256, 96 bytes of ES384", [] { return signed_es256(std::string(96, '\1')); },
     Reason::bad_signature},
};

TEST(TokenAttacks, OnTheForm) {
  expect_outcomes(kForm);
}
TEST(TokenAttacks, OnTheJson) {
  expect_outcomes(kJson);
}
TEST(TokenAttacks, OnTheAlgorithm) {
  expect_outcomes(kAlgorithm);
}
TEST(TokenAttacks, OnTheKey) {
  expect_outcomes(kKey);
}
TEST(TokenAttacks, OnTheHeader) {
  expect_outcomes(kHeader);
}
TEST(TokenAttacks, OnTheSignature) {
  expect_outcomes(kSignature);
}

}  // namespace
}  // namespace spillway::identity
