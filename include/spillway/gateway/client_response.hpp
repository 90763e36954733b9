#pragma once
// The head that the caller gets for a backend's answer: the backend's own fields, minus what is for
// its connection only, plus framing for the caller and what we say of ourselves. Pure.

#include <spillway/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

struct ClientResponse {
  std::string_view request_id;       // empty: not told
  std::string_view backend;          // likewise
  std::optional<unsigned> attempts;  // nothing: not told
  http::BodyFraming framing;         // towards the caller
  bool keeps_alive = true;
  http::Version client_version = http::Version::http_1_1;
  std::string_view date;  // where the backend gives none (RFC 9110 §6.6.1); empty: none
  /// Set: this is the 101 that opens a tunnel, for the caller's own key.
  std::string websocket_accept;
  std::string_view websocket_protocol;  // empty: none
};

/// How a backend's body is framed for the caller: as it came, but chunked where only the end of the
/// backend's connection ended it; an HTTP/1.0 caller cannot read chunks and gets until_close.
http::BodyFraming framing_for_client(const http::ResponseHead& answer, http::Version client);

/// The interim answers that came before it; an HTTP/1.0 caller gets none (RFC 9110 §15.2).
void append_interims(std::string& out, const http::ResponseHead& answer, http::Version client);

void append_client_head(std::string& out, const http::ResponseHead& answer,
                        const ClientResponse& response);

}  // namespace spillway::gateway
