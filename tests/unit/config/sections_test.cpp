// listeners, admin, credentials, backends, limits, log and server: each rule of each key.

#include "config_test_support.hpp"

#include <gtest/gtest.h>

namespace spillway::config::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The same as the prelude, with one section written by the test in line 1.
Loaded load_with_listeners(const std::string& listeners) {
  return load(listeners +
                  "\nbackends: [ { name: a, url: https://a.example } ]\n"
                  "clients: [ { name: app, keys: [ k1 ] } ]\n",
              {});
}

Loaded load_with_backends(const std::string& backends) {
  return load(
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "clients: [ { name: app, keys: [ k1 ] } ]\n" +
          backends + "\n",
      {});
}

TEST(Listeners, plain_and_tls) {
  const Configuration c = configuration_of(load_with_listeners(
      "listeners: [ { address: 0.0.0.0:8443, tls: { certificate_file: c.pem, private_key_file: "
      "k.pem, client_ca_file: ca.pem } }, { address: \"[::1]:8080\" } ]"));
  ASSERT_EQ(c.listeners.size(), 2U);
  EXPECT_EQ(c.listeners[0].address, (Address{"0.0.0.0", 8443}));
  ASSERT_TRUE(c.listeners[0].tls);
  EXPECT_EQ(c.listeners[0].tls->certificate.certificate_file, "c.pem");
  EXPECT_EQ(c.listeners[0].tls->certificate.private_key_file, "k.pem");
  EXPECT_EQ(c.listeners[0].tls->client_ca_file, "ca.pem");
  EXPECT_EQ(c.listeners[1].address, (Address{"::1", 8080}));
  EXPECT_FALSE(c.listeners[1].tls);
  EXPECT_FALSE(c.admin);
}

TEST(Listeners, certificates_by_name) {
  const Configuration c = configuration_of(load_with_listeners(
      "listeners: [ { address: 'h:1', tls: { certificate_file: c, private_key_file: k, "
      "min_version: '1.3', certificates: [ { certificate_file: c2, private_key_file: k2 }, { "
      "certificate_file: c3, private_key_file: k3 } ] } } ]"));
  const ListenerTls& tls = c.listeners.at(0).tls.value();
  ASSERT_EQ(tls.certificates.size(), 2U);
  EXPECT_EQ(tls.certificates[1].certificate_file, "c3");
  EXPECT_EQ(tls.certificates[1].private_key_file, "k3");
  EXPECT_EQ(tls.min_version, TlsVersion::tls_1_3);
  std::vector<std::string> watched;
  for (const FileUse& use : c.files)
    watched.push_back(use.path + " " + use.file);
  EXPECT_EQ(watched, (std::vector<std::string>{
                         "listeners[0].tls.certificate_file c",
                         "listeners[0].tls.private_key_file k",
                         "listeners[0].tls.certificates[0].certificate_file c2",
                         "listeners[0].tls.certificates[0].private_key_file k2",
                         "listeners[0].tls.certificates[1].certificate_file c3",
                         "listeners[0].tls.certificates[1].private_key_file k3",
                     }));
}

TEST(Listeners, rules) {
  const std::vector<BrokenRule> rules = {
      {"listeners: []", {1, 12, "listeners", "is empty; write at least one"}},
      {"listeners: {}", {1, 12, "listeners", "is a map; expected a list"}},
      {"listeners: [ x ]", {1, 14, "listeners[0]", "is a single value; expected a map"}},
      {"listeners: [ {} ]", {1, 14, "listeners[0].address", "is missing; write host:port"}},
      {"listeners: [ { address: 8080 } ]", {1, 25, "listeners[0].address", "\"8080\" is not an"}},
      {"listeners: [ { address: 'h' } ]", {1, 25, "listeners[0].address", "has no port"}},
      {"listeners: [ { address: [] } ]", {1, 25, "listeners[0].address", "is a list; expected"}},
      {"listeners: [ { adress: 'h:1', address: 'h:2' } ]",
       {1, 16, "listeners[0].adress", "did you mean \"address\"? allowed here: address, tls"}},
      {"listeners: [ { address: 'h:1', tls: } ]",
       {1, 32, "listeners[0].tls", "has no value; expected a map with certificate_file"}},
      {"listeners: [ { address: 'h:1', tls: true } ]",
       {1, 37, "listeners[0].tls", "is a single value"}},
      {"listeners: [ { address: 'h:1', tls: { certificate_file: c } } ]",
       {1, 37, "listeners[0].tls.private_key_file", "is missing; write the path"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c } } ]",
       {1, 37, "listeners[0].tls.certificate_file", "is missing; write the path"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: '' } } ]",
       {1, 78, "listeners[0].tls.certificate_file", "is empty; expected a text"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: d, "
       "client_ca_file: } } ]",
       {1, 81, "listeners[0].tls.client_ca_file", "has no value"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: d, "
       "certificates: [] } } ]",
       {1, 95, "listeners[0].tls.certificates", "is empty; write at least one"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: d, "
       "certificates: [ { certificate_file: e } ] } } ]",
       {1, 97, "listeners[0].tls.certificates[0].private_key_file", "is missing; write the path"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: d, "
       "certificates: [ { certificate_file: e, private_key_file: f, name: g } ] } } ]",
       {1, 141, "listeners[0].tls.certificates[0].name", "unknown key"}},
      {"listeners: [ { address: 'h:1', tls: { private_key_file: c, certificate_file: d, "
       "min_version: 1.1 } } ]",
       {1, 94, "listeners[0].tls.min_version", "\"1.1\""}},
      {"listeners: [ { address: 'h:1' }, { address: 'H:1' } ]",
       {1, 45, "listeners[1].address", "is already the address of a listener"}},
  };
  for (const BrokenRule& rule : rules) {
    SCOPED_TRACE(rule.rest);
    expect_problems(load_with_listeners(std::string(rule.rest)), {rule.expected});
  }
}

TEST(Listeners, port_zero_may_be_written_twice) {
  EXPECT_EQ(all_of(load_with_listeners(
                "listeners: [ { address: 127.0.0.1:0 }, { address: 127.0.0.1:0 } ]")),
            "");
}

TEST(Admin, rules) {
  const Configuration c =
      configuration_of(load_after_prelude("admin: { address: 127.0.0.1:9901 }\n"));
  ASSERT_TRUE(c.admin);
  EXPECT_EQ(c.admin->address, (Address{"127.0.0.1", 9901}));
  EXPECT_TRUE(c.admin->token.empty());
  const Configuration open = configuration_of(
      load_after_prelude("admin: { address: 0.0.0.0:9901, token: 0123456789abcdef }\n"));
  EXPECT_EQ(open.admin->token.reveal(), "0123456789abcdef");
  expect_broken({
      {"admin: {}\n", {4, 8, "admin.address", "is missing"}},
      {"admin: 127.0.0.1:9901\n", {4, 8, "admin", "is a single value; expected a map"}},
      {"admin: { address: x }\n", {4, 19, "admin.address", "has no port"}},
      {"admin: { address: '[::1]:1', tls: {} }\n", {4, 30, "admin.tls", "unknown key"}},
      {"admin: { address: 0.0.0.0:1 }\n", {4, 19, "admin.address", "is open to other machines"}},
      {"admin: { address: '127.elsewhere.example:1' }\n",
       {4, 19, "admin.address", "is open to other machines"}},
      {"admin: { address: 'h:1', token: short }\n",
       {4, 33, "admin.token", "is not a token; allowed: 16 to 1024"}},
      {"admin: { address: localhost:1, token: '' }\n", {4, 39, "admin.token", "is not a token"}},
      {"admin: { address: 127.0.0.1:8080 }\n",
       {4, 19, "admin.address", "is already the address of a listener"}},
  });
}

TEST(Credentials, kinds) {
  const Configuration c = configuration_of(load_after_prelude(
      "credentials:\n"
      "  - { name: system, managed_identity: {} }\n"
      "  - { name: user, managed_identity: { client_id: 1-2 }, scope: api://x/.default }\n"
      "  - { name: object, managed_identity: { object_id: 3-4 } }\n"
      "  - { name: resource, managed_identity: { resource_id: /subscriptions/s } }\n"
      "  - name: app\n"
      "    client_secret: { tenant_id: t, client_id: c, secret: s3cret }\n"
      "    authority_host: https://login.microsoftonline.us/\n"
      "  - { name: key, api_key: abc }\n"));
  ASSERT_EQ(c.credentials.size(), 7U);
  EXPECT_TRUE(std::get<ManagedIdentity>(c.credentials[0].kind).client_id.empty());
  EXPECT_EQ(c.credentials[0].scope, "https://cognitiveservices.azure.com/.default");
  EXPECT_EQ(c.credentials[0].authority_host, "https://login.microsoftonline.com");
  EXPECT_EQ(std::get<ManagedIdentity>(c.credentials[1].kind).client_id, "1-2");
  EXPECT_EQ(c.credentials[1].scope, "api://x/.default");
  EXPECT_EQ(std::get<ManagedIdentity>(c.credentials[2].kind).object_id, "3-4");
  EXPECT_EQ(std::get<ManagedIdentity>(c.credentials[3].kind).resource_id, "/subscriptions/s");
  const auto& app = std::get<ClientSecret>(c.credentials[4].kind);
  EXPECT_EQ(app.tenant_id, "t");
  EXPECT_EQ(app.client_id, "c");
  EXPECT_EQ(app.secret.reveal(), "s3cret");
  EXPECT_EQ(c.credentials[4].authority_host, "https://login.microsoftonline.us");
  EXPECT_EQ(std::get<ApiKey>(c.credentials[5].kind).key.reveal(), "abc");
  EXPECT_EQ(c.credentials[6].name, kEnvironmentCredential);
}

TEST(Credentials, rules) {
  expect_broken({
      {"credentials: {}\n", {4, 14, "credentials", "is a map; expected a list"}},
      {"credentials: [ { api_key: k } ]\n", {4, 16, "credentials[0].name", "is missing"}},
      {"credentials: [ { name: '', api_key: k } ]\n",
       {4, 24, "credentials[0].name", "\"\" is not a name; allowed: 1 to 64"}},
      {"credentials: [ { name: a b, api_key: k } ]\n",
       {4, 24, "credentials[0].name", "is not a name"}},
      {"credentials: [ { name: environment, api_key: k } ]\n",
       {4, 24, "credentials[0].name", "is reserved"}},
      {"credentials: [ { name: x, api_key: k }, { name: x, api_key: l } ]\n",
       {4, 49, "credentials[1].name", "\"x\" is already the name of another credential (line 4)"}},
      {"credentials: [ { name: x } ]\n",
       {4, 16, "credentials[0]", "has no kind; write one of managed_identity"}},
      {"credentials: [ { name: x, api_key: k, managed_identity: {} } ]\n",
       {4, 16, "credentials[0]", "has more than one kind"}},
      {"credentials: [ { name: x, managed_identity: } ]\n",
       {4, 27, "credentials[0].managed_identity", "{} is the system-assigned identity"}},
      {"credentials: [ { name: x, managed_identity: { client_id: a, object_id: b } } ]\n",
       {4, 45, "credentials[0].managed_identity", "more than one of client_id, object_id"}},
      {"credentials: [ { name: x, managed_identity: { client_id: a b } } ]\n",
       {4, 58, "credentials[0].managed_identity.client_id", "holds blanks"}},
      {"credentials: [ { name: x, managed_identity: { id: a } } ]\n",
       {4, 47, "credentials[0].managed_identity.id", "allowed here: client_id, object_id"}},
      {"credentials: [ { name: x, client_secret: { client_id: c, secret: s } } ]\n",
       {4, 42, "credentials[0].client_secret.tenant_id", "is missing"}},
      {"credentials: [ { name: x, client_secret: { tenant_id: t, secret: s } } ]\n",
       {4, 42, "credentials[0].client_secret.client_id", "is missing"}},
      {"credentials: [ { name: x, client_secret: { tenant_id: t, client_id: c } } ]\n",
       {4, 42, "credentials[0].client_secret.secret", "is missing"}},
      {"credentials: [ { name: x, client_secret: { tenant_id: a/b, client_id: c, secret: s } } ]\n",
       {4, 55, "credentials[0].client_secret.tenant_id", "is not a tenant's id or domain"}},
      {"credentials: [ { name: x, client_secret: { tenant_id: t, client_id: c, secret: '' } } ]\n",
       {4, 80, "credentials[0].client_secret.secret", "is empty or holds characters"}},
      {"credentials: [ { name: x, api_key: a b } ]\n",
       {4, 36, "credentials[0].api_key", "other than visible ASCII"}},
      {"credentials: [ { name: x, api_key: k, scope: s } ]\n",
       {4, 39, "credentials[0].scope", "an api_key is not an Entra credential"}},
      {"credentials: [ { name: x, managed_identity: {}, authority_host: 'http://a.example' } ]\n",
       {4, 65, "credentials[0].authority_host", "http is allowed only for loopback"}},
      {"credentials: [ { name: x, managed_identity: {}, scope: '' } ]\n",
       {4, 56, "credentials[0].scope", "is empty"}},
      {"credentials: [ { name: x, manged_identity: {}, api_key: k } ]\n",
       {4, 27, "credentials[0].manged_identity", "did you mean \"managed_identity\"?"}},
  });
}

TEST(Credentials, workload_identity_certificate_and_pass_through) {
  const Configuration c = configuration_of(load_after_prelude(
      "credentials:\n"
      "  - { name: aks, workload_identity: {} }\n"
      "  - { name: named, workload_identity: { tenant_id: t, client_id: c, token_file: /t } }\n"
      "  - name: batch\n"
      "    client_certificate: { tenant_id: t, client_id: c, certificate_file: /etc/batch.pem }\n"
      "  - name: sni\n"
      "    client_certificate: { tenant_id: t, client_id: c, certificate_file: /etc/sni.pem,\n"
      "      send_certificate_chain: true }\n"
      "  - { name: as-caller, pass_through: {} }\n"));
  const auto& aks = std::get<WorkloadIdentity>(c.credentials[0].kind);
  EXPECT_EQ(aks.tenant_id + aks.client_id + aks.token_file, "");
  const auto& named = std::get<WorkloadIdentity>(c.credentials[1].kind);
  EXPECT_EQ(named.tenant_id, "t");
  EXPECT_EQ(named.client_id, "c");
  EXPECT_EQ(named.token_file, "/t");
  const auto& batch = std::get<ClientCertificate>(c.credentials[2].kind);
  EXPECT_EQ(batch.certificate_file, "/etc/batch.pem");
  EXPECT_FALSE(batch.send_certificate_chain);
  EXPECT_TRUE(std::get<ClientCertificate>(c.credentials[3].kind).send_certificate_chain);
  EXPECT_TRUE(std::holds_alternative<PassThrough>(c.credentials[4].kind));
  ASSERT_EQ(c.files.size(), 2U) << "a projected token comes and goes without a reload";
  EXPECT_EQ(c.files[0].file, "/etc/batch.pem");
  EXPECT_EQ(c.files[0].path, "credentials[2].client_certificate.certificate_file");
}

TEST(Credentials, rules_of_workload_identity_certificate_and_pass_through) {
  expect_broken({
      {"credentials: [ { name: x, workload_identity: { tenant_id: a/b } } ]\n",
       {4, 59, "credentials[0].workload_identity.tenant_id", "is not a tenant's id or domain"}},
      {"credentials: [ { name: x, workload_identity: { token_file: '' } } ]\n",
       {4, 60, "credentials[0].workload_identity.token_file", "is empty"}},
      {"credentials: [ { name: x, workload_identity: { federated_token_file: /t } } ]\n",
       {4, 48, "credentials[0].workload_identity.federated_token_file", "unknown key"}},
      {"credentials: [ { name: x, workload_identity: yes } ]\n",
       {4, 46, "credentials[0].workload_identity", "expected a map; {} takes AZURE_TENANT_ID"}},
      {"credentials: [ { name: x, client_certificate: { client_id: c, certificate_file: f } } ]\n",
       {4, 47, "credentials[0].client_certificate.tenant_id", "is missing"}},
      {"credentials: [ { name: x, client_certificate: { tenant_id: t, certificate_file: f } } ]\n",
       {4, 47, "credentials[0].client_certificate.client_id", "is missing"}},
      {"credentials: [ { name: x, client_certificate: { tenant_id: t, client_id: c } } ]\n",
       {4, 47, "credentials[0].client_certificate.certificate_file", "write the PEM file"}},
      {"credentials: [ { name: x, pass_through: true } ]\n",
       {4, 41, "credentials[0].pass_through", "expected {}: there is nothing to set"}},
      {"credentials: [ { name: x, pass_through: { header: y } } ]\n",
       {4, 43, "credentials[0].pass_through.header", "unknown key"}},
      {"credentials: [ { name: x, pass_through: {}, scope: s } ]\n",
       {4, 45, "credentials[0].scope", "pass_through asks for no token"}},
      {"credentials: [ { name: x, pass_through: {}, authority_host: 'https://a' } ]\n",
       {4, 45, "credentials[0].authority_host", "pass_through asks for no token"}},
  });
}

TEST(Credentials, the_authority_host_of_the_environment_is_the_default) {
  const std::string text =
      "credentials:\n"
      "  - { name: x, managed_identity: {} }\n"
      "  - { name: y, managed_identity: {}, authority_host: https://mine.example }\n";
  const auto authority = [&](std::string value) {
    return configuration_of(
        load_after_prelude(text, sources_of({{"AZURE_AUTHORITY_HOST", std::move(value)}})));
  };
  const Configuration c = authority("https://login.microsoftonline.us/");
  ASSERT_EQ(c.credentials.size(), 3U);
  EXPECT_EQ(c.credentials[0].authority_host, "https://login.microsoftonline.us");
  EXPECT_EQ(c.credentials[1].authority_host, "https://mine.example");
  EXPECT_EQ(c.credentials[2].authority_host, "https://login.microsoftonline.us");
  EXPECT_EQ(authority("login.chinacloudapi.cn").credentials[0].authority_host,
            "https://login.chinacloudapi.cn");
  EXPECT_EQ(authority("").credentials[0].authority_host, "https://login.microsoftonline.com");
}

TEST(Credentials, a_bad_authority_host_of_the_environment_is_named) {
  expect_problems(
      load_after_prelude("", sources_of({{"AZURE_AUTHORITY_HOST", "http://evil.example"}})),
      {{2, 11, "backends", "environment variable AZURE_AUTHORITY_HOST is not https"}});
}

TEST(Credentials, the_environment_is_added_only_where_it_is_used) {
  const Configuration without = configuration_of(
      load_with_backends("credentials: [ { name: k, api_key: x } ]\n"
                         "backends: [ { name: a, url: https://a.example, credential: k } ]"));
  ASSERT_EQ(without.credentials.size(), 1U);
  const Configuration by_name = configuration_of(load_with_backends(
      "backends: [ { name: a, url: https://a.example, credential: environment } ]"));
  ASSERT_EQ(by_name.credentials.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<EnvironmentIdentity>(by_name.credentials[0].kind));
}

TEST(Backends, all_keys) {
  const Configuration c = configuration_of(
      load_with_backends("credentials: [ { name: k, api_key: x } ]\n"
                         "backends:\n"
                         "  - name: a\n"
                         "    url: https://A.example:8443/x/\n"
                         "    credential: k\n"
                         "    deployments: { gpt-4o: gpt-4o-ptu, o3: o3 }\n"
                         "    tls: { ca_file: ca.pem, server_name: b.example, min_version: 1.3 }\n"
                         "    max_connections: 5\n"
                         "  - { name: b, url: http://127.0.0.1:1 }"));
  ASSERT_EQ(c.backends.size(), 2U);
  EXPECT_EQ(c.backends[0].url, (Url{true, "a.example", 8443, "/x"}));
  EXPECT_EQ(c.backends[0].credential, "k");
  EXPECT_EQ(c.backends[0].deployments.size(), 2U);
  EXPECT_EQ(c.backends[0].deployments.at("gpt-4o"), "gpt-4o-ptu");
  EXPECT_EQ(c.backends[0].tls, (BackendTls{"ca.pem", "b.example", TlsVersion::tls_1_3}));
  EXPECT_EQ(c.backends[0].max_connections, 5U);
  EXPECT_EQ(c.backends[1].credential, kEnvironmentCredential);
  EXPECT_EQ(c.backends[1].tls.min_version, TlsVersion::tls_1_2);
  EXPECT_TRUE(c.backends[1].deployments.empty());
  EXPECT_EQ(c.backends[1].max_connections, 1024U);
}

TEST(Backends, rules) {
  const std::vector<BrokenRule> rules = {
      {"backends: []", {3, 11, "backends", "is empty; write at least one"}},
      {"backends: [ { url: https://a } ]", {3, 13, "backends[0].name", "is missing"}},
      {"backends: [ { name: a } ]", {3, 13, "backends[0].url", "is missing; write one such as"}},
      {"backends: [ { name: a, url: contoso } ]",
       {3, 29, "backends[0].url", "\"contoso\" is not a URL"}},
      {"backends: [ { name: a, url: 'https://u:geheim@a' } ]",
       {3, 29, "backends[0].url", "carries a user name or password"}},
      {"backends: [ { name: a, url: https://a }, { name: a, url: https://b } ]",
       {3, 50, "backends[1].name", "\"a\" is already the name of another backend (line 3)"}},
      {"backends: [ { name: a, url: https://a, credential: nope } ]",
       {3, 52, "backends[0].credential", "is not a defined credential; no credential is defined"}},
      {"backends: [ { name: a, url: https://a, deployments: {} } ]",
       {3, 53, "backends[0].deployments", "is empty; leave it out"}},
      {"backends: [ { name: a, url: https://a, deployments: [ gpt-4o ] } ]",
       {3, 53, "backends[0].deployments", "is a list; expected a map such as"}},
      {"backends: [ { name: a, url: https://a, deployments: { a/b: c } } ]",
       {3, 55, "backends[0].deployments.a/b", "\"a/b\" is not a deployment's name"}},
      {"backends: [ { name: a, url: https://a, deployments: { a: '*' } } ]",
       {3, 58, "backends[0].deployments.a", "\"*\" is not a deployment's name"}},
      {"backends: [ { name: a, url: https://a, deployments: { a: } } ]",
       {3, 55, "backends[0].deployments.a", "has no value"}},
      {"backends: [ { name: a, url: https://a, deployments: { a: b, '${N:-a}': c } } ]",
       {3, 61, "backends[0].deployments.${N:-a}", "stands for the same deployment"}},
      {"backends: [ { name: a, url: http://a, tls: { ca_file: c } } ]",
       {3, 44, "backends[0].tls", "has no effect, because the url is http"}},
      {"backends: [ { name: a, url: https://a, tls: { server_name: 'a b' } } ]",
       {3, 60, "backends[0].tls.server_name", "is not a host name"}},
      {"backends: [ { name: a, url: https://a, tls: { min_version: 1.0 } } ]",
       {3, 60, "backends[0].tls.min_version", "\"1.0\""}},
      {"backends: [ { name: a, url: https://a, tls: { verify: false } } ]",
       {3, 47, "backends[0].tls.verify", "unknown key"}},
      {"backends: [ { name: a, url: https://a, max_connections: 0 } ]",
       {3, 57, "backends[0].max_connections", "\"0\" is not a whole number from 1 to 65535"}},
      {"backends: [ { name: a, url: https://a, max_connections: '5' } ]",
       {3, 57, "backends[0].max_connections", "is a text (in quotes); expected a whole number"}},
  };
  for (const BrokenRule& rule : rules) {
    SCOPED_TRACE(rule.rest);
    const Loaded loaded = load_with_backends(std::string(rule.rest));
    expect_problems(loaded, {rule.expected});
    EXPECT_EQ(all_of(loaded).find("geheim"), std::string::npos);
  }
}

TEST(Backends, a_near_miss_of_a_credential_is_offered) {
  expect_problems(
      load_with_backends("credentials: [ { name: platform, api_key: x } ]\n"
                         "backends: [ { name: a, url: https://a, credential: platfrom } ]"),
      {{4, 52, "backends[0].credential",
        "\"platfrom\" is not a defined credential; did you mean \"platform\"? defined: "
        "platform"}});
}

TEST(LimitsSection, defaults_are_those_of_the_contract) {
  const Limits limits = configuration_of(load_after_prelude("")).limits;
  EXPECT_EQ(limits.max_request_body, 64ULL << 20U);
  EXPECT_EQ(limits.max_upload_body, 512ULL << 20U);
  EXPECT_EQ(limits.replay_buffer, 16ULL << 20U);
  EXPECT_EQ(limits.replay_memory, 1ULL << 30U);
  EXPECT_EQ(limits.max_header_bytes, 32ULL << 10U);
  EXPECT_EQ(limits.max_headers, 100U);
  EXPECT_EQ(limits.max_connections, 8192U);
  EXPECT_EQ(limits.header_timeout, seconds(10));
  EXPECT_EQ(limits.body_timeout, seconds(30));
  EXPECT_EQ(limits.min_body_rate, 256U);
  EXPECT_EQ(limits.idle_timeout, seconds(75));
  EXPECT_EQ(limits.write_timeout, seconds(60));
  EXPECT_EQ(limits.max_request_line_bytes, 8ULL << 10U);
  EXPECT_EQ(limits.max_field_value_bytes, 16ULL << 10U);
  EXPECT_EQ(limits.max_chunk_extension_bytes, 4ULL << 10U);
  EXPECT_EQ(limits.max_trailer_bytes, 8ULL << 10U);
  EXPECT_EQ(limits.max_connections_per_address, 0U);
  EXPECT_EQ(limits.max_handshakes, 1024U);
  EXPECT_EQ(limits.max_requests, 0U);
  EXPECT_EQ(limits.max_requests_per_connection, 10'000U);
  EXPECT_EQ(limits.max_connection_age, hours(1));
  EXPECT_EQ(limits.handshake_timeout, seconds(10));
  EXPECT_EQ(limits.max_body_time, minutes(30));
  EXPECT_EQ(limits.min_write_rate, 256U);
  EXPECT_EQ(limits.rate_grace, seconds(10));
  EXPECT_FALSE(limits.max_memory);
}

TEST(LimitsSection, keys_for_an_open_edge) {
  const Limits limits =
      configuration_of(
          load_after_prelude(
              "limits: { max_request_line_bytes: 256B, max_field_value_bytes: 60KiB, "
              "max_chunk_extension_bytes: 0B, max_trailer_bytes: 1KiB, "
              "max_connections_per_address: 1, max_handshakes: 2, max_requests: 3, "
              "max_requests_per_connection: 4, max_connection_age: 5m, handshake_timeout: 6s, "
              "max_body_time: 7s, min_write_rate: 8B, rate_grace: 9s, max_memory: 64MiB }\n"))
          .limits;
  EXPECT_EQ(limits.max_request_line_bytes, 256U);
  EXPECT_EQ(limits.max_field_value_bytes, 60ULL << 10U);
  EXPECT_EQ(limits.max_chunk_extension_bytes, 0U);
  EXPECT_EQ(limits.max_trailer_bytes, 1ULL << 10U);
  EXPECT_EQ(limits.max_connections_per_address, 1U);
  EXPECT_EQ(limits.max_handshakes, 2U);
  EXPECT_EQ(limits.max_requests, 3U);
  EXPECT_EQ(limits.max_requests_per_connection, 4U);
  EXPECT_EQ(limits.max_connection_age, minutes(5));
  EXPECT_EQ(limits.handshake_timeout, seconds(6));
  EXPECT_EQ(limits.max_body_time, seconds(7));
  EXPECT_EQ(limits.min_write_rate, 8U);
  EXPECT_EQ(limits.rate_grace, seconds(9));
  EXPECT_EQ(limits.max_memory, 64ULL << 20U);
}

TEST(LimitsSection, what_may_be_without_a_limit) {
  const Limits limits =
      configuration_of(load_after_prelude("limits: { max_connection_age: 0s, max_body_time: 0s, "
                                          "max_requests_per_connection: 0, min_body_rate: 0B, "
                                          "min_write_rate: 0B, max_memory: 0B }\n"))
          .limits;
  EXPECT_EQ(limits.max_connection_age, seconds(0));
  EXPECT_EQ(limits.max_body_time, seconds(0));
  EXPECT_EQ(limits.max_requests_per_connection, 0U);
  EXPECT_EQ(limits.min_body_rate, 0U);
  EXPECT_EQ(limits.min_write_rate, 0U);
  EXPECT_EQ(limits.max_memory, 0U);
}

TEST(LimitsSection, all_keys) {
  const Limits limits =
      configuration_of(
          load_after_prelude(
              "limits: { max_request_body: 1MiB, max_upload_body: 2MiB, replay_buffer: 3MiB, "
              "replay_memory: 4MiB, max_header_bytes: 60KiB, max_headers: 5, max_connections: 6, "
              "header_timeout: 7s, body_timeout: 8s, min_body_rate: 9B, idle_timeout: 10s, "
              "write_timeout: 11s }\n"))
          .limits;
  EXPECT_EQ(limits.max_request_body, 1ULL << 20U);
  EXPECT_EQ(limits.max_upload_body, 2ULL << 20U);
  EXPECT_EQ(limits.replay_buffer, 3ULL << 20U);
  EXPECT_EQ(limits.replay_memory, 4ULL << 20U);
  EXPECT_EQ(limits.max_header_bytes, 60ULL << 10U);
  EXPECT_EQ(limits.max_headers, 5U);
  EXPECT_EQ(limits.max_connections, 6U);
  EXPECT_EQ(limits.header_timeout, seconds(7));
  EXPECT_EQ(limits.body_timeout, seconds(8));
  EXPECT_EQ(limits.min_body_rate, 9U);
  EXPECT_EQ(limits.idle_timeout, seconds(10));
  EXPECT_EQ(limits.write_timeout, seconds(11));
}

TEST(LimitsSection, rules) {
  expect_broken({
      {"limits: []\n", {4, 9, "limits", "is a list; expected a map"}},
      {"limits: { max_field_value_bytes: 255B }\n",
       {4, 34, "limits.max_field_value_bytes", "\"255B\" is out of range; allowed: 256B to 60KiB"}},
      {"limits: { max_trailer_bytes: 61KiB }\n",
       {4, 30, "limits.max_trailer_bytes", "\"61KiB\" is out of range; allowed: 0B to 60KiB"}},
      {"limits: { max_handshakes: 0 }\n",
       {4, 27, "limits.max_handshakes", "\"0\" is not a whole number from 1 to 1000000"}},
      {"limits: { handshake_timeout: 0s }\n",
       {4, 30, "limits.handshake_timeout", "\"0s\" is out of range; allowed: 1ms to 1d"}},
      {"limits: { max_memory: 63MiB }\n",
       {4, 23, "limits.max_memory",
        "63MiB is less than the gateway needs idle; write 64MiB or more, or 0B for no limit"}},
      {"limits: { max_header_bytes: 61KiB }\n",
       {4, 29, "limits.max_header_bytes", "\"61KiB\" is out of range; allowed: 1KiB to 60KiB"}},
      {"limits: { max_request_body: 64 }\n",
       {4, 29, "limits.max_request_body", "\"64\" has no unit; write a size"}},
      {"limits: { max_request_body: 64MB }\n",
       {4, 29, "limits.max_request_body", "unknown unit (allowed: B, KiB"}},
      {"limits: { header_timeout: 10 }\n",
       {4, 27, "limits.header_timeout", "\"10\" has no unit; write a duration"}},
      {"limits: { header_timeout: 0s }\n",
       {4, 27, "limits.header_timeout", "\"0s\" is out of range; allowed: 1ms to 1d"}},
      {"limits: { idle_timeout: soon }\n",
       {4, 25, "limits.idle_timeout", "\"soon\" is not a duration"}},
      {"limits: { idle_timeout: { s: 1 } }\n",
       {4, 25, "limits.idle_timeout", "is a map; expected a duration"}},
      {"limits: { max_headers: 1001 }\n", {4, 24, "limits.max_headers", "from 1 to 1000"}},
      {"limits: { max_connections: 0 }\n", {4, 28, "limits.max_connections", "from 1 to 1000000"}},
      {"limits: { replay_buffer: 2GiB }\n",
       {4, 26, "limits.replay_buffer", "2GiB for one request is more than replay_memory (1GiB)"}},
      {"limits: { max_hedaers: 5 }\n",
       {4, 11, "limits.max_hedaers", "did you mean \"max_headers\"?"}},
  });
}

TEST(ForwardedSection, all_keys_and_rules) {
  const Forwarded defaults = configuration_of(load_after_prelude("")).forwarded;
  EXPECT_TRUE(defaults.trusted_proxies.empty());
  EXPECT_EQ(defaults.to_backends, ToBackends::drop);
  const Forwarded forwarded =
      configuration_of(
          load_after_prelude("forwarded: { trusted_proxies: [ 10.0.0.0/8, \"fd00::/8\", "
                             "192.0.2.7 ], to_backends: append }\n"))
          .forwarded;
  ASSERT_EQ(forwarded.trusted_proxies.size(), 3U);
  EXPECT_TRUE(forwarded.trusted_proxies[2].contains(*base::IpAddress::parse("192.0.2.7")));
  EXPECT_EQ(forwarded.to_backends, ToBackends::append);
  const std::string where = "forwarded.trusted_proxies[0]";
  expect_broken({
      {"forwarded: { trusted_proxies: [ 10.0.0.1/8 ] }\n",
       {4, 33, where, "\"10.0.0.1/8\" is not an address or a network; allowed: 192.0.2.7"}},
      {"forwarded: { trusted_proxies: [ proxy.example ] }\n", {4, 33, where, "is not an address"}},
      {"forwarded: { trusted_proxies: 10.0.0.0/8 }\n",
       {4, 31, "forwarded.trusted_proxies", "expected a list"}},
      {"forwarded: { to_backends: keep }\n",
       {4, 27, "forwarded.to_backends", "\"keep\" is not allowed; expected one of drop, append"}},
      {"forwarded: { trusted_proxy: [] }\n",
       {4, 14, "forwarded.trusted_proxy", "did you mean \"trusted_proxies\"?"}},
  });
}

TEST(LogSection, all_keys_and_rules) {
  const Log log =
      configuration_of(load_after_prelude("log: { level: warning, format: text, access: false }\n"))
          .log;
  EXPECT_EQ(log.level, LogLevel::warning);
  EXPECT_EQ(log.format, LogFormat::text);
  EXPECT_FALSE(log.access);
  expect_broken({
      {"log: { level: warn }\n",
       {4, 15, "log.level", "expected one of trace, debug, info, warning, error, critical"}},
      {"log: { format: jsn }\n",
       {4, 16, "log.format", "\"jsn\" is not allowed; did you mean \"json\"?"}},
      {"log: { access: yes }\n", {4, 16, "log.access", "\"yes\" is not true or false"}},
      {"log: { access: 'true' }\n", {4, 16, "log.access", "is a text (in quotes)"}},
  });
}

TEST(LogSection, file) {
  EXPECT_EQ(configuration_of(load_after_prelude("")).log.file, "");
  EXPECT_EQ(configuration_of(load_after_prelude("log: { file: /var/log/spillway.log }\n")).log.file,
            "/var/log/spillway.log");
  expect_broken({{"log: { file: '' }\n", {4, 14, "log.file", "\"\" is empty; expected a text"}}});
}

TEST(ServerSection, state_directory_and_response_headers) {
  const Server defaults = configuration_of(load_after_prelude("")).server;
  EXPECT_EQ(defaults.state_directory, "");
  EXPECT_TRUE(defaults.response_headers.request_id);
  EXPECT_TRUE(defaults.response_headers.backend);
  EXPECT_TRUE(defaults.response_headers.attempts);
  const Server written =
      configuration_of(
          load_after_prelude("server: { state_directory: /var/lib/spillway, response_headers: { "
                             "request_id: false, backend: false, attempts: false } }\n"))
          .server;
  EXPECT_EQ(written.state_directory, "/var/lib/spillway");
  EXPECT_FALSE(written.response_headers.request_id);
  EXPECT_FALSE(written.response_headers.backend);
  EXPECT_FALSE(written.response_headers.attempts);
}

TEST(ServerSection, upgrade_socket) {
  EXPECT_EQ(configuration_of(load_after_prelude("")).server.upgrade_socket, "");
  EXPECT_EQ(configuration_of(
                load_after_prelude("server: { upgrade_socket: /run/spillway/upgrade.sock }\n"))
                .server.upgrade_socket,
            "/run/spillway/upgrade.sock");
  expect_broken({
      {"server: { upgrade_socket: upgrade.sock }\n",
       {4, 27, "server.upgrade_socket", "is no absolute path"}},
      {"server: { upgrade_socket: /" + std::string(90, 'x') + " }\n",
       {4, 27, "server.upgrade_socket", "91 bytes are too long"}},
  });
}

TEST(ServerSection, all_keys_and_rules) {
  const Server server =
      configuration_of(load_after_prelude("server: { threads: 4, drain_timeout: PT1M }\n")).server;
  EXPECT_EQ(server.threads, 4U);
  EXPECT_EQ(server.drain_timeout, seconds(60));
  const Server defaults = configuration_of(load_after_prelude("")).server;
  EXPECT_EQ(defaults.threads, 0U);
  EXPECT_EQ(defaults.drain_timeout, std::chrono::minutes(5));
  expect_broken({
      {"server: { threads: -1 }\n", {4, 20, "server.threads", "from 0 to 1024"}},
      {"server: { threads: 2.5 }\n", {4, 20, "server.threads", "is not a whole number"}},
      {"server: { drain_timeout: 2d }\n", {4, 26, "server.drain_timeout", "allowed: 0s to 1d"}},
      {"server: { state_directory: '' }\n",
       {4, 28, "server.state_directory", "\"\" is empty; expected a text"}},
      {"server: { response_headers: off }\n",
       {4, 29, "server.response_headers", "is a single value; expected a map"}},
      {"server: { response_headers: { backend: no } }\n",
       {4, 40, "server.response_headers.backend", "\"no\" is not true or false"}},
      {"server: { response_headers: { backends: true } }\n",
       {4, 31, "server.response_headers.backends", "did you mean \"backend\"?"}},
      {"servers: {}\n", {4, 1, "servers", "unknown key; did you mean \"server\"?"}},
  });
}

}  // namespace
}  // namespace spillway::config::testing
