#include <spillway/base/text.hpp>
#include <spillway/gateway/upstream_request.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/message_writer.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <algorithm>
#include <array>

namespace spillway::gateway {
namespace {

using base::equals_ignoring_case;

// Written by us, or the caller's secrets, or between the caller and us only.
constexpr std::array<std::string_view, 10> kNotForwarded = {
    "host",    "content-length", "transfer-encoding",   "expect",
    "api-key", "authorization",  "proxy-authorization", "ocp-apim-subscription-key",
    "cookie",  "accept-encoding"};

// The handshake with the backend is one of its own: no extension is offered, so that frames can be
// read in passing, and no sub-protocol that holds a key.
bool is_handshake(std::string_view name) {
  constexpr std::string_view prefix = "sec-websocket-";
  return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
}

bool is_forwarded(std::string_view name, std::string_view connection) {
  const bool is_ours = std::any_of(kNotForwarded.begin(), kNotForwarded.end(),
                                   [&](auto ours) { return equals_ignoring_case(name, ours); });
  return !is_ours && !is_handshake(name) && !http::is_hop_by_hop(name, connection);
}

void append_upgrade(std::string& out, const UpstreamRequest& request) {
  http::append_field(out, "connection", "Upgrade");
  http::append_field(out, "upgrade", "websocket");
  http::append_field(out, "sec-websocket-version", http::kWebSocketVersion);
  http::append_field(out, "sec-websocket-key", request.websocket_key);
  if (request.websocket_protocols.empty()) return;
  http::append_field(out, "sec-websocket-protocol", request.websocket_protocols);
}

}  // namespace

std::string format_upstream_head(const http::RequestHead& caller, const UpstreamRequest& request) {
  std::string out;
  out.reserve(1024 + request.credential_value.size());
  http::append_request_line(out, caller.method, request.target);
  http::append_field(out, "host", request.authority);
  if (!request.credential_name.empty()) {
    http::append_field(out, request.credential_name, request.credential_value);
  }
  const std::string connection = caller.fields.join("connection");
  for (std::size_t i = 0; i < caller.fields.size(); ++i) {
    const base::Field field = caller.fields[i];
    if (is_forwarded(field.name, connection)) http::append_field(out, field.name, field.value);
  }
  // The answer's usage is read on the side (behaviour §6), so it must not come encoded.
  http::append_field(out, "accept-encoding", "identity");
  if (request.body_length) {
    http::append_field(out, "content-length", *request.body_length);
  } else if (request.is_chunked) {
    http::append_field(out, "transfer-encoding", "chunked");
  }
  if (request.expects_continue) http::append_field(out, "expect", "100-continue");
  if (!request.websocket_key.empty()) append_upgrade(out, request);
  http::append_head_end(out);
  return out;
}

}  // namespace spillway::gateway
