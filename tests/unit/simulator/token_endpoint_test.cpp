#include "simulator/token_endpoint.hpp"

#include "simulator/entra_errors.hpp"
#include "simulator/identity_service.hpp"
#include "support/wire_sample.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kTenant = "33333333-3333-4333-8333-333333333333";
constexpr const char* kClient = "11111111-1111-4111-8111-111111111111";

TEST(EntraErrors, AreTheSamplesByteForByte) {
  const std::vector<std::pair<const char*, const char*>> bodies{
      {"aad_bad_scope", "aad-400-bad-scope"},
      {"aad_federation_mismatch", "aad-400-federation-mismatch"},
      {"aad_unknown_app", "aad-400-unknown-app"},
      {"aad_unknown_tenant", "aad-400-unknown-tenant"},
      {"aad_bad_assertion", "aad-401-bad-assertion"},
      {"aad_bad_secret", "aad-401-bad-secret"},
      {"aad_expired_secret", "aad-401-expired-secret"},
      {"aad_429", "aad-429"},
      {"imds_429", "imds-429"},
      {"imds_not_found", "imds-400-identity-not-found"},
      {"imds_no_header", "imds-400-no-metadata-header"}};
  for (const auto& [name, file] : bodies) {
    const auto answer = identity_answer_named(name);
    ASSERT_TRUE(answer) << name;
    EXPECT_EQ(answer->body, test::read_wire_sample("token/" + std::string(file) + ".json"));
  }
  EXPECT_EQ(error_named("expires_zero")->status, 200U);
  EXPECT_FALSE(identity_answer_named("nonsense"));
}

class TokenEndpointTest : public testing::Test {
 protected:
  TokenEndpointTest() { issuer_.set_authority("https://login.test"); }

  Reply ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    if (!service_) service_ = std::make_unique<IdentityService>(identity_, issuer_);
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers = {{"Host", "login.test"}};
    boost::asio::io_context loop;
    auto reply = boost::asio::co_spawn(loop, service_->answer(request), boost::asio::use_future);
    loop.run();
    return reply.get();
  }

  json post(const std::string& path, const std::string& body) {
    const auto reply = ask("POST", "/" + std::string(kTenant) + path, body);
    status_ = reply.status;
    return json::parse(reply.body);
  }

  int code_of(const std::string& body) {
    return post("/oauth2/v2.0/token", body)["error_codes"][0].get<int>();
  }

  Issuer issuer_;
  Identity identity_;
  std::unique_ptr<IdentityService> service_;
  unsigned status_ = 0;
};

const std::string kFormStart = std::string("grant_type=client_credentials&client_id=") + kClient;
const std::string kScope = "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default";

TEST_F(TokenEndpointTest, Version2AnswersWithNumbers) {
  identity_.refresh_in = std::chrono::seconds(1'800);
  const auto body = post("/oauth2/v2.0/token", kFormStart + kScope + "&client_secret=x");
  EXPECT_EQ(status_, 200U);
  EXPECT_EQ(body["expires_in"], 3'599);
  EXPECT_EQ(body["ext_expires_in"], 3'599);
  EXPECT_EQ(body["refresh_in"], 1'800);
  EXPECT_TRUE(issuer_.accepts(body["access_token"].get<std::string>(),
                              {"https://cognitiveservices.azure.com"}, issuer_.now()));
}

TEST_F(TokenEndpointTest, Version1AnswersWithText) {
  const std::string resource = "&resource=https%3A%2F%2Fcognitiveservices.azure.com";
  const auto body = post("/oauth2/token", kFormStart + resource + "&client_secret=x");
  EXPECT_EQ(body["expires_in"], "3599");
  EXPECT_EQ(body["ext_expires_in"], "3599");
  EXPECT_TRUE(body["expires_on"].is_string());
  EXPECT_TRUE(body["not_before"].is_string());
  EXPECT_EQ(body["resource"], "https://cognitiveservices.azure.com");
  const auto refused = post("/oauth2/token", kFormStart + "&client_secret=x");
  EXPECT_EQ(refused["error_codes"][0], 900144);
}

TEST_F(TokenEndpointTest, EveryRefusalHasItsCode) {
  identity_.tenants = {kTenant};
  identity_.apps = {{kClient, "right", "old"}};
  EXPECT_EQ(code_of(kFormStart + kScope + "&client_secret=wrong"), 7000215);
  EXPECT_EQ(status_, 401U);
  EXPECT_EQ(code_of(kFormStart + kScope + "&client_secret=old"), 7000222);
  EXPECT_EQ(code_of(kFormStart + kScope), 7000218);
  EXPECT_EQ(code_of("grant_type=client_credentials&client_id=nobody" + kScope), 700016);
  EXPECT_EQ(code_of(kScope.substr(1)), 900144);
  EXPECT_EQ(code_of("grant_type=password"), 70003);
  EXPECT_EQ(code_of(kFormStart + "&client_secret=right"), 70011);
  EXPECT_EQ(status_, 400U);
  EXPECT_EQ(code_of(kFormStart + "&scope=a%2F.default+b%2F.default&client_secret=right"), 70011);
  EXPECT_EQ(code_of(kFormStart + kScope + "&client_assertion=x"), 900144);
  EXPECT_EQ(code_of(kFormStart + kScope +
                    "&client_assertion=x&client_assertion_type="
                    "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"),
            700027);
  EXPECT_THAT(ask("POST", "/other/oauth2/v2.0/token", kFormStart).body, HasSubstr("AADSTS90002"));
  EXPECT_THAT(ask("GET", "/t/oauth2/v2.0/token").body, HasSubstr("AADSTS900561"));
  EXPECT_EQ(post("/oauth2/v2.0/token", kFormStart + kScope + "&client_secret=right")["token_type"],
            "Bearer");
}

TEST_F(TokenEndpointTest, DocumentsMayBeKeptForADay) {
  identity_.tenants = {kTenant};
  const auto base = "/" + std::string(kTenant);
  for (const auto* path : {"/v2.0/.well-known/openid-configuration", "/discovery/v2.0/keys",
                           "/.well-known/openid-configuration", "/discovery/keys"}) {
    const auto reply = ask("GET", base + path);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.headers[1], (Header{"Cache-Control", "max-age=86400, private"}));
  }
  const auto v2 = json::parse(ask("GET", "/common/discovery/v2.0/keys").body);
  EXPECT_EQ(v2["keys"][0]["issuer"], "https://login.test/{tenantid}/v2.0");
  const auto v1 = json::parse(ask("GET", base + "/discovery/keys").body);
  EXPECT_FALSE(v1["keys"][0].contains("issuer"));
  const auto unknown = ask("GET", "/other/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_THAT(unknown.body, HasSubstr("invalid_tenant"));
}

TEST_F(TokenEndpointTest, ItsClockMayBeAhead) {
  identity_.clock_skew = std::chrono::hours(1);
  const auto before = std::chrono::system_clock::now();
  const auto reply = ask("POST", "/t/oauth2/v2.0/token", kFormStart + kScope + "&client_secret=x");
  const auto token = json::parse(reply.body)["access_token"].get<std::string>();
  const std::vector<std::string> audiences{"https://cognitiveservices.azure.com"};
  EXPECT_TRUE(issuer_.accepts(token, audiences, issuer_.now()));
  EXPECT_GE(issuer_.now(), before + std::chrono::hours(1));
  EXPECT_TRUE(issuer_.accepts(token, audiences, before + std::chrono::minutes(119)));
}

TEST_F(TokenEndpointTest, ACertificateThatIsNotThereEndsTheStart) {
  App app{kClient};
  app.certificate_file = "/nowhere/app.pem";
  identity_.apps = {app};
  EXPECT_THROW(IdentityService(identity_, issuer_), std::runtime_error);
}

}  // namespace
}  // namespace spillway::simulator
