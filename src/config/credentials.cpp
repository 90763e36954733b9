// `credentials`: how the gateway proves itself to backends.

#include "scalars.hpp"
#include "sections.hpp"

#include <algorithm>
#include <array>

namespace spillway::config {
namespace {

constexpr std::string_view kKinds = "managed_identity, client_secret or api_key";

bool is_visible(char c) {
  return c > ' ' && c < 0x7F;
}

// An identifier that goes into a URL: a GUID, a tenant's domain, a resource id.
void read_identifier(Section& section, std::string_view key, std::string& out) {
  std::string text = out;
  section.text(key, text);
  if (std::all_of(text.begin(), text.end(), is_visible)) {
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
  if (text->empty() || !std::all_of(text->begin(), text->end(), is_visible)) {
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

ClientSecret read_client_secret(Reading& reading, const Value& value) {
  Section section(reading, value, "a map with tenant_id, client_id and secret");
  ClientSecret credential;
  section.require("tenant_id", "write the Entra tenant's id or domain");
  read_identifier(section, "tenant_id", credential.tenant_id);
  const bool is_path_safe = credential.tenant_id.find_first_of("/?#%") == std::string::npos;
  if (!is_path_safe) {
    const Value where = section.place_of("tenant_id");
    reading.report(where, show(where) + " is not a tenant's id or domain");
  }
  section.require("client_id", "write the application's (client) id");
  read_identifier(section, "client_id", credential.client_id);
  section.require("secret", "write it as \"${NAME}\" or \"${file:/path}\"");
  read_secret(section, "secret", credential.secret);
  section.finish();
  return credential;
}

void refuse_missing_kinds(Section& section) {
  section.refuse("workload_identity",
                 "workload identity is not supported by this version; use managed_identity, "
                 "client_secret or api_key");
  section.refuse("client_certificate",
                 "client certificates are not supported by this version; use managed_identity, "
                 "client_secret or api_key");
  section.refuse("pass_through",
                 "forwarding the caller's own token is not supported by this version; use "
                 "managed_identity, client_secret or api_key");
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
  refuse_missing_kinds(section);
  constexpr std::array<std::string_view, 6> all = {
      "managed_identity",  "client_secret",      "api_key",
      "workload_identity", "client_certificate", "pass_through"};
  const auto written = std::count_if(
      all.begin(), all.end(), [&](std::string_view key) { return section.find(key).has_value(); });
  if (written == 0 && section.is_map()) {
    reading.report(section.value(), "has no kind; write one of " + std::string(kKinds));
  } else if (written > 1) {
    reading.report(section.value(), "has more than one kind; write one of " + std::string(kKinds));
  }
}

// What goes with Entra tokens and makes no sense for a key.
void read_entra_settings(Section& section, Credential& out) {
  if (std::holds_alternative<ApiKey>(out.kind)) {
    constexpr std::string_view message = "an api_key is not an Entra credential; remove this";
    section.refuse("scope", message);
    section.refuse("authority_host", message);
    return;
  }
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
