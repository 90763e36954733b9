#pragma once
// One function per top-level section of the file: from a node to the plain structs, reporting what
// is wrong. What ties sections together (names, defaults) is in load.cpp.

#include "section.hpp"
#include <spillway/config/configuration.hpp>

#include <vector>

namespace spillway::config {

/// The authority where none is named: AZURE_AUTHORITY_HOST, or Azure's own. `where` is blamed for a
/// bad value of the variable.
std::string default_authority_host(Reading& reading, const Value& where);
/// The section's `authority_host`, or the default.
std::string read_authority_host(Section& section);

void read_listeners(Section& root, std::vector<Listener>& out);
void read_admin(Section& root, const std::vector<Listener>& listeners, std::optional<Admin>& out);
void read_credentials(Section& root, std::vector<Credential>& out);
void read_backends(Section& root, std::vector<Backend>& out);
void read_pools(Section& root, std::vector<Pool>& out);
/// With the top-level `anonymous`, which says the rest about who may call.
void read_clients(Section& root, Configuration& out);
void read_entra(Section& root, std::optional<Entra>& out);
/// What ties clients to `entra`, to `require_entra` and to the listeners. After all of these.
void check_identities(Section& root, const Configuration& out);
void read_limits(Section& root, Limits& out);
void read_forwarded(Section& root, Forwarded& out);
void read_log(Section& root, Log& out);
void read_server(Section& root, Server& out);

/// Of one client.
void read_client_entra(Section& client, std::optional<ClientEntra>& out);

/// Of one pool: its members with `allow_mixed_models`, and its breaker.
void read_members(Section& pool, Pool& out);
void read_circuit_breaker(Section& pool, CircuitBreaker& out);

/// `min_version` of a listener's or a backend's `tls`.
void read_min_version(Section& tls, TlsVersion& out);

/// The members of `listeners`, `backends` and the like, each a map with its path.
void read_each(Section& parent, std::string_view key, const std::function<void(Section&)>& read);

/// The pool's, credential's ... own `name`, defined; empty where it is missing or wrong.
std::string read_own_name(Section& section, NameKind kind);

/// A deployment as it may stand in a URL path; with wildcards, * and ? too.
enum class Wildcards : std::uint8_t { refused, allowed };
std::optional<std::string> read_deployment(Reading& reading, const Value& value,
                                           Wildcards wildcards);

}  // namespace spillway::config
