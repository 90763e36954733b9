#pragma once
// The opening handshake of a WebSocket (RFC 6455 §4): what a caller's upgrade must look like, what
// a backend's 101 must, and the key that ties the two together. Pure; chance is an argument.

#include <spillway/http/message.hpp>
#include <spillway/http/refusal.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::http {

/// The one version of RFC 6455; a 426 names it.
inline constexpr std::string_view kWebSocketVersion = "13";

/// Upgrade names `websocket` and Connection names `upgrade`, whatever the HTTP version and method.
bool asks_for_websocket(const RequestHead& head);

/// GET on HTTP/1.1, no body, Sec-WebSocket-Version 13, else 426; one Sec-WebSocket-Key of 16 bytes
/// in base64; sub-protocols that are tokens, none twice (RFC 6455 §4.2.1). Else 400.
Judged<void> check_websocket_request(const RequestHead& head);

/// The sub-protocols that a request offers, in its order; views into `fields`' joined text, which
/// the caller keeps: fields.join("Sec-WebSocket-Protocol").
std::vector<std::string_view> split_protocols(std::string_view joined);

/// What the backend was asked for.
struct WebSocketOffer {
  std::string_view key;
  std::string_view protocols;  // a list; empty: none
};

/// The answer is a 101 to exactly this offer: protocol, the accept value of its key, no extension,
/// at most one sub-protocol and an offered one (RFC 6455 §4.1).
Judged<void> check_websocket_answer(const ResponseHead& answer, const WebSocketOffer& offer);

/// 16 bytes in base64. Not a secret: it only ties an answer to its request.
std::string make_websocket_key(std::uint64_t random, std::uint64_t more_random);

/// The Sec-WebSocket-Accept of a key (RFC 6455 §4.2.2).
std::string websocket_accept(std::string_view key);

}  // namespace spillway::http
