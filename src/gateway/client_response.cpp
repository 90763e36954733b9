#include <spillway/base/name_set.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/message_writer.hpp>

namespace spillway::gateway {
namespace {

using http::Framing;

// Framing is written by us; the x-spillway fields are ours alone.
bool is_forwarded(std::string_view name, std::string_view connection) {
  static constexpr auto ours = base::make_name_set("content-length", "transfer-encoding");
  if (ours.contains(name)) return false;
  if (name.size() > 11 && base::starts_with_ignoring_case(name, "x-spillway-")) return false;
  return !http::is_hop_by_hop(name, connection);
}

// The backend's handshake is its own with us.
bool is_handshake(std::string_view name) {
  return base::starts_with_ignoring_case(name, "sec-websocket-");
}

void append_upgrade(std::string& out, const ClientResponse& response) {
  http::append_field(out, "connection", "Upgrade");
  http::append_field(out, "upgrade", "websocket");
  http::append_field(out, "sec-websocket-accept", response.websocket_accept);
  if (response.websocket_protocol.empty()) return;
  http::append_field(out, "sec-websocket-protocol", response.websocket_protocol);
}

// A HEAD or 304 answer may say how long the body would be; that is passed on.
void append_announced_length(std::string& out, const http::ResponseHead& answer) {
  const auto announced = answer.fields.find("content-length");
  if (announced && answer.status != 204) http::append_field(out, "content-length", *announced);
}

void append_framing(std::string& out, const http::ResponseHead& answer,
                    const http::BodyFraming& framing) {
  switch (framing.kind) {
    case Framing::length:
      http::append_field(out, "content-length", framing.length);
      break;
    case Framing::chunked:
      http::append_field(out, "transfer-encoding", "chunked");
      break;
    case Framing::none:
      append_announced_length(out, answer);
      break;
    case Framing::until_close:
      break;
  }
}

}  // namespace

http::BodyFraming framing_for_client(const http::ResponseHead& answer, http::Version client) {
  http::BodyFraming framing = answer.body;
  const bool has_no_length =
      framing.kind == Framing::chunked || framing.kind == Framing::until_close;
  if (has_no_length) {
    framing.kind = client == http::Version::http_1_1 ? Framing::chunked : Framing::until_close;
  }
  return framing;
}

void append_interims(std::string& out, const http::ResponseHead& answer, http::Version client) {
  if (client == http::Version::http_1_0) return;
  for (const http::InterimHead& interim : answer.interims) {
    http::append_status_line(out, interim.status, interim.reason);
    const std::string connection = interim.fields.join("connection");
    for (std::size_t i = 0; i < interim.fields.size(); ++i) {
      const base::Field field = interim.fields[i];
      if (is_forwarded(field.name, connection)) http::append_parsed_field(out, field);
    }
    http::append_head_end(out);
  }
}

void append_client_head(std::string& out, const http::ResponseHead& answer,
                        const ClientResponse& response) {
  const bool is_upgrade = !response.websocket_accept.empty();
  http::append_status_line(out, answer.status, answer.reason);
  const std::string connection = answer.fields.join("connection");
  for (std::size_t i = 0; i < answer.fields.size(); ++i) {
    const base::Field field = answer.fields[i];
    if (is_upgrade && is_handshake(field.name)) continue;
    if (is_forwarded(field.name, connection)) http::append_parsed_field(out, field);
  }
  if (is_upgrade) {
    append_upgrade(out, response);
  } else {
    append_framing(out, answer, response.framing);
  }
  if (!response.request_id.empty()) {
    http::append_field(out, "x-spillway-request-id", response.request_id);
  }
  if (!response.backend.empty()) http::append_field(out, "x-spillway-backend", response.backend);
  if (response.attempts) {
    http::append_field(out, "x-spillway-attempts", std::uint64_t{*response.attempts});
  }
  if (!response.date.empty() && !answer.fields.find("date")) {
    http::append_field(out, "date", response.date);
  }
  if (!is_upgrade) append_connection(out, response.keeps_alive, response.client_version);
  http::append_head_end(out);
}

}  // namespace spillway::gateway
