#include "support/wire_sample.hpp"
#include <spillway/identity/token_request.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace spillway::identity {
namespace {

using testing::HasSubstr;

Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

config::Credential credential_of(config::CredentialKind kind) {
  config::Credential credential;
  credential.name = "c";
  credential.kind = std::move(kind);
  return credential;
}

config::ClientSecret sample_secret() {
  config::ClientSecret secret;
  secret.tenant_id = "33333333-3333-4333-8333-333333333333";
  secret.client_id = "11111111-1111-4111-8111-111111111111";
  secret.secret = base::Secret("s3cr~t+/=");
  return secret;
}

TokenRequest request_of(const config::Credential& credential, const Environment& environment) {
  auto request = make_token_request(credential, environment);
  if (request) return std::move(*request);
  ADD_FAILURE() << request.error().detail();
  return {};
}

// The message as http would send it, with the fields that it adds.
std::string message_of(const TokenRequest& request, const std::string& other_fields) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  text += "Host: " + request.origin.host + "\r\n";
  for (const TokenRequestField& field : request.fields)
    text += field.name + ": " + field.value + "\r\n";
  return text + other_fields + "\r\n" + std::string(request.body.reveal());
}

TEST(TokenRequest, ClientSecretIsTheSample) {
  const TokenRequest request = request_of(credential_of(sample_secret()), environment_of({}));
  const std::string length = std::to_string(request.body.reveal().size());
  EXPECT_EQ(message_of(request,
                       "client-request-id: cccccccc-0000-4000-8000-000000000003\r\n"
                       "Content-Length: " +
                           length + "\r\n"),
            test::read_wire_sample("token/client-secret.request.http"));
  EXPECT_TRUE(request.origin.is_tls);
  EXPECT_EQ(request.origin.port, 443);
}

TEST(TokenRequest, ManagedIdentityIsTheSample) {
  config::ManagedIdentity identity;
  identity.client_id = "22222222-2222-4222-8222-222222222222";
  const TokenRequest request = request_of(credential_of(identity), environment_of({}));
  EXPECT_EQ(message_of(request, ""), test::read_wire_sample("token/imds.request.http"));
  EXPECT_FALSE(request.origin.is_tls);
  EXPECT_EQ(request.origin.port, 80);
  EXPECT_TRUE(request.body.empty());
}

TEST(TokenRequest, ManagedIdentityNamesOneId) {
  const std::string base =
      "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
      "https%3A%2F%2Fcognitiveservices.azure.com";
  config::ManagedIdentity identity;
  EXPECT_EQ(request_of(credential_of(identity), environment_of({})).target, base);
  identity.object_id = "o 1";
  EXPECT_EQ(request_of(credential_of(identity), environment_of({})).target,
            base + "&object_id=o%201");
  identity.object_id.clear();
  identity.resource_id = "/subscriptions/x";
  EXPECT_EQ(request_of(credential_of(identity), environment_of({})).target,
            base + "&msi_res_id=%2Fsubscriptions%2Fx");
}

TEST(TokenRequest, ResourceIsTheScopeWithoutDefault) {
  config::Credential credential = credential_of(config::ManagedIdentity{});
  credential.scope = "https://ai.azure.com/.default";
  EXPECT_THAT(request_of(credential, environment_of({})).target,
              HasSubstr("&resource=https%3A%2F%2Fai.azure.com"));
  credential.scope = "api://x";
  EXPECT_THAT(request_of(credential, environment_of({})).target,
              testing::EndsWith("&resource=api%3A%2F%2Fx"));
}

TEST(TokenRequest, TheMetadataHostCanBeMoved) {
  const auto environment =
      environment_of({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:2579/nmi/"}});
  const TokenRequest request = request_of(credential_of(config::ManagedIdentity{}), environment);
  EXPECT_EQ(request.origin.host, "127.0.0.1");
  EXPECT_EQ(request.origin.port, 2579);
  EXPECT_TRUE(request.target.starts_with("/nmi/metadata/identity/oauth2/token?"));
  const auto broken = environment_of({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "nonsense"}});
  const auto refused = make_token_request(credential_of(config::ManagedIdentity{}), broken);
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().detail(), HasSubstr("'nonsense'"));
}

TEST(TokenRequest, TheAuthorityCanBeMoved) {
  config::Credential credential = credential_of(sample_secret());
  credential.authority_host = "https://login.microsoftonline.us:8443";
  const TokenRequest request = request_of(credential, environment_of({}));
  EXPECT_EQ(request.origin.host, "login.microsoftonline.us");
  EXPECT_EQ(request.origin.port, 8443);
}

TEST(TokenRequest, WhatTheOperatorWroteIsEncoded) {
  config::ClientSecret secret = sample_secret();
  secret.tenant_id = "../x?y";
  secret.client_id = "a&b=c";
  const TokenRequest request = request_of(credential_of(secret), environment_of({}));
  EXPECT_EQ(request.target, "/..%2Fx%3Fy/oauth2/v2.0/token");
  EXPECT_TRUE(request.body.reveal().starts_with("client_id=a%26b%3Dc&scope="));
}

TEST(TokenRequest, AnApiKeyNeedsNone) {
  EXPECT_TRUE(make_token_request(credential_of(config::ApiKey{}), environment_of({})).has_error());
}

TEST(EnvironmentIdentity, FollowsAzuresChain) {
  const config::CredentialKind kind = config::EnvironmentIdentity{};
  const auto secret = resolve_identity(kind, environment_of({{"AZURE_CLIENT_ID", "c"},
                                                             {"AZURE_TENANT_ID", "t"},
                                                             {"AZURE_CLIENT_SECRET", "s"}}));
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(name_of(*secret), "client_secret");
  EXPECT_EQ(std::get<config::ClientSecret>(*secret).client_id, "c");
  EXPECT_EQ(std::get<config::ClientSecret>(*secret).tenant_id, "t");
  EXPECT_EQ(std::get<config::ClientSecret>(*secret).secret.reveal(), "s");

  for (const auto* missing : {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"}) {
    std::map<std::string, std::string, std::less<>> variables{
        {"AZURE_CLIENT_ID", "c"}, {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_SECRET", "s"}};
    variables[missing] = "";
    const auto identity = resolve_identity(kind, environment_of(variables));
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(name_of(*identity), "managed_identity") << missing;
    EXPECT_EQ(std::get<config::ManagedIdentity>(*identity).client_id, variables["AZURE_CLIENT_ID"]);
  }
  const auto system = resolve_identity(kind, Environment{});
  ASSERT_TRUE(system.has_value());
  EXPECT_TRUE(std::get<config::ManagedIdentity>(*system).client_id.empty());
}

TEST(EnvironmentIdentity, TheEnvironmentDoesNotTouchConfiguredOnes) {
  const auto environment = environment_of(
      {{"AZURE_CLIENT_ID", "c"}, {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_SECRET", "s"}});
  const auto identity = resolve_identity(config::ManagedIdentity{}, environment);
  ASSERT_TRUE(identity.has_value());
  EXPECT_TRUE(std::get<config::ManagedIdentity>(*identity).client_id.empty());
}

TEST(Origin, WellFormed) {
  const struct {
    const char* url;
    Origin origin;
  } rows[] = {
      {"https://login.microsoftonline.com", {true, "login.microsoftonline.com", 443, ""}},
      {"HTTPS://h/", {true, "h", 443, ""}},
      {"http://h", {false, "h", 80, ""}},
      {"http://h:8080/a/b//", {false, "h", 8080, "/a/b"}},
      {"http://[::1]:81", {false, "::1", 81, ""}},
      {"https://[fe80::1]", {true, "fe80::1", 443, ""}},
  };
  for (const auto& row : rows) {
    const auto origin = parse_origin(row.url);
    ASSERT_TRUE(origin.has_value()) << row.url;
    EXPECT_EQ(origin->is_tls, row.origin.is_tls) << row.url;
    EXPECT_EQ(origin->host, row.origin.host) << row.url;
    EXPECT_EQ(origin->port, row.origin.port) << row.url;
    EXPECT_EQ(origin->path_prefix, row.origin.path_prefix) << row.url;
  }
}

TEST(Origin, Malformed) {
  for (const auto* url : {"", "h", "ftp://h", "https://", "https:///x", "https://h:", "https://h:0",
                          "https://h:65536", "https://h:x", "https://u@h", "https://h?x",
                          "https://h#x", "https://h h", "https://[::1", "https://[::1]x",
                          "https://[::1]:", "https://h\\x", "https://a:b:c"}) {
    EXPECT_TRUE(parse_origin(url).has_error()) << url;
  }
}

}  // namespace
}  // namespace spillway::identity
