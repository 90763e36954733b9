// `clients` and `anonymous`: who may call, and what each may do.

#include "digest.hpp"
#include "scalars.hpp"
#include "sections.hpp"
#include <spillway/base/text.hpp>

#include <map>

namespace spillway::config {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kMaxKeyLength = 1024;
constexpr std::size_t kMaxCertificateName = 256;
constexpr std::string_view kDigestPrefix = "sha256:";

/// Where each key (by digest) was first written, across all clients.
using SeenKeys = std::map<std::string, std::string>;

std::optional<ClientKey> parse_digest(std::string_view hex) {
  auto bytes = base::from_hex(hex);
  if (!bytes || bytes->size() != kDigestBytes) return std::nullopt;
  return ClientKey{{}, std::move(*bytes)};
}

// No message shows the text: a mistyped key is often nearly a key.
std::optional<ClientKey> read_key(Reading& reading, const Value& value) {
  auto text = reading.text(value, "a key, or sha256: and the 64 hex digits of its digest");
  if (!text) return std::nullopt;
  std::optional<ClientKey> key;
  if (text->starts_with(kDigestPrefix)) {
    key = parse_digest(std::string_view(*text).substr(kDigestPrefix.size()));
    if (!key) {
      reading.report(value,
                     "is not a key's digest; after sha256: there must be 64 hex digits "
                     "(printf %s KEY | sha256sum)");
    }
  } else if (text->empty() || text->size() > kMaxKeyLength || !is_visible(*text)) {
    reading.report(value,
                   "is not a key; allowed: 1 to 1024 visible ASCII characters without blanks");
  } else {
    std::string digest = sha256(*text);
    key = ClientKey{base::Secret(std::move(*text)), std::move(digest)};
  }
  base::wipe(*text);
  return key;
}

void read_keys(Section& client, SeenKeys& seen, std::vector<ClientKey>& out) {
  Reading& reading = client.reading();
  const bool is_list = client.list("keys", [&](const Value& value) {
    auto key = read_key(reading, value);
    if (!key) return;
    const auto [first, is_new] = seen.try_emplace(key->sha256, value.path);
    if (!is_new) {
      reading.report(value, "is the same key as " + first->second +
                                "; a key must belong to one client and be written once");
    }
    out.push_back(std::move(*key));
  });
  if (is_list && client.find("keys")->node->items.empty()) {
    reading.report(client.place_of("keys"), "is empty; write at least one key");
  }
}

void read_client_deployments(Section& client, std::vector<std::string>& out) {
  const bool is_list = client.list("deployments", [&](const Value& value) {
    if (auto glob = read_deployment(client.reading(), value, Wildcards::allowed)) {
      out.push_back(std::move(*glob));
    }
  });
  if (is_list && client.find("deployments")->node->items.empty()) {
    client.reading().report(client.place_of("deployments"),
                            "is empty, which would allow nothing; leave it out to allow all");
  }
}

void read_operations(Section& client, Operations& out) {
  Operations operations{false, false, false};
  const bool is_list = client.list("operations", [&](const Value& value) {
    const auto index =
        read_choice(client.reading(), value, {"inference", "stateful", "management"});
    if (index == 0U) operations.inference = true;
    if (index == 1U) operations.stateful = true;
    if (index == 2U) operations.management = true;
  });
  if (!is_list) return;
  out = operations;
  if (client.find("operations")->node->items.empty()) {
    client.reading().report(client.place_of("operations"),
                            "is empty, which would allow nothing; allowed: inference, stateful, "
                            "management");
  }
}

void read_pool_name(Section& section, std::string& out) {
  const auto value = section.find("pool");
  if (!value) return;
  const auto name = read_name(section.reading(), *value);
  if (!name) return;
  out = *name;
  section.reading().refer(NameKind::pool, *name, *value);
}

// Globs, as they stand in certificates: a URI or a common name may hold blanks and capitals.
void read_certificate_names(Section& client, std::vector<std::string>& out) {
  Reading& reading = client.reading();
  const bool is_list = client.list("certificate_names", [&](const Value& value) {
    auto glob = reading.text(value, "a name in a certificate; * and ? are wildcards");
    if (!glob) return;
    if (glob->empty() || glob->size() > kMaxCertificateName) {
      reading.report(value, show(value) + " is not a name; allowed: 1 to 256 characters");
    }
    out.push_back(std::move(*glob));
  });
  if (is_list && client.find("certificate_names")->node->items.empty()) {
    reading.report(client.place_of("certificate_names"),
                   "is empty, which would allow nobody; leave it out to ask for no certificate");
  }
}

Client read_client(Section& section, SeenKeys& seen) {
  Client client;
  client.name = read_own_name(section, NameKind::client);
  read_client_entra(section, client.entra);
  if (!client.entra) {
    section.require(
        "keys",
        "write at least one, such as keys: [ \"${APP_KEY}\" ], or say with entra: which "
        "callers of Entra it is");
  }
  read_keys(section, seen, client.keys);
  read_certificate_names(section, client.certificate_names);
  read_pool_name(section, client.pool);
  read_client_deployments(section, client.deployments);
  read_operations(section, client.operations);
  section.finish();
  return client;
}

void read_anonymous(Section& root, std::optional<Anonymous>& out) {
  const auto value = root.find("anonymous");
  if (!value) return;
  Section section(root.reading(), *value, "a map; { pool: NAME }, or {} for the pool default");
  out.emplace();
  read_pool_name(section, out->pool);
  section.finish();
}

}  // namespace

void read_clients(Section& root, Configuration& out) {
  SeenKeys seen;
  read_anonymous(root, out.anonymous);
  const auto clients = root.find("clients");
  if (!clients && !root.find("anonymous") && root.is_map()) {
    root.reading().report(root.value().node->mark, "clients",
                          "is missing; write who may call, such as clients: [ { name: app, keys: [ "
                          "\"${APP_KEY}\" ] } ], or anonymous: {} to let in everybody");
  }
  const bool is_empty_allowed = out.anonymous.has_value();
  if (clients && clients->node->kind == Node::Kind::sequence && clients->node->items.empty() &&
      is_empty_allowed) {
    return;
  }
  read_each(root, "clients",
            [&](Section& section) { out.clients.push_back(read_client(section, seen)); });
}

}  // namespace spillway::config
