#include "files_for_tests.hpp"
#include "identity_test_support.hpp"
#include "support/application_certificate.hpp"
#include <spillway/identity/token_preparation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using config::ClientCertificate;
using config::WorkloadIdentity;
using testing::HasSubstr;
using testing::Not;

Prepared prepare(const TokenIdentity& identity) {
  return prepare_token_request(identity, credential_of(config::EnvironmentIdentity{}), {},
                               base::WallTime(std::chrono::seconds(1'795'430'400)));
}

std::string body_of(const TokenIdentity& identity) {
  const Prepared prepared = prepare(identity);
  if (const auto* failure = std::get_if<FetchFailure>(&prepared)) return failure->description;
  return std::string(std::get<TokenRequest>(prepared).body.reveal());
}

FetchFailure failure_of(const TokenIdentity& identity) {
  Prepared prepared = prepare(identity);
  if (auto* failure = std::get_if<FetchFailure>(&prepared)) return std::move(*failure);
  ADD_FAILURE() << "a request came";
  return {};
}

TEST(TokenPreparation, AProjectedTokenIsReadAnewEachTime) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "token";
  const WorkloadIdentity identity{"t", "c", file.string()};
  write_file(file, "first\n");
  EXPECT_THAT(body_of(identity), HasSubstr("&client_assertion=first&grant_type"));
  write_file(file, "second");
  EXPECT_THAT(body_of(identity), HasSubstr("&client_assertion=second&grant_type"));
}

TEST(TokenPreparation, AProjectedTokenMayComeLater) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "token";
  const WorkloadIdentity identity{"t", "c", file.string()};
  EXPECT_EQ(failure_of(identity).kind, FailureKind::passing);
  EXPECT_THAT(failure_of(identity).description, HasSubstr(file.string()));
  write_file(file, "two words");
  EXPECT_EQ(failure_of(identity).kind, FailureKind::passing);
  EXPECT_THAT(failure_of(identity).description, HasSubstr("holds no token"));
  EXPECT_THAT(failure_of(identity).description, Not(HasSubstr("words")));
  write_file(file, std::string(kMaxAssertionFileBytes + 1, 'x'));
  EXPECT_THAT(failure_of(identity).description, HasSubstr("larger than 65536 bytes"));
}

TEST(TokenPreparation, WhatWorkloadIdentityLacksIsNamed) {
  const std::pair<WorkloadIdentity, const char*> rows[] = {
      {{"", "c", "/f"}, "AZURE_TENANT_ID"},
      {{"t", "", "/f"}, "AZURE_CLIENT_ID"},
      {{"t", "c", ""}, "AZURE_FEDERATED_TOKEN_FILE"},
  };
  for (const auto& [identity, name] : rows) {
    EXPECT_EQ(failure_of(identity).kind, FailureKind::lasting);
    EXPECT_THAT(failure_of(identity).description, HasSubstr(name));
  }
}

TEST(TokenPreparation, ACertificateIsReadAnewEachTime) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "app.pem";
  const ClientCertificate identity{"t", "c", file.string(), false};
  EXPECT_EQ(failure_of(identity).kind, FailureKind::lasting);
  EXPECT_THAT(failure_of(identity).description, HasSubstr("No such file"));

  write_file(file, test::make_application_certificate().both());
  const std::string first = body_of(identity);
  EXPECT_THAT(first, HasSubstr("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
                               "assertion-type%3Ajwt-bearer&client_assertion=ey"));
  EXPECT_NE(body_of(identity), first) << "a jti and a salt of its own";

  write_file(file, test::make_application_certificate(test::KeyKind::ec_p256).both());
  EXPECT_EQ(failure_of(identity).kind, FailureKind::lasting);
  EXPECT_EQ(failure_of(identity).description,
            "cannot use '" + file.string() +
                "': its private key is no RSA key; Entra takes RSA keys only");
}

TEST(TokenPreparation, OthersNeedNothingOfTheFileSystem) {
  const config::ClientSecret secret{"t", "c", base::Secret("s")};
  EXPECT_THAT(body_of(secret), HasSubstr("&client_secret=s&"));
  EXPECT_TRUE(std::holds_alternative<TokenRequest>(prepare(ManagedSource{})));
  const ManagedSource fabric{ManagedHost::service_fabric, {}};
  EXPECT_EQ(failure_of(fabric).kind, FailureKind::lasting);
}

}  // namespace
}  // namespace spillway::identity
