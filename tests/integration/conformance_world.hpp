#pragma once
// The stage of the conformance suites: the whole gateway between raw bytes on both sides. What a
// row of docs/http-conformance.md says is asked here of the daemon's own code over real sockets.

#include "integration/http_client.hpp"
#include "integration/raw_backend.hpp"
#include "integration/running_gateway.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::integration {

inline const std::string kKey = "api-key: test-key\r\n";
inline const std::string kHost = "Host: gateway\r\n";
inline const std::string kGetLine = "GET /openai/v1/models HTTP/1.1\r\n";
inline const std::string kPostLine = "POST /openai/v1/chat/completions HTTP/1.1\r\n";
inline const std::string kOk = "HTTP/1.1 200 OK\r\n";
inline const std::string kBody = R"({"model":"gpt-4o","messages":[]})";
/// What an attacker would have the gateway take for a request of its own.
inline const std::string kSmuggled = "GET /openai/v1/smuggled HTTP/1.1\r\n" + kHost + kKey + "\r\n";
/// Answered by the gateway itself: shows that a connection is still in step.
inline const std::string kProbe = "OPTIONS * HTTP/1.1\r\nHost: gateway\r\n\r\n";

inline std::string start(const std::string& line) {
  return line + "\r\n" + kHost + kKey + "\r\n";
}

inline std::string get_with(const std::string& fields) {
  return kGetLine + kHost + kKey + fields + "\r\n";
}

/// A chat request whose framing is in `fields`.
inline std::string post_with(const std::string& fields, const std::string& body) {
  return kPostLine + kHost + kKey + fields + "\r\n" + body;
}

inline std::string length_field(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

/// A gateway in front of these, tried in this order. Breakers stay closed and retries are not
/// rationed: each row stands for itself.
inline std::string wire_yaml(const std::vector<std::string>& urls, const std::string& more = "") {
  std::string yaml = "listeners: [ { address: 127.0.0.1:0 } ]\n";
  yaml += "admin: { address: 127.0.0.1:0 }\n";
  yaml += "credentials: [ { name: backend, api_key: backend-key } ]\nbackends:\n";
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const std::string name = "raw" + std::to_string(i);
    yaml += "  - { name: " + name + ", url: \"" + urls[i] + "\", credential: backend }\n";
    members += "      - { backend: " + name + ", priority: " + std::to_string(i + 1) + " }\n";
  }
  yaml += "pools:\n  - name: default\n    members:\n" + members;
  yaml += "    retry: { budget: 100% }\n";
  yaml += "    circuit_breaker: { faults: { failure_condition: { count: 100000 } } }\n";
  yaml +=
      "clients: [ { name: app, keys: [ test-key ], operations: [ inference, stateful, management ] "
      "} ]\n";
  yaml += "server: { threads: 1, drain_timeout: 5s }\n";
  return yaml + more;
}

/// One row of bytes that must be refused.
struct RefusedRow {
  const char* what;
  std::string bytes;
  unsigned status = 400;
};

/// One row of bytes that must reach the backend as one clean request.
struct PassedRow {
  const char* what;
  std::string bytes;
  std::vector<std::string> holds;  // in what the backend gets, its names in lower case
  std::vector<std::string> lacks;
};

}  // namespace spillway::integration
