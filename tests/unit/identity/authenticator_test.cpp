#include <spillway/base/text.hpp>
#include <spillway/identity/authenticator.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <initializer_list>
#include <support/entra_world.hpp>

namespace spillway::identity {
namespace {

config::ClientKey key_of(const std::string& text) {
  config::ClientKey key;
  key.sha256.resize(SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(key.sha256.data()));
  return key;
}

config::Client client_with_keys(const std::string& name, std::initializer_list<const char*> keys) {
  config::Client client;
  client.name = name;
  client.pool = "pool-of-" + name;
  for (const char* key : keys)
    client.keys.push_back(key_of(key));
  return client;
}

config::Configuration two_clients() {
  config::Configuration configuration;
  configuration.clients.push_back(client_with_keys("chatbot", {"key-1", "key-2"}));
  configuration.clients.push_back(client_with_keys("nightly", {"key-3"}));
  return configuration;
}

std::variant<Caller, Denial> present(const config::Configuration& configuration,
                                     std::vector<base::Field> headers) {
  return Authenticator(configuration).authenticate(headers);
}

void expect_denied(const std::variant<Caller, Denial>& verdict, std::string_view code) {
  const auto* denial = std::get_if<Denial>(&verdict);
  ASSERT_NE(denial, nullptr);
  EXPECT_EQ(denial->status, 401U);
  EXPECT_EQ(denial->code, code);
  EXPECT_FALSE(denial->message.empty());
}

TEST(Authenticator, EveryKeyNamesItsClient) {
  const config::Configuration configuration = two_clients();
  const std::pair<const char*, const char*> rows[] = {
      {"key-1", "chatbot"}, {"key-2", "chatbot"}, {"key-3", "nightly"}};
  for (const auto& [key, name] : rows) {
    const auto verdict = present(configuration, {{"api-key", key}});
    const auto* caller = std::get_if<Caller>(&verdict);
    ASSERT_NE(caller, nullptr) << key;
    EXPECT_EQ(caller->name, name);
    EXPECT_EQ(caller->pool, "pool-of-" + std::string(name));
    EXPECT_EQ(caller->client->name, name);
    const std::string bearer = "Bearer " + std::string(key);
    const auto again = present(configuration, {{"Authorization", bearer}});
    ASSERT_TRUE(std::holds_alternative<Caller>(again)) << key;
    EXPECT_EQ(std::get<Caller>(again).name, name);
  }
}

TEST(Authenticator, ADigestInTheConfigurationIsEnough) {
  config::Configuration configuration;
  config::Client client;
  client.name = "c";
  config::ClientKey key;
  // SHA-256 of "test".
  key.sha256 =
      base::from_hex("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").value();
  client.keys.push_back(key);
  configuration.clients.push_back(client);
  EXPECT_TRUE(std::holds_alternative<Caller>(present(configuration, {{"api-key", "test"}})));
  expect_denied(
      present(configuration,
              {{"api-key", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}),
      "spillway_invalid_credential");
}

TEST(Authenticator, RefusalsHaveTheirCodes) {
  const config::Configuration configuration = two_clients();
  expect_denied(present(configuration, {}), "spillway_missing_credential");
  expect_denied(present(configuration, {{"authorization", "Basic dTpw"}}),
                "spillway_missing_credential");
  expect_denied(present(configuration, {{"api-key", "key-4"}}), "spillway_invalid_credential");
  expect_denied(present(configuration, {{"api-key", "KEY-1"}}), "spillway_invalid_credential");
  expect_denied(present(configuration, {{"api-key", "key-1,key-2"}}),
                "spillway_invalid_credential");
  expect_denied(present(configuration, {{"api-key", "key-1"}, {"authorization", "Bearer key-2"}}),
                "spillway_ambiguous_credential");
  expect_denied(present(configuration, {{"api-key", "key-1"}, {"api-key", "key-1"}}),
                "spillway_ambiguous_credential");
}

TEST(Authenticator, ARefusalDoesNotRepeatTheKey) {
  const auto verdict = present(two_clients(), {{"api-key", "s3cret-guess"}});
  EXPECT_THAT(std::get<Denial>(verdict).message, testing::Not(testing::HasSubstr("s3cret-guess")));
}

TEST(Authenticator, AnonymousIsForThoseWithoutACredential) {
  config::Configuration configuration = two_clients();
  configuration.anonymous = config::Anonymous{"open"};
  const auto verdict = present(configuration, {});
  ASSERT_TRUE(std::holds_alternative<Caller>(verdict));
  EXPECT_EQ(std::get<Caller>(verdict).client, nullptr);
  EXPECT_EQ(std::get<Caller>(verdict).name, "anonymous");
  EXPECT_EQ(std::get<Caller>(verdict).pool, "open");
  EXPECT_EQ(std::get<Caller>(present(configuration, {{"api-key", "key-3"}})).name, "nightly");
  expect_denied(present(configuration, {{"api-key", "wrong"}}), "spillway_invalid_credential");
}

TEST(Authenticator, WhereNobodyHasAKeyNoneIsWrong) {
  config::Configuration configuration;
  configuration.anonymous = config::Anonymous{"open"};
  EXPECT_EQ(std::get<Caller>(present(configuration, {{"api-key", "whatever"}})).name, "anonymous");
}

TEST(Authenticator, WithoutClientsNobodyComesIn) {
  const config::Configuration configuration;
  expect_denied(present(configuration, {{"api-key", "k"}}), "spillway_invalid_credential");
  expect_denied(present(configuration, {}), "spillway_missing_credential");
}

TEST(Authenticator, AnEmptyKeyMatchesNothing) {
  config::Configuration configuration;
  configuration.clients.push_back(client_with_keys("odd", {""}));
  expect_denied(present(configuration, {{"api-key", ""}}), "spillway_missing_credential");
}

TEST(Authenticator, DeploymentsByGlob) {
  config::Client client = client_with_keys("chatbot", {"k"});
  const Caller caller{&client, client.name, client.pool};
  EXPECT_FALSE(Authenticator::check_deployment(caller, "anything"));
  client.deployments = {"gpt-4o*", "text-embedding-3-?mall"};
  EXPECT_FALSE(Authenticator::check_deployment(caller, "gpt-4o-mini"));
  EXPECT_FALSE(Authenticator::check_deployment(caller, "text-embedding-3-small"));
  EXPECT_FALSE(Authenticator::check_deployment(caller, ""));
  const auto denial = Authenticator::check_deployment(caller, "o3");
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->status, 403U);
  EXPECT_EQ(denial->code, "spillway_deployment_not_allowed");
  EXPECT_THAT(denial->message, testing::HasSubstr("'o3'"));
  EXPECT_FALSE(Authenticator::check_deployment({nullptr, "anonymous", "open"}, "o3"));
}

class TokensAndKeys : public ::testing::Test {
 protected:
  TokensAndKeys() : configuration(two_clients()) {
    configuration.entra = world.entra;
    config::Client app;
    app.name = "app";
    app.pool = "pool-of-app";
    app.entra.emplace().app_ids = {test::kAppId};
    configuration.clients.push_back(app);
  }

  std::variant<Caller, Denial> present(std::vector<base::Field> headers,
                                       std::vector<base::Secret> elsewhere = {}) {
    const std::shared_ptr<const TokenVerifier> verifier(world.verifier.get(), [](const auto*) {});
    return Authenticator(configuration, verifier).authenticate(headers, elsewhere);
  }
  static std::string token(const nlohmann::json& claims = test::claims()) {
    return test::TokenSigner::rsa().token_of(test::header(), claims);
  }
  static void expect_denied(const std::variant<Caller, Denial>& verdict, unsigned status,
                            std::string_view code) {
    const auto* denial = std::get_if<Denial>(&verdict);
    ASSERT_NE(denial, nullptr);
    EXPECT_EQ(denial->status, status);
    EXPECT_EQ(denial->code, code);
  }

  test::EntraWorld world;
  config::Configuration configuration;
};

TEST_F(TokensAndKeys, ATokenIsTheClientThatItsClaimsSay) {
  const std::string text = token();
  const auto verdict = present({{"authorization", "Bearer " + text}});
  const auto* caller = std::get_if<Caller>(&verdict);
  ASSERT_NE(caller, nullptr) << std::get<Denial>(verdict).reason;
  EXPECT_EQ(caller->name, "app");
  EXPECT_EQ(caller->pool, "pool-of-app");
  ASSERT_NE(caller->token, nullptr);
  EXPECT_EQ(caller->token->app_id, test::kAppId);
  EXPECT_EQ(std::get<Caller>(present({}, {base::Secret(text)})).name, "app") << "of a WebSocket";
  EXPECT_EQ(std::get<Caller>(present({{"authorization", "Bearer key-1"}})).name, "chatbot");
}

TEST_F(TokensAndKeys, ATokenInAFieldForKeysIsAWrongKey) {
  const std::string text = token();
  expect_denied(present({{"api-key", text}}), 401, "spillway_invalid_credential");
  expect_denied(present({{"ocp-apim-subscription-key", text}}), 401, "spillway_invalid_credential");
}

TEST_F(TokensAndKeys, TheCallerLearnsNothingAndTheLogWhatIsWrong) {
  const auto expired = present({{"authorization", "Bearer " + token(test::claims({{"exp", 1}}))}});
  const auto wrong = present({{"authorization", "Bearer x"}});
  expect_denied(expired, 401, "spillway_invalid_token");
  expect_denied(wrong, 401, "spillway_invalid_token");
  EXPECT_EQ(std::get<Denial>(expired).message, std::get<Denial>(wrong).message);
  EXPECT_EQ(std::get<Denial>(expired).challenge, std::get<Denial>(wrong).challenge);
  EXPECT_THAT(std::get<Denial>(expired).reason, testing::StartsWith("expired: "));
  EXPECT_THAT(std::get<Denial>(wrong).reason, testing::StartsWith("malformed: "));
}

TEST_F(TokensAndKeys, AValidTokenOfNobodysIsForbidden) {
  const auto verdict = present(
      {{"authorization",
        "Bearer " + token(test::claims({{"azp", "99999999-0000-4000-8000-000000000000"}}))}});
  expect_denied(verdict, 403, "spillway_client_unknown");
  EXPECT_THAT(std::get<Denial>(verdict).challenge, testing::HasSubstr("insufficient_scope"));
  EXPECT_THAT(std::get<Denial>(verdict).reason, testing::HasSubstr("app 99999999-"));
}

TEST_F(TokensAndKeys, WithoutAnybodysKeyTheCallerIsToldToBringAToken) {
  configuration.clients.erase(configuration.clients.begin(), configuration.clients.end() - 1);
  const auto verdict = present({});
  expect_denied(verdict, 401, "spillway_missing_credential");
  EXPECT_THAT(std::get<Denial>(verdict).message, testing::HasSubstr("Entra access token"));
  EXPECT_THAT(std::get<Denial>(verdict).message, testing::Not(testing::HasSubstr("KEY")));
}

TEST_F(TokensAndKeys, AnonymousCallersMayNotBringAWrongToken) {
  configuration.anonymous = config::Anonymous{"open"};
  configuration.clients.erase(configuration.clients.begin(), configuration.clients.end() - 1);
  EXPECT_EQ(std::get<Caller>(present({})).name, "anonymous");
  expect_denied(present({{"authorization", "Bearer x"}}), 401, "spillway_invalid_token");
}

TEST(Authenticator, ACertificateIsAskedForOnTop) {
  config::Client client = client_with_keys("app", {"k"});
  const Caller caller{&client, client.name, client.pool};
  const std::vector<std::string> names = {"spiffe://contoso/app", "app.contoso.example"};
  EXPECT_FALSE(Authenticator::check_certificate(caller, {}));
  client.certificate_names = {"*.fabrikam.example", "app.*.example"};
  EXPECT_FALSE(Authenticator::check_certificate(caller, names));
  client.certificate_names = {"*.fabrikam.example"};
  const auto denial = Authenticator::check_certificate(caller, names);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->status, 403U);
  EXPECT_EQ(denial->code, "spillway_certificate_not_allowed");
  EXPECT_THAT(denial->reason, testing::HasSubstr("spiffe://contoso/app"));
  EXPECT_THAT(denial->message, testing::Not(testing::HasSubstr("spiffe")));
  const auto without = Authenticator::check_certificate(caller, {});
  ASSERT_TRUE(without);
  EXPECT_THAT(without->reason, testing::HasSubstr("no client certificate"));
  EXPECT_FALSE(Authenticator::check_certificate({nullptr, "anonymous", "open"}, {}));
}

}  // namespace
}  // namespace spillway::identity
