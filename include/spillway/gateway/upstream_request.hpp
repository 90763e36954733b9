#pragma once
// The head of one attempt, built afresh from the caller's request (behaviour §5): path and
// deployment, Host, credential, framing. Nothing of the caller's credentials or connection gets
// through, nor what only a proxy of ours may say (docs/forwarding.md). Pure.

#include <spillway/http/message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

struct UpstreamRequest {
  std::string_view target;
  std::string_view authority;         // the Host field
  std::string_view credential_name;   // "authorization" or "api-key"
  std::string_view credential_value;  // secret
  /// With a length the body is framed by Content-Length, else (if `is_chunked`) chunked, else none.
  std::optional<std::uint64_t> body_length;
  bool is_chunked = false;
  bool expects_continue = false;  // "Expect: 100-continue": the body waits for an answer to it
  std::string_view via;           // with this hop; empty: none is sent
  http::FieldList forwarded;      // about the way of the request
  /// With a key the request is a WebSocket upgrade.
  std::string_view websocket_key;
  std::string_view websocket_protocols;  // empty: none offered
};

/// A body that goes out in one piece with the head: cheaper than to have the system gather both.
inline constexpr std::uint64_t kSmallBody = 4U << 10U;

/// The returned text holds the credential: it goes to the wire and nowhere else. It has room for a
/// small body, so that it need not move for it and leave the credential behind.
std::string format_upstream_head(const http::RequestHead& caller, const UpstreamRequest& request);

}  // namespace spillway::gateway
