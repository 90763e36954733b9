#include <spillway/aoai/websocket_credentials.hpp>
#include <spillway/gateway/websocket_upgrade.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <iterator>
#include <utility>

namespace spillway::gateway {
namespace {

aoai::OfferedProtocols offered_by(const http::RequestHead& head) {
  const std::string joined = head.fields.join("Sec-WebSocket-Protocol");
  return aoai::split_offered(http::split_protocols(joined));
}

}  // namespace

std::vector<base::Secret> presented_outside_headers(const http::RequestHead& head) {
  const auto question = head.target.find('?');
  std::vector<base::Secret> found;
  if (question != std::string::npos) {
    found = aoai::credentials_in_query(std::string_view(head.target).substr(question + 1));
  }
  std::vector<base::Secret> keys = offered_by(head).keys;
  found.insert(found.end(), std::make_move_iterator(keys.begin()),
               std::make_move_iterator(keys.end()));
  return found;
}

std::optional<Reply> refusal_of_upgrade(const http::RequestHead& head) {
  const auto verdict = http::check_websocket_request(head);
  if (verdict) return std::nullopt;
  Reply refusal;
  refusal.status = verdict.error().status();
  refusal.code = "spillway_bad_websocket_handshake";
  refusal.message = "This is not a WebSocket upgrade of RFC 6455: " + verdict.error().rule() + ".";
  refusal.should_not_retry = true;
  if (refusal.status == 426) {
    refusal.extra_name = "sec-websocket-version";
    refusal.extra_value = http::kWebSocketVersion;
  }
  return refusal;
}

WebSocketUpgrade read_upgrade(const http::RequestHead& head) {
  WebSocketUpgrade upgrade;
  upgrade.key = head.fields.find("Sec-WebSocket-Key").value_or("");
  upgrade.protocols = offered_by(head).others;
  return upgrade;
}

bool is_deployment_decided_by_url(const aoai::ApiPath& path) {
  const std::string_view target = path.canonical_target;
  const bool is_session = target.substr(0, target.find('?')).ends_with("/realtime");
  return path.operation == aoai::Operation::realtime && is_session && !path.deployment.empty();
}

std::string_view protocol_for_client(const WebSocketUpgrade& upgrade,
                                     const http::ResponseHead& answer) {
  if (const auto chosen = answer.fields.find("Sec-WebSocket-Protocol")) return *chosen;
  const std::string_view offered = upgrade.protocols;
  return offered.substr(0, offered.find(','));
}

}  // namespace spillway::gateway
