#include "config_test_support.hpp"

namespace spillway::config::testing {
namespace {

constexpr std::string_view kAppId = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view kTenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// What follows stands in line 4 and on; every client is in it.
Loaded load_entra(const std::string& rest, const Texts& environment = {}) {
  return load(
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "backends: [ { name: a, url: https://a.example } ]\n"
      "entra: { tenants: [ " +
          std::string(kTenant) + " ], audiences: [ \"api://spillway\" ] }\n" + rest,
      sources_of(environment));
}

std::string client_with(const std::string& lists) {
  return "clients: [ { name: app, entra: { " + lists + " } } ]\n";
}

Configuration configuration_of(const Loaded& loaded) {
  EXPECT_EQ(all_of(loaded), "");
  return loaded.configuration;
}

TEST(EntraSection, DefaultsAndEveryKey) {
  const std::string app = client_with("app_ids: [ " + std::string(kAppId) + " ]");
  const Configuration defaults = configuration_of(load_entra(app));
  ASSERT_TRUE(defaults.entra);
  EXPECT_EQ(defaults.entra->tenants, std::vector<std::string>{std::string(kTenant)});
  EXPECT_EQ(defaults.entra->audiences, std::vector<std::string>{"api://spillway"});
  EXPECT_EQ(defaults.entra->authority_host, "https://login.microsoftonline.com");
  EXPECT_EQ(defaults.entra->clock_skew, std::chrono::seconds(60));
  EXPECT_FALSE(defaults.require_entra);

  const Loaded loaded = load(
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "backends: [ { name: a, url: https://a.example } ]\n"
      "entra: { tenants: [ 72F988BF-86F1-41AF-91AB-2D7CD011DB47 ], audiences: [ a, b ], "
      "authority_host: https://login.microsoftonline.us/, clock_skew: 5m }\n"
      "require_entra: true\n" +
          app,
      {});
  const Configuration written = configuration_of(loaded);
  EXPECT_EQ(written.entra->tenants.front(), kTenant) << "GUIDs are compared in lower case";
  EXPECT_EQ(written.entra->audiences.size(), 2U);
  EXPECT_EQ(written.entra->authority_host, "https://login.microsoftonline.us");
  EXPECT_EQ(written.entra->clock_skew, std::chrono::minutes(5));
  EXPECT_TRUE(written.require_entra);
}

TEST(EntraSection, TheAuthorityOfTheEnvironmentIsTheDefault) {
  const Configuration c =
      configuration_of(load_entra(client_with("roles: [ Chat ]"),
                                  {{"AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/"}}));
  EXPECT_EQ(c.entra->authority_host, "https://login.chinacloudapi.cn");
}

TEST(EntraClients, EveryList) {
  const Configuration c = configuration_of(load_entra(client_with(
      "app_ids: [ 11111111-1111-4111-8111-11111111111A ], object_ids: [ " + std::string(kAppId) +
      " ], roles: [ Chat.Use, Admin ], groups: [ g ], scopes: [ user_impersonation ]")));
  ASSERT_TRUE(c.clients.front().entra);
  const ClientEntra& entra = *c.clients.front().entra;
  EXPECT_EQ(entra.app_ids.front(), "11111111-1111-4111-8111-11111111111a");
  EXPECT_EQ(entra.object_ids.front(), kAppId);
  EXPECT_EQ(entra.roles, (std::vector<std::string>{"Chat.Use", "Admin"}));
  EXPECT_EQ(entra.groups.front(), "g");
  EXPECT_EQ(entra.scopes.front(), "user_impersonation");
  EXPECT_TRUE(c.clients.front().keys.empty());
}

TEST(EntraClients, AClientMayHaveKeysToo) {
  const Configuration c = configuration_of(
      load_entra("clients: [ { name: app, keys: [ k ], entra: { roles: [ Chat ] } } ]\n"));
  EXPECT_EQ(c.clients.front().keys.size(), 1U);
  EXPECT_TRUE(c.clients.front().entra);
}

TEST(EntraClients, rules) {
  const std::vector<std::pair<std::string, Expected>> rules = {
      {"clients: [ { name: a } ]\n", {4, 12, "clients[0].keys", "is missing; write at least one"}},
      {"clients: [ { name: a, entra: {} } ]\n",
       {4, 30, "clients[0].entra", "any application of the tenant would match"}},
      {"clients: [ { name: a, entra: { app_ids: [] } } ]\n",
       {4, 41, "clients[0].entra.app_ids", "is empty, which nobody could match"}},
      {"clients: [ { name: a, entra: { app_ids: [ my-app ] } } ]\n",
       {4, 43, "clients[0].entra.app_ids[0]", "\"my-app\" is not a GUID"}},
      {"clients: [ { name: a, entra: { object_ids: [ '*' ] } } ]\n",
       {4, 46, "clients[0].entra.object_ids[0]", "wildcards are not taken"}},
      {"clients: [ { name: a, entra: { roles: [ 'a b' ] } } ]\n",
       {4, 41, "clients[0].entra.roles[0]", "is not a value of a claim"}},
      {"clients: [ { name: a, entra: { roles: [ r, r ] } } ]\n",
       {4, 44, "clients[0].entra.roles[1]", "is written twice"}},
      {"clients: [ { name: a, entra: { roles: [ r ] } }, { name: b, entra: { roles: [ r ] } } ]\n",
       {4, 68, "clients[1].entra", "can never match: whoever matches it matches client a"}},
      {"clients: [ { name: a, entra: { roles: [ r, s ] } }, { name: b, entra: { roles: [ s ], "
       "groups: [ g ] } } ]\n",
       {4, 71, "clients[1].entra", "the first in the file counts"}},
      {"clients: [ { name: a, keys: [ k ], certificate_names: [ x ] } ]\n",
       {4, 55, "clients[0].certificate_names", "no listener asks for a client certificate"}},
      {"clients: [ { name: a, keys: [ k ] } ]\nrequire_entra: true\n",
       {4, 29, "clients[0].keys", "no client may have keys"}},
      {"require_entra: yes\nclients: [ { name: a, keys: [ k ] } ]\n",
       {4, 16, "require_entra", "\"yes\" is not true or false"}},
      {client_with("roles: [ r ]") +
           "require_entra: true\ncredentials: [ { name: k, api_key: geheim } ]\n",
       {6, 36, "credentials[0].api_key", "no backend may be called with a key"}},
      {client_with("roles: [ r ]") + "require_entra: true\nanonymous: {}\n",
       {6, 12, "anonymous", "nobody may call without a token"}},
  };
  for (const auto& [rest, expected] : rules) {
    SCOPED_TRACE(rest);
    const Loaded loaded = load_entra(rest);
    expect_problems(loaded, {expected});
    EXPECT_EQ(all_of(loaded).find("geheim"), std::string::npos);
  }
}

TEST(EntraClients, AMistypedListLeavesNobodyIn) {
  expect_problems(load_entra(client_with("role: [ r ]")),
                  {{4, 32, "clients[0].entra", "any application of the tenant would match"},
                   {4, 34, "clients[0].entra.role", "did you mean \"roles\"?"}});
}

TEST(EntraClients, OverlapIsDecidedByTheOrderOfTheFile) {
  EXPECT_EQ(all_of(load_entra("clients:\n"
                              "  - { name: narrow, entra: { roles: [ r ], groups: [ g ] } }\n"
                              "  - { name: wide, entra: { roles: [ r, s ] } }\n")),
            "");
}

TEST(EntraSection, rules) {
  const std::string rest = client_with("roles: [ r ]");
  const auto load_section = [&](const std::string& section) {
    return load(
        "listeners: [ { address: 127.0.0.1:8080 } ]\n"
        "backends: [ { name: a, url: https://a.example } ]\n" +
            section + rest,
        {});
  };
  const std::string tenants = "tenants: [ " + std::string(kTenant) + " ]";
  const std::vector<std::pair<std::string, Expected>> rules = {
      {"", {3, 32, "clients[0].entra", "needs the section entra at the top of the file"}},
      {"entra: { audiences: [ a ] }\n", {3, 8, "entra.tenants", "is missing"}},
      {"entra: { " + tenants + " }\n", {3, 8, "entra.audiences", "is missing"}},
      {"entra: { tenants: [ common ], audiences: [ a ] }\n",
       {3, 21, "entra.tenants[0]", "\"common\" is not a GUID"}},
      {"entra: { audiences: [ a ], tenants: [] }\n",
       {3, 37, "entra.tenants", "is empty, which nobody could match"}},
      {"entra: { audiences: [ a ], " + tenants + ", authority_host: 'http://login.example' }\n",
       {3, 95, "entra.authority_host", "http"}},
      {"entra: { audiences: [ a ], " + tenants + ", clock_skew: 6m }\n",
       {3, 91, "entra.clock_skew", "is out of range; allowed: 0s to 5m"}},
      {"entra: { audiences: [ a ], " + tenants + ", audience: b }\n",
       {3, 79, "entra.audience", "did you mean \"audiences\"?"}},
  };
  for (const auto& [section, expected] : rules) {
    SCOPED_TRACE(section);
    expect_problems(load_section(section), {expected});
  }
}

TEST(CertificateNames, AreGlobsForListenersThatAsk) {
  const Loaded loaded = load(
      "listeners: [ { address: 127.0.0.1:8443, tls: { certificate_file: c, private_key_file: k, "
      "client_ca_file: ca } } ]\n"
      "backends: [ { name: a, url: https://a.example } ]\n"
      "clients: [ { name: app, keys: [ k ], certificate_names: [ '*.contoso.com' ] } ]\n",
      {});
  EXPECT_EQ(configuration_of(loaded).clients.front().certificate_names,
            std::vector<std::string>{"*.contoso.com"});
}

}  // namespace
}  // namespace spillway::config::testing
