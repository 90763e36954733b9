#pragma once
// Two backends played by hand and a gateway that prefers the first: the stage of WebSocket tests.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/websocket_peer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace spillway::integration {

inline constexpr auto kRealtime = "/openai/v1/realtime?model=gpt-realtime";
inline constexpr auto kApiKey = "api-key: test-key\r\n";

class WebSocketWorld : public ::testing::Test {
 protected:
  struct Changes {
    std::string pool;  // further lines of the pool
    std::string limits = "{}";
    std::string drain_timeout = "1m";
    std::string listener = "{ address: 127.0.0.1:0 }";
    std::string backend;  // further keys of each backend
    std::string scheme = "http";
    std::string clients =
        "[ { name: app, keys: [ test-key ] }, "
        "{ name: narrow, keys: [ narrow-key ], deployments: [ gpt-realtime ] } ]";
  };

  void start(const Changes& changes) {
    const auto url = [&](const HandServer& server) {
      return changes.scheme + "://127.0.0.1:" + std::to_string(server.port());
    };
    gateway = std::make_unique<RunningGateway>(
        "listeners: [ " + changes.listener +
        " ]\nadmin: { address: 127.0.0.1:0 }\n"
        "credentials: [ { name: key, api_key: backend-key } ]\n"
        "backends:\n"
        "  - { name: east, url: \"" +
        url(east) + "\", credential: key, deployments: { gpt-realtime: rt-east }" +
        changes.backend +
        " }\n"
        "  - { name: west, url: \"" +
        url(west) + "\", credential: key" + changes.backend +
        " }\n"
        "pools:\n  - name: default\n    members:\n"
        "      - { backend: east, priority: 1 }\n      - { backend: west, priority: 2 }\n" +
        changes.pool + "clients: " + changes.clients + "\nlimits: " + changes.limits +
        "\nserver: { threads: 1, drain_timeout: " + changes.drain_timeout + " }\n");
  }
  void start() { start(Changes()); }

  Connection connect() { return Connection(gateway->port()); }
  /// Asks, and has `backend` agree; `client` has read its 101. The backend's end.
  Connection open(Connection& client, HandServer& backend, std::string_view target = kRealtime) {
    client.write_raw(upgrade_request(target, kApiKey));
    Connection peer = backend.accept();
    peer.write_raw(switch_answer(read_head(peer)));
    EXPECT_TRUE(read_head(client).starts_with("HTTP/1.1 101 "));
    return peer;
  }
  Connection open(Connection& client) { return open(client, east); }
  telemetry::AccessRecord only_record() { return gateway->wait_for_records(1).front(); }

  HandServer east;
  HandServer west;
  std::unique_ptr<RunningGateway> gateway;
};

}  // namespace spillway::integration
