#include <spillway/base/name_set.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/client_address.hpp>
#include <spillway/gateway/hops.hpp>
#include <spillway/gateway/upstream_request.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/message_writer.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <algorithm>
#include <array>

namespace spillway::gateway {
namespace {

using base::equals_ignoring_case;

constexpr std::size_t kOwnWords = 512;  // methods, names and numbers that are written by us

// Written by us, or the caller's secrets, or between the caller and us only.
constexpr auto kNotForwarded = base::make_name_set(
    "host", "content-length", "transfer-encoding", "expect", "api-key", "authorization",
    "proxy-authorization", "ocp-apim-subscription-key", "cookie", "accept-encoding", "via");

// Of the handshake with the backend, which is one of its own: no extension is offered, so that
// frames can be read in passing, and no sub-protocol that holds a key. And the identities that
// Azure's own front ends attest.
constexpr std::array<std::string_view, 3> kNotForwardedPrefixes = {
    "sec-websocket-", "x-ms-client-principal", "x-ms-token-"};

bool is_sent_upstream(std::string_view name, std::string_view connection) {
  const auto has_prefix = [&](std::string_view prefix) {
    return base::starts_with_ignoring_case(name, prefix);
  };
  // CGI and its heirs read `-` and `_` alike: `Content_Length` could be taken for our own field.
  if (name.find('_') != std::string_view::npos) return false;
  return !kNotForwarded.contains(name) &&
         std::none_of(kNotForwardedPrefixes.begin(), kNotForwardedPrefixes.end(), has_prefix) &&
         !is_forwarding_field(name) && !http::is_hop_by_hop(name, connection);
}

// Max-Forwards counts for OPTIONS only, and is one less then.
void append_field_of_caller(std::string& out, const http::RequestHead& caller,
                            const base::Field& field) {
  if (caller.method != "OPTIONS" || !equals_ignoring_case(field.name, "max-forwards")) {
    http::append_parsed_field(out, field);
  } else if (const auto left = forwards_left(caller)) {
    http::append_field(out, field.name, *left);
  }
}

void append_upgrade(std::string& out, const UpstreamRequest& request) {
  http::append_field(out, "connection", "Upgrade");
  http::append_field(out, "upgrade", "websocket");
  http::append_field(out, "sec-websocket-version", http::kWebSocketVersion);
  http::append_field(out, "sec-websocket-key", request.websocket_key);
  if (request.websocket_protocols.empty()) return;
  http::append_field(out, "sec-websocket-protocol", request.websocket_protocols);
}

std::size_t size_of(base::FieldView fields) {
  std::size_t size = 0;
  for (const base::Field& field : fields)
    size += field.name.size() + field.value.size() + 4;
  return size;
}

// At least what the head takes, so that it never moves: what that left behind would hold the
// credential, and nobody would wipe it.
std::size_t room_for(const http::RequestHead& caller, const UpstreamRequest& request) {
  const std::uint64_t body = request.body_length.value_or(0);
  return (body <= kSmallBody ? body : 0) + kOwnWords + request.target.size() +
         request.authority.size() + request.credential_value.size() +
         size_of(caller.fields.views()) + size_of(request.forwarded.views()) + request.via.size() +
         request.websocket_protocols.size();
}

}  // namespace

std::string format_upstream_head(const http::RequestHead& caller, const UpstreamRequest& request) {
  std::string out;
  out.reserve(room_for(caller, request));
  http::append_request_line(out, caller.method, request.target);
  http::append_field(out, "host", request.authority);
  if (!request.credential_name.empty()) {
    http::append_field(out, request.credential_name, request.credential_value);
  }
  const std::string connection = caller.fields.join("connection");
  for (std::size_t i = 0; i < caller.fields.size(); ++i) {
    const base::Field field = caller.fields[i];
    if (is_sent_upstream(field.name, connection)) append_field_of_caller(out, caller, field);
  }
  for (std::size_t i = 0; i < request.forwarded.size(); ++i)
    http::append_field(out, request.forwarded[i].name, request.forwarded[i].value);
  if (!request.via.empty()) http::append_field(out, "via", request.via);
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
