// `entra` and `clients[].entra`: whose tokens callers may present, and which client they are then.

#include "scalars.hpp"
#include "sections.hpp"
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr Duration kMaxClockSkew = 5min;

enum class Form : std::uint8_t { guid, text };

bool is_guid(std::string_view text) {
  constexpr std::size_t length = 36;
  if (text.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_hyphen ? c != '-' : !is_hex) return false;
  }
  return true;
}

std::optional<std::string> read_item(Reading& reading, const Value& value, Form form) {
  auto text = reading.text(value, form == Form::guid ? "a GUID" : "a text");
  if (!text) return std::nullopt;
  if (form == Form::guid) {
    std::string guid = base::to_lower(*text);
    if (is_guid(guid)) return guid;
    reading.report(value, show(value) +
                              " is not a GUID, such as 72f988bf-86f1-41af-91ab-2d7cd011db47; names "
                              "and wildcards are not taken");
    return std::nullopt;
  }
  const bool is_text = !text->empty() && text->size() <= kMaxName && is_visible(*text);
  if (is_text) return text;
  reading.report(value, show(value) +
                            " is not a value of a claim; allowed: 1 to 256 visible ASCII "
                            "characters without blanks");
  return std::nullopt;
}

void read_names(Section& section, std::string_view key, Form form, std::vector<std::string>& out) {
  Reading& reading = section.reading();
  const bool is_list = section.list(key, [&](const Value& value) {
    auto item = read_item(reading, value, form);
    if (!item) return;
    if (std::find(out.begin(), out.end(), *item) != out.end()) {
      reading.report(value, show(value) + " is written twice");
    }
    out.push_back(std::move(*item));
  });
  if (is_list && section.find(key)->node->items.empty()) {
    reading.report(section.place_of(key), "is empty, which nobody could match; write at least one");
  }
}

// Whoever matches `later` matches `earlier` too.
bool is_within(const std::vector<std::string>& later, const std::vector<std::string>& earlier) {
  if (earlier.empty()) return true;
  return !later.empty() && std::all_of(later.begin(), later.end(), [&](const auto& item) {
    return std::find(earlier.begin(), earlier.end(), item) != earlier.end();
  });
}

bool is_hidden_by(const ClientEntra& later, const ClientEntra& earlier) {
  return is_within(later.app_ids, earlier.app_ids) &&
         is_within(later.object_ids, earlier.object_ids) && is_within(later.roles, earlier.roles) &&
         is_within(later.groups, earlier.groups) && is_within(later.scopes, earlier.scopes);
}

/// The maps of a list of the file.
std::vector<Section> maps_of(Section& root, std::string_view key) {
  std::vector<Section> maps;
  const auto list = root.find(key);
  for (std::size_t i = 0; list && i < list->node->items.size(); ++i) {
    const Value item{&list->node->items[i], list->path + "[" + std::to_string(i) + "]"};
    if (item.node->kind == Node::Kind::map) maps.emplace_back(root.reading(), item);
  }
  return maps;
}

// `maps` and the clients of the configuration are the same, in the same order.
void check_client(Section& root, Section& map, const Configuration& out, std::size_t i) {
  Reading& reading = root.reading();
  const Client& client = out.clients[i];
  if (!client.entra) return;
  const Value where = map.place_of("entra");
  if (!root.find("entra")) {
    reading.report(where,
                   "needs the section entra at the top of the file; write whose tokens are "
                   "taken: entra: { tenants: [ TENANT-ID ], audiences: [ \"api://spillway\" ] }");
  }
  for (std::size_t j = 0; j < i; ++j) {
    const Client& earlier = out.clients[j];
    if (!earlier.entra || !is_hidden_by(*client.entra, *earlier.entra)) continue;
    reading.report(where, "can never match: whoever matches it matches client " + earlier.name +
                              " before it, and the first in the file counts; put it first or make "
                              "the lists differ");
    return;
  }
}

void check_certificates(Section& map, const Client& client, const Configuration& out) {
  if (client.certificate_names.empty()) return;
  const bool is_asked_for = std::any_of(
      out.listeners.begin(), out.listeners.end(),
      [](const Listener& listener) { return listener.tls && listener.tls->client_ca_file; });
  if (is_asked_for) return;
  map.reading().report(map.place_of("certificate_names"),
                       "no listener asks for a client certificate; set client_ca_file in "
                       "listeners[].tls");
}

void refuse_keys(Section& root) {
  Reading& reading = root.reading();
  for (Section& client : maps_of(root, "clients")) {
    if (!client.find("keys")) continue;
    reading.report(client.place_of("keys"),
                   "require_entra is true: no client may have keys; say with entra: who it is");
  }
  for (Section& credential : maps_of(root, "credentials")) {
    if (!credential.find("api_key")) continue;
    reading.report(credential.place_of("api_key"),
                   "require_entra is true: no backend may be called with a key; use "
                   "managed_identity, workload_identity, client_certificate or client_secret");
  }
  if (root.find("anonymous")) {
    reading.report(root.place_of("anonymous"),
                   "require_entra is true: nobody may call without a token; remove this section");
  }
}

}  // namespace

std::string default_authority_host(Reading& reading, const Value& where) {
  const std::string azure = Credential().authority_host;
  auto text = reading.environment("AZURE_AUTHORITY_HOST");
  if (!text || text->empty()) return azure;
  // Azure's own libraries take the bare host name too.
  if (text->find("://") == std::string::npos) text = "https://" + *text;
  const auto authority = parse_authority(*text);
  if (authority) return *authority;
  reading.report(where, "the environment variable AZURE_AUTHORITY_HOST " + authority.message());
  return azure;
}

std::string read_authority_host(Section& section) {
  Reading& reading = section.reading();
  const auto value = section.find("authority_host");
  if (!value) return default_authority_host(reading, section.value());
  const auto text = reading.text(*value, "a URL such as https://login.microsoftonline.com");
  if (!text) return Credential().authority_host;
  const auto authority = parse_authority(*text);
  if (authority) return *authority;
  reading.report(*value, show(*value) + " " + authority.message());
  return Credential().authority_host;
}

void read_entra(Section& root, std::optional<Entra>& out) {
  const auto value = root.find("entra");
  if (!value) return;
  Section section(root.reading(), *value, "a map with tenants and audiences");
  out.emplace();
  section.require("tenants", "write the ids of the tenants whose tokens are taken");
  read_names(section, "tenants", Form::guid, out->tenants);
  section.require("audiences",
                  "write what tokens are for: the App ID URI or the client id of your API's "
                  "registration, such as api://spillway");
  read_names(section, "audiences", Form::text, out->audiences);
  out->authority_host = read_authority_host(section);
  section.duration("clock_skew", out->clock_skew, {Duration::zero(), kMaxClockSkew});
  section.finish();
}

void read_client_entra(Section& client, std::optional<ClientEntra>& out) {
  const auto value = client.find("entra");
  if (!value) return;
  Section section(client.reading(), *value, "a map with app_ids, object_ids, roles or groups");
  out.emplace();
  read_names(section, "app_ids", Form::guid, out->app_ids);
  read_names(section, "object_ids", Form::guid, out->object_ids);
  read_names(section, "roles", Form::text, out->roles);
  read_names(section, "groups", Form::text, out->groups);
  read_names(section, "scopes", Form::text, out->scopes);
  constexpr std::array<std::string_view, 5> keys = {"app_ids", "object_ids", "roles", "groups",
                                                    "scopes"};
  const bool is_anybody = std::none_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return section.find(key).has_value();
  });
  if (is_anybody && section.is_map()) {
    client.reading().report(*value,
                            "says nothing of who it is, and any application of the tenant would "
                            "match; write app_ids, object_ids, roles, groups or scopes");
  }
  section.finish();
}

void check_identities(Section& root, const Configuration& out) {
  std::vector<Section> maps = maps_of(root, "clients");
  for (std::size_t i = 0; i < maps.size() && i < out.clients.size(); ++i) {
    check_client(root, maps[i], out, i);
    check_certificates(maps[i], out.clients[i], out);
  }
  if (out.require_entra) refuse_keys(root);
}

}  // namespace spillway::config
