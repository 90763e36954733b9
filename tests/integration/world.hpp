#pragma once
// The usual stage of an integration test: a simulator with a PTU and two pay-as-you-go regions, and
// the YAML of a gateway in front of it.

#include "simulator/simulator.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace spillway::integration {

/// A member more for the body of a chat request.
inline constexpr auto kStream = ",\"stream\":true";
/// Whom the tokens of a test are for.
inline const std::string kTenant = "33333333-3333-4333-8333-333333333333";
inline const std::string kAudience = "api://spillway";

/// Endpoints ptu (deployment gpt-4o-ptu), east and west (gpt-4o), each with api key "backend-key"
/// and tokens accepted; embeddings on all.
simulator::Config usual_config();
std::unique_ptr<simulator::Simulator> usual_simulator();

/// What a test changes in the usual gateway configuration; YAML fragments.
struct GatewayYaml {
  std::string credential = "{ name: backend, api_key: backend-key }";
  std::string backend_extra;  // inside each backend: "tls: { ca_file: … }"
  std::string pool_extra;     // inside the pool, e.g. "timeouts: { first_byte: 200ms }"
  std::string listener = "{ address: 127.0.0.1:0 }";
  std::string admin = "{ address: 127.0.0.1:0 }";
  std::string limits;  // inside limits: "max_request_body: 1KiB"
  std::string clients = "clients: [ { name: app, keys: [ test-key ] } ]";
  std::string threads = "2";
  std::string drain_timeout = "5s";
  std::string server_extra;  // inside server: "state_directory: /…"
  std::string more;          // further top-level lines
};

/// ptu at priority 1, east and west at priority 2; client "app" with key "test-key".
std::string gateway_yaml(const simulator::Simulator& simulator, const GatewayYaml& changes = {});

/// One backend, which the test plays by hand; the same client. `more`: further top-level lines.
std::string hand_yaml(const std::string& backend_url,
                      const std::string& more = "server: { threads: 1, drain_timeout: 5s }\n");

}  // namespace spillway::integration
