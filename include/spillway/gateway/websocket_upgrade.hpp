#pragma once
// What a caller's WebSocket upgrade asks for and presents, and what may be passed on of it. Pure;
// the handshake's rules are http's, the places of credentials aoai's, this brings them together.

#include <spillway/aoai/api_path.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::gateway {

struct WebSocketUpgrade {
  std::string key;        // of the caller's handshake, for its 101
  std::string protocols;  // offered ones without those that hold a key; empty: none
};

/// Keys in the query and among the sub-protocols. Only of upgrades: elsewhere browsers can set
/// headers.
std::vector<base::Secret> presented_outside_headers(const http::RequestHead& head);

/// The handshake, if it is one of RFC 6455; else 400 or 426 spillway_bad_websocket_handshake.
std::optional<Reply> refusal_of_upgrade(const http::RequestHead& head);
WebSocketUpgrade read_upgrade(const http::RequestHead& head);

/// Whether the URL alone decides which deployment is used. Responses and GPT-Live name a model
/// inside their frames, and a realtime call joined by its id names none.
bool is_deployment_decided_by_url(const aoai::ApiPath& path);

/// What the caller is answered as its sub-protocol: the one that the backend chose, else the first
/// that it offered, because clients that offered one fail without; empty: none.
std::string_view protocol_for_client(const WebSocketUpgrade& upgrade,
                                     const http::ResponseHead& answer);

}  // namespace spillway::gateway
