#include "identity_test_support.hpp"
#include <spillway/identity/token_identity.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using config::ClientCertificate;
using config::ClientSecret;
using config::ManagedIdentity;
using config::WorkloadIdentity;

TokenIdentity of_environment(Variables variables) {
  return resolve_identity(config::EnvironmentIdentity{}, environment_of(std::move(variables)));
}

const Variables kApplication = {{"AZURE_CLIENT_ID", "c"}, {"AZURE_TENANT_ID", "t"}};

Variables with(Variables variables, const Variables& more) {
  for (const auto& [name, value] : more)
    variables[name] = value;
  return variables;
}

TEST(EnvironmentIdentity, ASecretIsTheFirst) {
  const auto identity = of_environment(with(kApplication, {{"AZURE_CLIENT_SECRET", "s"},
                                                           {"AZURE_CLIENT_CERTIFICATE_PATH", "/p"},
                                                           {"AZURE_FEDERATED_TOKEN_FILE", "/f"},
                                                           {"IDENTITY_ENDPOINT", "http://x"},
                                                           {"IDENTITY_HEADER", "h"}}));
  EXPECT_EQ(describe(identity), "client_secret");
  EXPECT_EQ(std::get<ClientSecret>(identity).client_id, "c");
  EXPECT_EQ(std::get<ClientSecret>(identity).tenant_id, "t");
  EXPECT_EQ(std::get<ClientSecret>(identity).secret.reveal(), "s");
}

TEST(EnvironmentIdentity, ThenACertificate) {
  Variables variables = with(kApplication, {{"AZURE_CLIENT_CERTIFICATE_PATH", "/p"},
                                            {"AZURE_FEDERATED_TOKEN_FILE", "/f"}});
  const auto identity = of_environment(variables);
  EXPECT_EQ(describe(identity), "client_certificate");
  EXPECT_EQ(std::get<ClientCertificate>(identity).certificate_file, "/p");
  EXPECT_FALSE(std::get<ClientCertificate>(identity).send_certificate_chain);
  for (const auto* yes : {"1", "true", "True"}) {
    variables["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"] = yes;
    EXPECT_TRUE(std::get<ClientCertificate>(of_environment(variables)).send_certificate_chain);
  }
  variables["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"] = "false";
  EXPECT_FALSE(std::get<ClientCertificate>(of_environment(variables)).send_certificate_chain);
}

TEST(EnvironmentIdentity, ThenWorkloadIdentity) {
  const auto identity = of_environment(with(
      kApplication, {{"AZURE_FEDERATED_TOKEN_FILE", "/f"}, {"IDENTITY_ENDPOINT", "http://x"}}));
  EXPECT_EQ(describe(identity), "workload_identity");
  EXPECT_EQ(std::get<WorkloadIdentity>(identity).token_file, "/f");
}

TEST(EnvironmentIdentity, ElseTheManagedIdentityThatIsNamed) {
  const Variables all = with(kApplication, {{"AZURE_CLIENT_SECRET", "s"},
                                            {"AZURE_CLIENT_CERTIFICATE_PATH", "/p"},
                                            {"AZURE_FEDERATED_TOKEN_FILE", "/f"}});
  for (const auto* missing : {"AZURE_CLIENT_ID", "AZURE_TENANT_ID"}) {
    Variables variables = all;
    variables[missing] = "";  // counts as not set
    const auto identity = of_environment(variables);
    EXPECT_EQ(describe(identity), "managed_identity (IMDS)") << missing;
    EXPECT_EQ(std::get<ManagedSource>(identity).identity.client_id, variables["AZURE_CLIENT_ID"]);
  }
  EXPECT_EQ(describe(of_environment(kApplication)), "managed_identity (IMDS)");
  const auto system = resolve_identity(config::EnvironmentIdentity{}, Environment{});
  EXPECT_TRUE(std::get<ManagedSource>(system).identity.client_id.empty());
}

TEST(ManagedHosts, AreToldByTheirVariables) {
  const std::pair<Variables, const char*> rows[] = {
      {{}, "managed_identity (IMDS)"},
      {{{"IDENTITY_ENDPOINT", "x"}}, "managed_identity (IMDS)"},
      {{{"IDENTITY_HEADER", "x"}}, "managed_identity (IMDS)"},
      {{{"IMDS_ENDPOINT", "x"}}, "managed_identity (IMDS)"},
      {{{"MSI_SECRET", "x"}}, "managed_identity (IMDS)"},
      {{{"IDENTITY_ENDPOINT", "x"}, {"IDENTITY_HEADER", "x"}}, "managed_identity (App Service)"},
      {{{"IDENTITY_ENDPOINT", "x"},
        {"IDENTITY_HEADER", "x"},
        {"MSI_ENDPOINT", "x"},
        {"MSI_SECRET", "x"}},
       "managed_identity (App Service)"},
      {{{"IDENTITY_ENDPOINT", "x"}, {"IDENTITY_HEADER", "x"}, {"IDENTITY_SERVER_THUMBPRINT", "x"}},
       "managed_identity (Service Fabric)"},
      {{{"MSI_ENDPOINT", "x"}, {"MSI_SECRET", "x"}}, "managed_identity (Machine Learning)"},
      {{{"MSI_ENDPOINT", "x"}}, "managed_identity (Cloud Shell)"},
      {{{"IDENTITY_ENDPOINT", "x"}, {"IMDS_ENDPOINT", "x"}}, "managed_identity (Azure Arc)"},
  };
  for (const auto& [variables, expected] : rows) {
    EXPECT_EQ(describe(of_environment(variables)), expected);
    const auto configured = resolve_identity(ManagedIdentity{}, environment_of(variables));
    EXPECT_EQ(describe(configured), expected);
  }
}

TEST(ConfiguredIdentity, TheEnvironmentDoesNotTouchIt) {
  const auto environment = environment_of(with(kApplication, {{"AZURE_CLIENT_SECRET", "s"}}));
  const auto managed = resolve_identity(ManagedIdentity{}, environment);
  EXPECT_TRUE(std::get<ManagedSource>(managed).identity.client_id.empty());
  const auto certificate = resolve_identity(ClientCertificate{"t2", "c2", "/p", true}, environment);
  EXPECT_EQ(std::get<ClientCertificate>(certificate).tenant_id, "t2");
  EXPECT_TRUE(is_local(managed));
  EXPECT_FALSE(is_local(certificate));
}

TEST(ConfiguredIdentity, WorkloadIdentityIsCompletedFromTheEnvironment) {
  const auto environment =
      environment_of(with(kApplication, {{"AZURE_FEDERATED_TOKEN_FILE", "/f"}}));
  const auto all = std::get<WorkloadIdentity>(resolve_identity(WorkloadIdentity{}, environment));
  EXPECT_EQ(all.tenant_id + all.client_id + all.token_file, "tc/f");
  const auto some =
      std::get<WorkloadIdentity>(resolve_identity(WorkloadIdentity{"", "c2", "/g"}, environment));
  EXPECT_EQ(some.tenant_id + some.client_id + some.token_file, "tc2/g");
  const auto none = std::get<WorkloadIdentity>(resolve_identity(WorkloadIdentity{}, {}));
  EXPECT_TRUE(none.tenant_id.empty());
}

TEST(SameIdentity, IsSaidByKindIdsSecretScopeAndAuthority) {
  const auto same = [](config::CredentialKind one, config::CredentialKind other) {
    return is_same_identity(credential_of(std::move(one)), credential_of(std::move(other)));
  };
  const ClientSecret secret{"t", "c", base::Secret("s")};
  EXPECT_TRUE(same(secret, secret));
  EXPECT_FALSE(same(secret, ClientSecret{"t", "c", base::Secret("s2")}));
  EXPECT_FALSE(same(secret, ClientSecret{"t", "c2", base::Secret("s")}));
  EXPECT_TRUE(same(ManagedIdentity{}, ManagedIdentity{}));
  EXPECT_FALSE(same(ManagedIdentity{}, ManagedIdentity{"c", "", ""}));
  EXPECT_FALSE(same(ManagedIdentity{}, config::EnvironmentIdentity{}));
  EXPECT_TRUE(same(WorkloadIdentity{}, WorkloadIdentity{}));
  EXPECT_TRUE(
      same(ClientCertificate{"t", "c", "/p", false}, ClientCertificate{"t", "c", "/p", false}));
  EXPECT_FALSE(
      same(ClientCertificate{"t", "c", "/p", false}, ClientCertificate{"t", "c", "/p", true}));
  EXPECT_FALSE(same(config::ApiKey{base::Secret("k")}, config::ApiKey{base::Secret("k")}));

  config::Credential elsewhere = credential_of(secret);
  elsewhere.authority_host = "https://login.microsoftonline.us";
  EXPECT_FALSE(is_same_identity(credential_of(secret), elsewhere));
  config::Credential other_scope = credential_of(secret);
  other_scope.scope = "https://ai.azure.com/.default";
  EXPECT_FALSE(is_same_identity(credential_of(secret), other_scope));
}

}  // namespace
}  // namespace spillway::identity
