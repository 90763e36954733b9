#include "identity_test_support.hpp"
#include "support/wire_sample.hpp"
#include <spillway/identity/token_request.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using testing::HasSubstr;

constexpr std::string_view kScope = "https://cognitiveservices.azure.com/.default";
const std::string kResource = "&resource=https%3A%2F%2Fcognitiveservices.azure.com";
const std::string kUser = "22222222-2222-4222-8222-222222222222";

Application sample_application() {
  return {"33333333-3333-4333-8333-333333333333", "11111111-1111-4111-8111-111111111111",
          "https://login.microsoftonline.com", std::string(kScope)};
}

TokenRequest required(base::Result<TokenRequest> request) {
  if (request) return std::move(*request);
  ADD_FAILURE() << request.error().detail();
  return {};
}

TokenRequest managed(ManagedHost host, const config::ManagedIdentity& identity,
                     Variables variables = {}) {
  return required(
      make_managed_request({host, identity}, kScope, environment_of(std::move(variables))));
}

// The message as http would send it, with the fields that it adds.
std::string message_of(const TokenRequest& request, const std::string& other_fields = "") {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  text += "Host: " + request.origin.host;
  const bool is_usual = request.origin.port == (request.origin.is_tls ? 443 : 80);
  if (!is_usual) text += ":" + std::to_string(request.origin.port);
  text += "\r\n";
  for (const TokenRequestField& field : request.fields)
    text += field.name + ": " + std::string(field.value.reveal()) + "\r\n";
  return text + other_fields + "\r\n" + std::string(request.body.reveal());
}

std::string posted_message_of(const TokenRequest& request) {
  return message_of(request,
                    "client-request-id: cccccccc-0000-4000-8000-000000000003\r\n"
                    "Content-Length: " +
                        std::to_string(request.body.reveal().size()) + "\r\n");
}

std::string sample(const std::string& name) {
  return test::read_wire_sample("token/" + name + ".request.http");
}

std::string refusal_of(ManagedHost host, const config::ManagedIdentity& identity,
                       Variables variables) {
  const auto request =
      make_managed_request({host, identity}, kScope, environment_of(std::move(variables)));
  return request ? "not refused" : request.error().detail();
}

TEST(TokenRequest, ClientSecretIsTheSample) {
  const TokenRequest request =
      required(make_secret_request(sample_application(), base::Secret("s3cr~t+/=")));
  EXPECT_EQ(posted_message_of(request), sample("client-secret"));
  EXPECT_TRUE(request.origin.is_tls);
  EXPECT_EQ(request.origin.port, 443);
}

TEST(TokenRequest, AnAssertionIsTheSample) {
  const auto request_with = [](const char* assertion) {
    return required(make_assertion_request(sample_application(), base::Secret(assertion)));
  };
  EXPECT_EQ(posted_message_of(request_with("CONTENT-OF-AZURE_FEDERATED_TOKEN_FILE-TRIMMED")),
            sample("workload-identity"));
  EXPECT_EQ(posted_message_of(request_with("HEADER.PAYLOAD.SIGNATURE")), sample("certificate"));
}

TEST(TokenRequest, ImdsIsTheSample) {
  const TokenRequest request = managed(ManagedHost::imds, {kUser, "", ""});
  EXPECT_EQ(message_of(request), sample("imds"));
  EXPECT_FALSE(request.origin.is_tls);
  EXPECT_EQ(request.origin.port, 80);
  EXPECT_TRUE(request.body.empty());
}

TEST(TokenRequest, AppServiceIsTheSample) {
  const TokenRequest request =
      managed(ManagedHost::app_service, {kUser, "", ""},
              {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token"},
               {"IDENTITY_HEADER", "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"}});
  EXPECT_EQ(message_of(request) + "\r\n", sample("appservice") + "\r\n");
}

TEST(TokenRequest, ArcWithItsKeyIsTheSample) {
  const TokenRequest first =
      managed(ManagedHost::arc, {},
              {{"IDENTITY_ENDPOINT", "http://127.0.0.1:40342/metadata/identity/oauth2/token"},
               {"IMDS_ENDPOINT", "http://127.0.0.1:40342"}});
  EXPECT_EQ(first.fields.size(), 1U);
  const TokenRequest second =
      with_basic_authorization(first, base::Secret("CONTENT-OF-THE-KEY-FILE"));
  EXPECT_EQ(message_of(second), sample("arc-retry"));
}

TEST(TokenRequest, EachHostNamesIdsInItsOwnWay) {
  const std::string imds = "/metadata/identity/oauth2/token?api-version=2018-02-01" + kResource;
  EXPECT_EQ(managed(ManagedHost::imds, {}).target, imds);
  EXPECT_EQ(managed(ManagedHost::imds, {"", "o 1", ""}).target, imds + "&object_id=o%201");
  EXPECT_EQ(managed(ManagedHost::imds, {"", "", "/subscriptions/x"}).target,
            imds + "&msi_res_id=%2Fsubscriptions%2Fx");

  const Variables app = {{"IDENTITY_ENDPOINT", "http://localhost:42356/msi/token"},
                         {"IDENTITY_HEADER", "h"}};
  const std::string app_service = "/msi/token?api-version=2019-08-01" + kResource;
  EXPECT_EQ(managed(ManagedHost::app_service, {}, app).target, app_service);
  EXPECT_EQ(managed(ManagedHost::app_service, {"", "o", ""}, app).target,
            app_service + "&object_id=o");
  EXPECT_EQ(managed(ManagedHost::app_service, {"", "", "/s"}, app).target,
            app_service + "&mi_res_id=%2Fs");

  Variables ml = {{"MSI_ENDPOINT", "http://127.0.0.1:4141/"}, {"MSI_SECRET", "s"}};
  const std::string learning = "/?api-version=2017-09-01" + kResource;
  EXPECT_EQ(message_of(managed(ManagedHost::machine_learning, {kUser, "", ""}, ml)),
            "GET " + learning + "&clientid=" + kUser +
                " HTTP/1.1\r\nHost: 127.0.0.1:4141\r\nsecret: s\r\n\r\n");
  EXPECT_EQ(managed(ManagedHost::machine_learning, {}, ml).target, learning);
  ml["DEFAULT_IDENTITY_CLIENT_ID"] = "d";
  EXPECT_EQ(managed(ManagedHost::machine_learning, {}, ml).target, learning + "&clientid=d");
  EXPECT_EQ(managed(ManagedHost::machine_learning, {"", "o", ""}, ml).target,
            learning + "&object_id=o");
}

TEST(TokenRequest, ResourceIsTheScopeWithoutDefault) {
  const auto target = [](std::string_view scope) {
    return required(make_managed_request({}, scope, {})).target;
  };
  EXPECT_THAT(target("https://ai.azure.com/.default"),
              HasSubstr("&resource=https%3A%2F%2Fai.azure.com"));
  EXPECT_THAT(target("api://x"), testing::EndsWith("&resource=api%3A%2F%2Fx"));
}

TEST(TokenRequest, TheMetadataHostCanBeMoved) {
  const TokenRequest request = managed(
      ManagedHost::imds, {}, {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:2579/nmi/"}});
  EXPECT_EQ(request.origin.host, "127.0.0.1");
  EXPECT_EQ(request.origin.port, 2579);
  EXPECT_TRUE(request.target.starts_with("/nmi/metadata/identity/oauth2/token?"));
}

TEST(TokenRequest, AnEndpointThatIsNoUrlIsNamed) {
  EXPECT_THAT(
      refusal_of(ManagedHost::imds, {}, {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "nonsense"}}),
      HasSubstr("AZURE_POD_IDENTITY_AUTHORITY_HOST 'nonsense'"));
  EXPECT_THAT(refusal_of(ManagedHost::app_service, {}, {{"IDENTITY_ENDPOINT", "x"}}),
              HasSubstr("IDENTITY_ENDPOINT 'x'"));
  EXPECT_THAT(refusal_of(ManagedHost::machine_learning, {}, {{"MSI_ENDPOINT", "x"}}),
              HasSubstr("MSI_ENDPOINT 'x'"));
}

TEST(TokenRequest, ArcHasNoUserAssignedIdentities) {
  const Variables arc = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:40342/x"}};
  for (const config::ManagedIdentity& identity :
       {config::ManagedIdentity{"c", "", ""}, {"", "o", ""}, {"", "", "r"}}) {
    EXPECT_THAT(refusal_of(ManagedHost::arc, identity, arc),
                HasSubstr("Azure Arc has the machine's system-assigned identity only"));
  }
}

TEST(TokenRequest, HostsThatAreNotSupportedAreNamed) {
  EXPECT_THAT(refusal_of(ManagedHost::service_fabric, {}, {}), HasSubstr("Service Fabric"));
  EXPECT_THAT(refusal_of(ManagedHost::cloud_shell, {}, {}), HasSubstr("Cloud Shell"));
}

TEST(TokenRequest, TheAuthorityCanBeMoved) {
  Application application = sample_application();
  application.authority_host = "https://login.microsoftonline.us:8443";
  const TokenRequest request = required(make_secret_request(application, base::Secret("s")));
  EXPECT_EQ(request.origin.host, "login.microsoftonline.us");
  EXPECT_EQ(request.origin.port, 8443);
  EXPECT_EQ(token_endpoint(application),
            "https://login.microsoftonline.us:8443/33333333-3333-4333-8333-333333333333/oauth2/"
            "v2.0/token");
  application.authority_host = "nonsense";
  EXPECT_TRUE(make_secret_request(application, base::Secret("s")).has_error());
  EXPECT_TRUE(make_assertion_request(application, base::Secret("s")).has_error());
}

TEST(TokenRequest, WhatTheOperatorWroteIsEncoded) {
  Application application = sample_application();
  application.tenant_id = "../x?y";
  application.client_id = "a&b=c";
  const TokenRequest request = required(make_secret_request(application, base::Secret("s")));
  EXPECT_EQ(request.target, "/..%2Fx%3Fy/oauth2/v2.0/token");
  EXPECT_TRUE(request.body.reveal().starts_with("client_id=a%26b%3Dc&scope="));
}

}  // namespace
}  // namespace spillway::identity
