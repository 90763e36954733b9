#pragma once
// What a simulator is made of: endpoints, their deployments and limits, the identity service and
// the control port. Built in code by integration tests, or read from YAML by load_config().

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace spillway::simulator {

using std::chrono::milliseconds;

/// No admission limit.
struct Unlimited {};

/// Pay as you go: admission by sliding windows. What a window holds is its share of the minute,
/// rounded up: 600 tokens per minute over a 1 s window are 10 tokens per second.
struct Paygo {
  std::uint64_t tokens_per_minute = 450'000;
  std::uint64_t requests_per_minute = 2'700;
  milliseconds token_window = std::chrono::seconds(60);
  milliseconds request_window = std::chrono::seconds(10);
};

/// Provisioned throughput: a leaky bucket. A request is admitted while less than `capacity_tokens`
/// are in it; its estimated cost is then added in full and drains at `drain_per_second`.
struct Ptu {
  double capacity_tokens = 1'000;
  double drain_per_second = 500;
};

using AdmissionMode = std::variant<Unlimited, Paygo, Ptu>;

/// audio: transcription and translation.
enum class DeploymentKind { chat, completions, embeddings, realtime, images, audio, speech };

/// How long an answer takes. A body that is not streamed takes as long as its stream would.
struct Latency {
  milliseconds first_token{0};
  milliseconds between_tokens{0};
  /// Uniform, plus or minus, on each of the two; seeded by the request, so it repeats.
  milliseconds jitter{0};
};

/// What usage says of the tokens, so far as there are so many.
struct UsageDetails {
  std::uint32_t cached_tokens = 0;
  std::uint32_t reasoning_tokens = 0;
  /// Of the prompt.
  std::uint32_t audio_tokens = 0;
};

struct Deployment {
  std::string name;
  /// What answers call the model.
  std::string model = "gpt-4o-2024-11-20";
  DeploymentKind kind = DeploymentKind::chat;
  AdmissionMode mode = Unlimited{};
  Latency latency;
  /// Length of an answer; a request's own max_tokens and its header x-sim-tokens override it.
  std::uint32_t answer_tokens = 16;
  UsageDetails usage;
  /// Length of an embedding unless the request names `dimensions`.
  std::uint32_t vector_size = 8;
  /// Which delay headers a 429 of the admission control carries, of: retry-after, retry-after-ms,
  /// retry-after-date, x-ms-retry-after-ms, x-ratelimit-reset, x-rate-limit-reset, none. Empty:
  /// what Azure sends for the mode.
  std::vector<std::string> throttle_headers;
};

/// What an endpoint accepts. Nothing configured: every request, with or without a credential.
struct Auth {
  std::vector<std::string> api_keys;
  /// Accept bearer tokens that this simulator's identity service issued for one of `audiences`.
  bool accept_tokens = false;
  std::vector<std::string> audiences{"https://cognitiveservices.azure.com", "https://ai.azure.com"};
};

struct TlsFiles {
  std::string certificate_file;
  std::string private_key_file;
};

struct Endpoint {
  std::string name;
  /// 0: one that is free; Simulator::port tells which.
  std::uint16_t port = 0;
  std::optional<TlsFiles> tls;
  std::string region = "East US";
  Auth auth;
  /// For so long after it was completed, a response's id is unknown even here.
  milliseconds replication_lag{0};
  /// `gzip` or `deflate`: answers come coded although nobody asked.
  std::string content_encoding;
  std::vector<Deployment> deployments;
};

/// What an assertion of workload identity federation must say.
struct Federation {
  std::string issuer;
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
};

/// An application of the client credentials flow. With nothing but an id it takes any credential.
struct App {
  std::string client_id;
  std::string secret{};
  /// Was one once: answered as expired.
  std::string expired_secret{};
  /// PEM; assertions are checked against it.
  std::string certificate_file{};
  std::optional<Federation> federation{};
  /// Assertions that are taken as they are, and a file with one more, read at each request.
  std::vector<std::string> federated_tokens{};
  std::string federated_token_file{};
};

/// A user-assigned identity; requests may name it by any of the three.
struct ManagedIdentity {
  std::string client_id;
  std::string object_id{};
  std::string resource_id{};
};

/// Entra's token endpoints, discovery and keys, and the managed identity endpoints of virtual
/// machines, App Service and Azure Arc, on one port.
struct Identity {
  std::string name = "identity";
  std::uint16_t port = 0;
  std::optional<TlsFiles> tls;
  /// Known tenants; empty: any.
  std::vector<std::string> tenants;
  /// Empty: any id with any credential.
  std::vector<App> apps;
  /// Empty: any.
  std::vector<ManagedIdentity> managed_identities;
  bool has_system_identity = true;
  std::chrono::seconds token_lifetime{3'599};
  /// Entra says when to ask again; 0: it does not.
  std::chrono::seconds refresh_in{0};
  /// How far its clock is ahead of this machine's; negative: behind.
  std::chrono::seconds clock_skew{0};
  /// What `X-IDENTITY-HEADER` must say; empty: anything.
  std::string app_service_header;
  /// Where Azure Arc's key files are written; empty: this is no Arc machine.
  std::string arc_key_directory;
};

struct Control {
  std::uint16_t port = 0;
};

struct Config {
  std::string address = "127.0.0.1";
  std::vector<Endpoint> endpoints;
  std::optional<Identity> identity;
  std::optional<Control> control;
};

/// Throws std::runtime_error naming file, line and key.
Config load_config(const std::string& file);
Config parse_config(const std::string& yaml, const std::string& file_name);

}  // namespace spillway::simulator
