// `credentials`: how the gateway proves itself to backends.

#include "scalars.hpp"
#include "sections.hpp"

#include <algorithm>
#include <array>

namespace spillway::config {
namespace {

constexpr std::string_view kKinds =
    "managed_identity, workload_identity, client_secret, client_certificate, api_key or "
    "pass_through";

// An identifier that goes into a URL: a GUID, a tenant's domain, a resource id.
void read_identifier(Section& section, std::string_view key, std::string& out) {
  std::string text = out;
  section.text(key, text);
  if (is_visible(text)) {
    out = std::move(text);
    return;
  }
  const Value where = section.place_of(key);
  section.reading().report(where, show(where) + " holds blanks or characters that are not ASCII");
}

// Its text is shown in no message.
void read_secret(Section& section, std::string_view key, base::Secret& out) {
  const auto value = section.find(key);
  if (!value) return;
  auto text = section.reading().text(*value, "a text");
  if (!text) return;
  if (text->empty() || !is_visible(*text)) {
    section.reading().report(*value, "is empty or holds characters other than visible ASCII");
  } else {
    out = base::Secret(std::move(*text));
  }
  base::wipe(*text);
}

ManagedIdentity read_managed_identity(Reading& reading, const Value& value) {
  Section section(reading, value, "a map; {} is the system-assigned identity");
  ManagedIdentity identity;
  read_identifier(section, "client_id", identity.client_id);
  read_identifier(section, "object_id", identity.object_id);
  read_identifier(section, "resource_id", identity.resource_id);
  const auto written = (section.find("client_id") ? 1 : 0) + (section.find("object_id") ? 1 : 0) +
                       (section.find("resource_id") ? 1 : 0);
  if (written > 1) {
    reading.report(value, "has more than one of client_id, object_id and resource_id; write one");
  }
  section.finish();
  return identity;
}

// It stands in the path of the authority's URLs.
void read_tenant(Section& section, std::string& out) {
  read_identifier(section, "tenant_id", out);
  if (out.find_first_of("/?#%") == std::string::npos) return;
  const Value where = section.place_of("tenant_id");
  section.reading().report(where, show(where) + " is not a tenant's id or domain");
}

void require_application(Section& section) {
  section.require("tenant_id", "write the Entra tenant's id or domain");
  section.require("client_id", "write the application's (client) id");
}

// The token's file is not noted as used: it may come after the start, and it changes every hour
// without anything to reload.
WorkloadIdentity read_workload_identity(Reading& reading, const Value& value) {
  Section section(reading, value,
                  "a map; {} takes AZURE_TENANT_ID, AZURE_CLIENT_ID and "
                  "AZURE_FEDERATED_TOKEN_FILE");
  WorkloadIdentity identity;
  read_tenant(section, identity.tenant_id);
  read_identifier(section, "client_id", identity.client_id);
  section.text("token_file", identity.token_file);
  section.finish();
  return identity;
}

ClientSecret read_client_secret(Reading& reading, const Value& value) {
  Section section(reading, value, "a map with tenant_id, client_id and secret");
  ClientSecret credential;
  require_application(section);
  read_tenant(section, credential.tenant_id);
  read_identifier(section, "client_id", credential.client_id);
  section.require("secret", "write it as \"${NAME}\" or \"${file:/path}\"");
  read_secret(section, "secret", credential.secret);
  section.finish();
  return credential;
}

ClientCertificate read_client_certificate(Reading& reading, const Value& value) {
  Section section(reading, value, "a map with tenant_id, client_id and certificate_file");
  ClientCertificate credential;
  require_application(section);
  read_tenant(section, credential.tenant_id);
  read_identifier(section, "client_id", credential.client_id);
  section.require("certificate_file", "write the PEM file with certificate and private key");
  section.file("certificate_file", credential.certificate_file);
  section.flag("send_certificate_chain", credential.send_certificate_chain);
  section.finish();
  return credential;
}

void read_pass_through(Reading& reading, const Value& value) {
  Section section(reading, value, "{}: there is nothing to set");
  section.finish();
}

void read_kind(Section& section, Credential& out) {
  Reading& reading = section.reading();
  if (const auto value = section.find("managed_identity")) {
    out.kind = read_managed_identity(reading, *value);
  }
  if (const auto value = section.find("client_secret")) {
    out.kind = read_client_secret(reading, *value);
  }
  if (section.find("api_key")) {
    ApiKey credential;
    read_secret(section, "api_key", credential.key);
    out.kind = std::move(credential);
  }
  if (const auto value = section.find("workload_identity")) {
    out.kind = read_workload_identity(reading, *value);
  }
  if (const auto value = section.find("client_certificate")) {
    out.kind = read_client_certificate(reading, *value);
  }
  if (const auto value = section.find("pass_through")) {
    read_pass_through(reading, *value);
    out.kind = PassThrough{};
  }
  constexpr std::array<std::string_view, 6> all = {"managed_identity", "workload_identity",
                                                   "client_secret",    "client_certificate",
                                                   "api_key",          "pass_through"};
  const auto written = std::count_if(
      all.begin(), all.end(), [&](std::string_view key) { return section.find(key).has_value(); });
  if (written == 0 && section.is_map()) {
    reading.report(section.value(), "has no kind; write one of " + std::string(kKinds));
  } else if (written > 1) {
    reading.report(section.value(), "has more than one kind; write one of " + std::string(kKinds));
  }
}

// What goes with tokens that the gateway asks for itself. Returns whether the kind has none.
bool refuse_entra_settings(Section& section, const CredentialKind& kind) {
  std::string_view message;
  if (std::holds_alternative<ApiKey>(kind)) {
    message = "an api_key is not an Entra credential; remove this";
  } else if (std::holds_alternative<PassThrough>(kind)) {
    message = "pass_through asks for no token: it forwards the caller's; remove this";
  } else {
    return false;
  }
  section.refuse("scope", message);
  section.refuse("authority_host", message);
  return true;
}

void read_entra_settings(Section& section, Credential& out) {
  if (refuse_entra_settings(section, out.kind)) return;
  read_identifier(section, "scope", out.scope);
  out.authority_host = read_authority_host(section);
}

}  // namespace

void read_credentials(Section& root, std::vector<Credential>& out) {
  read_each(root, "credentials", [&](Section& section) {
    Credential credential;
    credential.name = read_own_name(section, NameKind::credential);
    if (credential.name == kEnvironmentCredential) {
      const Value where = section.place_of("name");
      section.reading().report(where, show(where) +
                                          " is reserved for the identity that the environment "
                                          "offers; choose another name");
    }
    read_kind(section, credential);
    read_entra_settings(section, credential);
    section.finish();
    out.push_back(std::move(credential));
  });
}

}  // namespace spillway::config
