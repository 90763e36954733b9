#pragma once
// What the operator wrote, checked: plain structs in the shape of the YAML file
// (docs/configuration.md). Built by config::load and immutable afterwards. Defaults here are the
// defaults of the contract.

#include <spillway/base/ip_address.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/base/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::config {

using base::Duration;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

/// A listening or connecting address: a name or IP literal (without brackets) and a port.
struct Address {
  std::string host;
  std::uint16_t port = 0;  // 0 on a listener: the system picks one (tests)

  friend bool operator==(const Address&, const Address&) = default;
};

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

struct CertificateFiles {
  std::string certificate_file;  // PEM chain
  std::string private_key_file;
};

struct ListenerTls {
  CertificateFiles certificate;                // for who asks for no name, or one that is not ours
  std::vector<CertificateFiles> certificates;  // further ones, by the name asked for (SNI)
  std::optional<std::string> client_ca_file;   // demand a client certificate
  TlsVersion min_version = TlsVersion::tls_1_2;
};

struct Listener {
  Address address;
  std::optional<ListenerTls> tls;
};

struct Admin {
  Address address;
  /// What callers present as `Authorization: Bearer`, but for /livez and /readyz. Empty: nothing is
  /// asked for, and the address is one of this machine only.
  base::Secret token;
};

struct ManagedIdentity {  // at most one of the three; none: system-assigned
  std::string client_id;
  std::string object_id;
  std::string resource_id;
};
struct ClientSecret {
  std::string tenant_id;
  std::string client_id;
  base::Secret secret;
};
/// Left out, each comes from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
struct WorkloadIdentity {
  std::string tenant_id;
  std::string client_id;
  std::string token_file;  // read at each token request
};
struct ClientCertificate {
  std::string tenant_id;
  std::string client_id;
  std::string certificate_file;         // PEM: the certificate (and its chain) and its private key
  bool send_certificate_chain = false;  // x5c, for subject name and issuer authentication
};
struct ApiKey {
  base::Secret key;
};
/// The caller's own bearer token goes to the backend.
struct PassThrough {};
/// Nothing configured: what the environment offers, in the order of Azure's own chain.
struct EnvironmentIdentity {};

using CredentialKind = std::variant<EnvironmentIdentity, ManagedIdentity, WorkloadIdentity,
                                    ClientSecret, ClientCertificate, ApiKey, PassThrough>;

struct Credential {
  std::string name;
  CredentialKind kind;
  std::string scope = "https://cognitiveservices.azure.com/.default";
  std::string authority_host = "https://login.microsoftonline.com";  // without trailing '/'
};

/// Reserved name of the credential a backend without `credential` uses.
inline constexpr std::string_view kEnvironmentCredential = "environment";

struct BackendTls {
  std::optional<std::string> ca_file;      // instead of the system's CA store
  std::optional<std::string> server_name;  // SNI and name to verify; default: the URL's host
  TlsVersion min_version = TlsVersion::tls_1_2;

  friend bool operator==(const BackendTls&, const BackendTls&) = default;
};

struct Url {
  bool is_tls = true;
  std::string host;  // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 443;
  std::string path_prefix;  // "" or "/a/b", never ending in '/'

  friend bool operator==(const Url&, const Url&) = default;
};

struct Backend {
  std::string name;
  Url url;
  std::string credential = std::string(kEnvironmentCredential);
  /// What callers ask for -> what this backend calls it. Empty: any deployment, same name.
  std::map<std::string, std::string, std::less<>> deployments;
  BackendTls tls;
  unsigned max_connections = 1024;
};

enum class Balance : std::uint8_t { random, round_robin, least_requests, headroom };

struct Member {
  std::string backend;
  unsigned priority = 1;  // 1 is tried first
  unsigned weight = 1;    // 1 to 1000, within its priority group
  /// What the operator says this member serves; empty: nothing said. Members of one pool that say
  /// different things are an error unless `allow_mixed_models`.
  std::string model = {};
  std::string version = {};
};

struct StatusRange {
  unsigned first = 0;
  unsigned last = 0;  // inclusive
};

struct ErrorReasons {
  bool connect = false;  // includes DNS
  bool tls = false;
  bool timeout = false;
  bool reset = false;
};

struct FailureCondition {
  std::vector<StatusRange> statuses;
  ErrorReasons error_reasons;
  /// Exactly one of count and percentage is set (the other is 0).
  unsigned count = 0;
  unsigned percentage = 0;         // 1 to 100
  unsigned minimum_requests = 20;  // for percentage
  Duration interval = 1min;
};

struct BreakerRule {
  FailureCondition failure_condition;
  Duration trip_duration = 10s;
  bool accept_retry_after = true;
  Duration slow_start = 0s;
};

struct CircuitBreaker {
  BreakerRule throttle{{{{429, 429}}, {}, 1, 0, 20, 1min}, 10s, true, 0s};
  BreakerRule faults{
      {{{408, 408}, {500, 599}}, {true, true, true, true}, 5, 0, 20, 30s}, 15s, true, 10s};
  Duration min_trip_duration = 50ms;
  Duration max_trip_duration = 2min;
};

struct Retry {
  unsigned max_attempts = 3;     // 1 to 10
  unsigned budget_percent = 20;  // retries after faults as a share of requests; 100: no limit
};

struct Timeouts {
  Duration connect = 5s;  // TCP and TLS together
  Duration first_byte = 5min;
  Duration idle = 5min;    // between bytes of the answer
  Duration total = 30min;  // the whole request, all attempts
};

/// How much of a stream may be held back before its first output, so that an error event behind it
/// can still be answered by another backend (behaviour §5). Any of the three at 0: nothing is held.
struct CommitHold {
  std::uint64_t size = 64ULL << 10U;  // bytes of body
  unsigned events = 64;
  Duration time = 1s;
};

struct Affinity {
  bool prompt_cache = false;     // requests with the same prompt prefer the same member
  bool isolate_clients = false;  // an id is known only for the client that made it
};

struct Pool {
  std::string name;
  Balance balance = Balance::round_robin;
  std::vector<Member> members;
  bool allow_mixed_models = false;
  CircuitBreaker circuit_breaker;
  Retry retry;
  Timeouts timeouts;
  CommitHold commit_hold;
  Duration sse_keepalive = 0s;  // a comment into a stream that is silent for so long; 0: never
  Affinity affinity;
};

/// A key a caller may present: as written, or only its SHA-256 (32 bytes).
struct ClientKey {
  base::Secret plain;  // empty when only the digest is known
  std::string sha256;  // 32 raw bytes; of `plain` if that was given
};

struct Operations {
  bool inference = true;
  bool stateful = true;
  bool management = false;
};

/// Which Entra callers a client is: those that match every list that is not empty. At least one is
/// not.
struct ClientEntra {
  std::vector<std::string> app_ids;     // appid or azp: the application that asked for the token
  std::vector<std::string> object_ids;  // oid: the user, or the application's service principal
  std::vector<std::string> roles;       // one of them in `roles`
  std::vector<std::string> groups;      // one of them in `groups`
  std::vector<std::string> scopes;      // one of them in `scp`
};

struct Client {
  std::string name;
  std::vector<ClientKey> keys;
  std::optional<ClientEntra> entra;
  /// Globs; not empty: besides, the connection must have shown a client certificate of which one
  /// DNS, URI or e-mail name, or else the common name, matches.
  std::vector<std::string> certificate_names;
  std::string pool = "default";
  std::vector<std::string> deployments;  // globs (* and ?); empty: all
  Operations operations;
};

/// Whose tokens callers may present. GUIDs in lower case.
struct Entra {
  std::vector<std::string> tenants;                                  // at least one
  std::vector<std::string> audiences;                                // at least one
  std::string authority_host = "https://login.microsoftonline.com";  // without trailing '/'
  Duration clock_skew = 60s;                                         // 0 to 5 minutes
};

struct Anonymous {
  std::string pool = "default";
};

struct Limits {
  std::uint64_t max_request_body = 64ULL << 20U;
  std::uint64_t max_upload_body = 512ULL << 20U;
  std::uint64_t replay_buffer = 16ULL << 20U;
  std::uint64_t replay_memory = 1ULL << 30U;
  std::uint64_t max_request_line_bytes = 8ULL << 10U;
  std::uint64_t max_header_bytes = 32ULL << 10U;  // at most 60 KiB (Beast 345)
  unsigned max_headers = 100;
  std::uint64_t max_field_value_bytes = 16ULL << 10U;
  std::uint64_t max_chunk_extension_bytes = 4ULL << 10U;  // of one message
  std::uint64_t max_trailer_bytes = 8ULL << 10U;
  unsigned max_connections = 8192;
  unsigned max_connections_per_address = 0;      // 0, here and below: no limit
  unsigned max_handshakes = 1024;                // TLS, at the same time
  unsigned max_requests = 0;                     // at the same time
  unsigned max_requests_per_connection = 10000;  // then the answer says that it was the last
  Duration max_connection_age = 1h;              // the same; up to a tenth earlier
  Duration handshake_timeout = 10s;
  Duration header_timeout = 10s;
  Duration body_timeout = 30s;        // between two reads
  Duration max_body_time = 30min;     // from the head to the body's end
  std::uint64_t min_body_rate = 256;  // bytes a second, on average over rate_grace and longer
  Duration idle_timeout = 75s;
  Duration write_timeout = 60s;        // without any progress
  std::uint64_t min_write_rate = 256;  // as min_body_rate, while we wait for the client
  Duration rate_grace = 10s;
  std::optional<std::uint64_t> max_memory;  // unset: 80 % of the control group's; 0: no limit
};

enum class ToBackends : std::uint8_t { drop, append };

/// Whose word about the way of a request is taken, and who is told of it (docs/forwarding.md).
struct Forwarded {
  /// Peers whose X-Forwarded-* and Forwarded are believed.
  std::vector<base::IpNetwork> trusted_proxies;
  ToBackends to_backends = ToBackends::drop;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error, critical };
enum class LogFormat : std::uint8_t { json, text };

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::json;
  bool access = true;
  std::string file;  // empty: standard output
};

/// What an answer says of the gateway (behaviour §8).
struct ResponseHeaders {
  bool request_id = true;  // x-spillway-request-id
  bool backend = true;     // x-spillway-backend
  bool attempts = true;    // x-spillway-attempts
};

struct Server {
  unsigned threads = 0;  // 0: one per core
  Duration drain_timeout = 5min;
  /// Where what must survive a restart is kept (which backend knows which id); empty: nowhere.
  std::string state_directory;
  /// Where a successor asks for the listening sockets; absolute; empty: there is no hand-over.
  std::string upgrade_socket;
  ResponseHeaders response_headers;
};

/// A file the configuration names, and where it does: what must be readable before serving, and
/// what to watch for changes.
struct FileUse {
  std::string file;
  std::string path;  // e.g. listeners[0].tls.certificate_file
  int line = 0;      // 1-based
  int column = 0;    // 1-based
};

struct Configuration {
  std::vector<Listener> listeners;
  std::optional<Admin> admin;
  std::vector<Credential> credentials;  // always holds kEnvironmentCredential if a backend uses it
  std::vector<Backend> backends;
  std::vector<Pool> pools;  // always holds `default` if somebody uses it
  std::vector<Client> clients;
  std::optional<Entra> entra;
  std::optional<Anonymous> anonymous;
  bool require_entra = false;  // no key in, no key out
  Limits limits;
  Forwarded forwarded;
  Log log;
  Server server;
  std::vector<FileUse> files;  // certificates, keys and CA files, in the order of the text
  std::string digest;          // SHA-256 of the file's text before substitution, hex
};

}  // namespace spillway::config
