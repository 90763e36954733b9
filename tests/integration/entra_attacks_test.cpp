// Tokens that are not what they seem, over real sockets: each is refused with the same 401, and the
// log says which trick it was. The pure half of the table is in tests/unit/identity.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace spillway::integration {
namespace {

using simulator::MintRequest;
using simulator::SignWith;
using simulator::TokenVersion;

struct AttackRow {
  std::string name;
  std::function<void(MintRequest&)> change;
  std::string reason;  // empty: it is accepted
};

std::function<void(MintRequest&)> header(const std::string& members) {
  return [members](MintRequest& request) { request.header = members; };
}
std::function<void(MintRequest&)> claims(const std::string& members) {
  return [members](MintRequest& request) { request.claims = members; };
}
std::function<void(MintRequest&)> raw_claim(const std::string& name, const std::string& json) {
  return [name, json](MintRequest& request) { request.raw_claims = {{name, json}}; };
}
std::function<void(MintRequest&)> signed_with(SignWith key) {
  return [key](MintRequest& request) { request.sign_with = key; };
}
void nothing(MintRequest&) {}

const std::vector<AttackRow> kRows = {
    {"an honest token", nothing, ""},
    {"an honest token of version 1",
     [](MintRequest& request) { request.version = TokenVersion::v1; }, ""},
    {"no signature, alg none", signed_with(SignWith::none), "unsupported_algorithm"},
    {"HMAC with the public key", signed_with(SignWith::hs256_public_key), "unsupported_algorithm"},
    {"HMAC called RS256",
     [](MintRequest& request) {
       request.sign_with = SignWith::hs256_public_key;
       request.header = R"({"alg":"RS256"})";
     },
     "bad_signature"},
    {"one byte of the signature altered", signed_with(SignWith::broken), "bad_signature"},
    {"a key of nobody", signed_with(SignWith::other), "unknown_key"},
    {"a key of nobody under the kid of a known one",
     [](MintRequest& request) {
       request.sign_with = SignWith::other;
       request.embeds_jwk = true;
       request.header = R"({"kid":"KNOWN"})";
     },
     "bad_signature"},
    {"a key of nobody, its certificate embedded",
     [](MintRequest& request) {
       request.sign_with = SignWith::other;
       request.embeds_x5c = true;
     },
     "unknown_key"},
    {"a key of nobody, with jku",
     [](MintRequest& request) {
       request.sign_with = SignWith::other;
       request.header = R"({"jku":"http://127.0.0.1:1/keys","x5u":"http://127.0.0.1:1/cert"})";
     },
     "unknown_key"},
    {"a key that was not published yet", signed_with(SignWith::next_unpublished), "unknown_key"},
    {"crit", header(R"({"crit":["exp"]})"), "unsupported_header"},
    {"no kid", header(R"({"kid":null})"), "missing_key_id"},
    {"a kid that is a path", header(R"({"kid":"../../../../dev/null"})"), "unknown_key"},
    {"a kid that is no text", header(R"({"kid":["a"]})"), "missing_key_id"},
    {"alg in small letters", header(R"({"alg":"rs256"})"), "unsupported_algorithm"},
    {"alg of another size", header(R"({"alg":"RS512"})"), "unsupported_algorithm"},
    {"wrong audience", claims(R"({"aud":"https://cognitiveservices.azure.com"})"),
     "wrong_audience"},
    {"audience with a slash more", claims(R"({"aud":"api://spillway/"})"), "wrong_audience"},
    {"no audience", claims(R"({"aud":null})"), "wrong_audience"},
    {"another tenant's issuer",
     [](MintRequest& request) { request.tenant = "77777777-7777-4777-8777-777777777777"; },
     "wrong_issuer"},
    {"issuer of common", claims(R"({"iss":"https://login.microsoftonline.com/common/v2.0"})"),
     "wrong_issuer"},
    {"tid of another tenant", claims(R"({"tid":"77777777-7777-4777-8777-777777777777"})"),
     "wrong_tenant"},
    {"no tid", claims(R"({"tid":null})"), "wrong_tenant"},
    {"expired", [](MintRequest& request) { request.lifetime = std::chrono::seconds(-61); },
     "expired"},
    {"expired within the leeway",
     [](MintRequest& request) { request.lifetime = std::chrono::seconds(-30); }, ""},
    {"not valid yet",
     [](MintRequest& request) { request.not_before_offset = std::chrono::seconds(120); },
     "not_yet_valid"},
    {"no exp", claims(R"({"exp":null})"), "invalid_claim"},
    {"exp as a text", claims(R"({"exp":"4102444800"})"), "invalid_claim"},
    {"exp twice", raw_claim("exp", "4102444800"), "malformed"},
    {"aud twice", raw_claim("aud", "\"api://spillway\""), "malformed"},
    {"a header that is no JSON", [](MintRequest& request) { request.header_text = "{"; },
     "malformed"},
    {"a payload that is no object", [](MintRequest& request) { request.payload_text = "[]"; },
     "malformed"},
};

class EntraAttacks : public ::testing::Test {
 protected:
  EntraAttacks() {
    EXPECT_TRUE(eventually([&] { return keys()["state"] == "ok"; })) << keys();
  }

  [[nodiscard]] nlohmann::json keys() const {
    return nlohmann::json::parse(get(gateway.admin_port(), "/status").body)["entra"][0];
  }
  GatewayYaml changes() {
    GatewayYaml made;
    made.clients =
        "clients: [ { name: app, entra: { app_ids: [ 11111111-1111-4111-8111-111111111111 ] } } ]";
    made.more = "entra: { tenants: [ " + kTenant + " ], audiences: [ \"" + kAudience +
                "\" ], authority_host: \"" + simulator->url("identity") + "\" }\n";
    return made;
  }
  [[nodiscard]] std::string mint(const AttackRow& row) {
    MintRequest request;
    request.tenant = kTenant;
    request.audience = kAudience;
    row.change(request);
    const auto place = request.header.find("KNOWN");
    if (place != std::string::npos) request.header.replace(place, 5, known_key_id());
    return simulator->mint_token(request);
  }
  [[nodiscard]] std::string known_key_id() const {
    const Answer answer = get(simulator->port("identity"), "/" + kTenant + "/discovery/v2.0/keys");
    return nlohmann::json::parse(answer.body)["keys"][0]["kid"];
  }
  Answer ask(const std::string& token) const {
    Request request = chat("gpt-4o");
    request.headers[0] = {"authorization", "Bearer " + token};
    return send(gateway.port(), request);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator, changes())};
};

TEST_F(EntraAttacks, EachIsRefusedAlikeAndTheLogSaysWhichItWas) {
  std::string said;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const AttackRow& row = kRows[i];
    SCOPED_TRACE(row.name);
    const std::string token = mint(row);
    const Answer answer = ask(token);
    const auto record = gateway.wait_for_records(i + 1).back();
    if (row.reason.empty()) {
      EXPECT_EQ(answer.status, 200U) << record.error;
      continue;
    }
    EXPECT_EQ(answer.status, 401U);
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_invalid_token");
    if (said.empty()) said = answer.body;
    EXPECT_EQ(answer.body, said);
    EXPECT_TRUE(record.error.starts_with(row.reason + ": ")) << record.error;
  }
}

}  // namespace
}  // namespace spillway::integration
