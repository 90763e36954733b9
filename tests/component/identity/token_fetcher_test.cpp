#include "fetching.hpp"
#include "support/application_certificate.hpp"
#include "support/certificates.hpp"
#include "support/run_task.hpp"
#include "support/scripted_server.hpp"
#include "support/wire_sample.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using support::json_answer;
using support::ScriptedServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TokenFetching : public Fetching {
 protected:
  Fetched fetch(const config::Credential& credential) {
    TokenFetcher fetcher(surroundings(), credential);
    return fetch_with(fetcher);
  }
  Fetched fetch_with(TokenFetcher& fetcher) {
    auto fetched = support::run_task(context, fetcher.fetch());
    if (fetched) return std::move(*fetched);
    ADD_FAILURE() << "the fetch did not end";
    return FetchFailure{};
  }
  Token token_of(Fetched fetched) {
    if (auto* token = std::get_if<Token>(&fetched)) return std::move(*token);
    ADD_FAILURE() << std::get<FetchFailure>(fetched).description;
    return {};
  }
  static FetchFailure failure_of(Fetched fetched) {
    if (auto* failure = std::get_if<FetchFailure>(&fetched)) return std::move(*failure);
    ADD_FAILURE() << "a token came";
    return {};
  }
};

class ArcFetching : public TokenFetching {
 protected:
  ArcFetching() {
    arc_directory = directory.path();
    std::ofstream(directory.path() / "agent.key") << "S2V5\n";
  }
  std::string challenge(const std::filesystem::path& file) {
    return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=" + file.string() +
           "\r\nContent-Length: 0\r\n\r\n";
  }
  void use(const ScriptedServer& server) {
    variables["IDENTITY_ENDPOINT"] = server.url() + "/metadata/identity/oauth2/token";
    variables["IMDS_ENDPOINT"] = server.url();
  }

  test::TemporaryDirectory directory;
};

std::string token_answer() {
  return json_answer("200 OK", test::read_wire_sample("token/imds-ok.json"));
}

TEST_F(TokenFetching, ASampleOfImdsIsAToken) {
  const ScriptedServer server({token_answer()});
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = server.url();
  TokenFetcher fetcher(surroundings(), credential_of(config::ManagedIdentity{}));
  const Token token = token_of(fetch_with(fetcher));
  EXPECT_EQ(token.obtained_at, clock.steady_now());
  EXPECT_EQ(token.expires_at - token.obtained_at, 86'400s);
  EXPECT_EQ(fetcher.source(), "managed_identity (IMDS)");
  EXPECT_THAT(server.requests().at(0), StartsWith("GET /metadata/identity/oauth2/token?"));
  EXPECT_THAT(server.requests().at(0), HasSubstr("Metadata: true\r\n"));
}

TEST_F(TokenFetching, AppServiceTellsTheTimeOfDay) {
  // Our clock is three hours ahead of the answer's: its own time is what expires_on is held
  // against.
  const std::string body =
      R"({"access_token":"t","token_type":"Bearer","expires_on":"1795423200"})";
  const ScriptedServer server(
      {json_answer("200 OK", body, "Date: Mon, 23 Nov 2026 07:40:00 GMT\r\n")});
  variables["IDENTITY_ENDPOINT"] = server.url() + "/msi/token";
  variables["IDENTITY_HEADER"] = "header-secret";
  const Token token = token_of(fetch(credential_of(config::EnvironmentIdentity{})));
  EXPECT_EQ(token.expires_at - token.obtained_at, 1h);
  EXPECT_THAT(server.requests().at(0), HasSubstr("X-IDENTITY-HEADER: header-secret\r\n"));
}

TEST_F(TokenFetching, ARefusalSaysWhy) {
  const ScriptedServer server(
      {json_answer("401 Unauthorized", test::read_wire_sample("token/aad-401-bad-secret.json"))});
  config::Credential credential =
      credential_of(config::ClientSecret{"t", "c", base::Secret("geheim")});
  credential.authority_host = server.url();
  const FetchFailure failure = failure_of(fetch(credential));
  EXPECT_EQ(failure.kind, FailureKind::lasting);
  EXPECT_THAT(failure.description, HasSubstr("7000215"));
  EXPECT_THAT(failure.description, Not(HasSubstr("geheim")));
  EXPECT_THAT(server.requests().at(0), HasSubstr("client_secret=geheim"));
}

TEST_F(TokenFetching, ACertificateIsWhatTheRequestIsMadeOf) {
  const ScriptedServer server({token_answer(), token_answer()});
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "app.pem";
  config::Credential credential =
      credential_of(config::ClientCertificate{"t", "c", file.string(), false});
  credential.authority_host = server.url();
  TokenFetcher fetcher(surroundings(), credential);
  EXPECT_EQ(failure_of(fetch_with(fetcher)).kind, FailureKind::lasting);
  std::ofstream(file) << test::make_application_certificate().both();
  token_of(fetch_with(fetcher));
  EXPECT_THAT(server.requests().at(0), HasSubstr("&client_assertion=ey"));
  EXPECT_EQ(fetcher.source(), "client_certificate");
}

TEST_F(TokenFetching, WhatTheEnvironmentComesToIsAskedAnewEachTime) {
  const ScriptedServer imds({token_answer()});
  const ScriptedServer entra({token_answer()});
  const test::TemporaryDirectory directory;
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = imds.url();
  config::Credential credential = credential_of(config::EnvironmentIdentity{});
  credential.authority_host = entra.url();
  TokenFetcher fetcher(surroundings(), credential);
  token_of(fetch_with(fetcher));
  EXPECT_EQ(fetcher.source(), "managed_identity (IMDS)");

  std::ofstream(directory.path() / "token") << "projected";
  variables["AZURE_TENANT_ID"] = "t";
  variables["AZURE_CLIENT_ID"] = "c";
  variables["AZURE_FEDERATED_TOKEN_FILE"] = (directory.path() / "token").string();
  token_of(fetch_with(fetcher));
  EXPECT_EQ(fetcher.source(), "workload_identity");
  EXPECT_THAT(entra.requests().at(0), HasSubstr("&client_assertion=projected&"));
}

TEST_F(TokenFetching, NobodyThereIsAPassingFailure) {
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:1";
  const FetchFailure failure = failure_of(fetch(credential_of(config::ManagedIdentity{})));
  EXPECT_EQ(failure.kind, FailureKind::passing);
  EXPECT_EQ(failure.reason, "connect_failed");
}

TEST_F(TokenFetching, AnAnswerThatIsNoTokenIsAPassingFailure) {
  const ScriptedServer server({json_answer("200 OK", "<html>"), "HTTP/1.1 200 OK\r\n\r\n", "SSH-2",
                               json_answer("302 Found", "", "Location: http://elsewhere\r\n")});
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = server.url();
  for (int i = 0; i < 4; ++i) {
    const FetchFailure failure = failure_of(fetch(credential_of(config::ManagedIdentity{})));
    EXPECT_EQ(failure.kind, FailureKind::passing) << failure.description;
  }
}

TEST_F(TokenFetching, TheMetadataServiceMayRestart) {
  const ScriptedServer server({json_answer("410 Gone", "")});
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = server.url();
  EXPECT_EQ(failure_of(fetch(credential_of(config::ManagedIdentity{}))).kind,
            FailureKind::restarting);
}

TEST_F(TokenFetching, AnHttpsAuthorityIsReachedThroughTheProxyAndMetadataIsNot) {
  const ScriptedServer proxy({json_answer("407 Proxy Authentication Required", "")});
  auto rules = upstream::ProxyRules::read([&](std::string_view name) -> std::optional<std::string> {
    if (name != "HTTPS_PROXY") return std::nullopt;
    return proxy.url();
  });
  ASSERT_TRUE(rules);
  proxies = std::move(*rules);
  const FetchFailure refused =
      failure_of(fetch(credential_of(config::ClientSecret{"t", "c", base::Secret("s")})));
  EXPECT_EQ(refused.kind, FailureKind::passing);
  EXPECT_THAT(refused.description, HasSubstr("asks for a user and password (407)"));
  EXPECT_THAT(proxy.requests().at(0), StartsWith("CONNECT login.microsoftonline.com:443 HTTP/1.1"));

  variables["IDENTITY_ENDPOINT"] = "https://metadata.test/msi/token";
  variables["IDENTITY_HEADER"] = "h";
  EXPECT_EQ(failure_of(fetch(credential_of(config::ManagedIdentity{}))).reason, "dns_failed");
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(ArcFetching, TheChallengeIsAnsweredWithTheFilesContent) {
  const ScriptedServer server({challenge(directory.path() / "agent.key"), token_answer()});
  use(server);
  TokenFetcher fetcher(surroundings(), credential_of(config::EnvironmentIdentity{}));
  token_of(fetch_with(fetcher));
  EXPECT_EQ(fetcher.source(), "managed_identity (Azure Arc)");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0], Not(HasSubstr("Authorization")));
  EXPECT_THAT(requests[1], HasSubstr("Metadata: true\r\nAuthorization: Basic S2V5\r\n"));
}

TEST_F(ArcFetching, AFileElsewhereIsNotShown) {
  std::ofstream(directory.path() / "other.txt") << "geheim";
  const ScriptedServer server({challenge(directory.path() / "other.txt"), token_answer()});
  use(server);
  const FetchFailure failure = failure_of(fetch(credential_of(config::ManagedIdentity{})));
  EXPECT_EQ(failure.kind, FailureKind::lasting);
  EXPECT_THAT(failure.description, HasSubstr("it was not read"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ArcFetching, AnotherChallengeInAnswerToTheKeyIsARefusal) {
  const std::string same = challenge(directory.path() / "agent.key");
  const ScriptedServer server({same, same});
  use(server);
  const FetchFailure failure = failure_of(fetch(credential_of(config::ManagedIdentity{})));
  EXPECT_THAT(failure.description, HasSubstr("status 401"));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(ArcFetching, AUserAssignedIdentityIsRefusedWithoutAsking) {
  const ScriptedServer server({token_answer()});
  use(server);
  const FetchFailure failure =
      failure_of(fetch(credential_of(config::ManagedIdentity{"c", "", ""})));
  EXPECT_EQ(failure.kind, FailureKind::lasting);
  EXPECT_THAT(failure.description, HasSubstr("system-assigned identity only"));
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace spillway::identity
