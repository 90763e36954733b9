#include "simulator/config.hpp"
#include "simulator/config_section.hpp"

namespace spillway::simulator {
namespace {

Federation read_federation(const Section& app) {
  const Section section(app.child("federated"), app.path_of("federated"),
                        {"issuer", "subject", "audience"});
  Federation federation;
  section.read("issuer", federation.issuer);
  section.read("subject", federation.subject);
  section.read("audience", federation.audience);
  return federation;
}

App read_app(const YAML::Node& node) {
  const Section section(node, "identity.apps",
                        {"client_id", "secret", "expired_secret", "certificate_file", "federated",
                         "federated_tokens", "federated_token_file"});
  App app;
  section.read("client_id", app.client_id);
  section.read("secret", app.secret);
  section.read("expired_secret", app.expired_secret);
  section.read("certificate_file", app.certificate_file);
  section.read("federated_tokens", app.federated_tokens);
  section.read("federated_token_file", app.federated_token_file);
  if (section.child("federated")) app.federation = read_federation(section);
  return app;
}

/// A client id alone, or a mapping of the three ids.
ManagedIdentity read_managed_identity(const YAML::Node& node) {
  ManagedIdentity identity;
  if (node.IsScalar()) {
    identity.client_id = node.as<std::string>();
    return identity;
  }
  const Section section(node, "identity.managed_identities",
                        {"client_id", "object_id", "resource_id"});
  section.read("client_id", identity.client_id);
  section.read("object_id", identity.object_id);
  section.read("resource_id", identity.resource_id);
  return identity;
}

}  // namespace

Identity read_identity(const YAML::Node& node) {
  const Section section(
      node, "identity",
      {"name", "port", "tls", "tenants", "apps", "managed_identities", "system_assigned",
       "token_lifetime", "refresh_in", "clock_skew", "app_service", "arc"});
  Identity identity;
  section.read("name", identity.name);
  section.read("port", identity.port);
  if (section.child("tls")) identity.tls = read_tls(section);
  section.read("tenants", identity.tenants);
  for (const auto& child : section.child("apps"))
    identity.apps.push_back(read_app(child));
  for (const auto& child : section.child("managed_identities"))
    identity.managed_identities.push_back(read_managed_identity(child));
  section.read("system_assigned", identity.has_system_identity);
  section.read_duration("token_lifetime", identity.token_lifetime);
  section.read_duration("refresh_in", identity.refresh_in);
  section.read_duration("clock_skew", identity.clock_skew, Section::Sign::either);
  if (section.child("app_service")) {
    const Section inner(section.child("app_service"), "identity.app_service", {"header"});
    inner.read("header", identity.app_service_header);
  }
  if (section.child("arc")) {
    const Section inner(section.child("arc"), "identity.arc", {"key_directory"});
    inner.read("key_directory", identity.arc_key_directory);
  }
  return identity;
}

}  // namespace spillway::simulator
