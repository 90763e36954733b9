#pragma once
// WebSockets played by hand over a raw connection: handshakes and frames as text, for both ends.

#include "integration/http_client.hpp"

#include <string>
#include <string_view>

namespace spillway::integration {

/// Of every upgrade_request(); the example of RFC 6455.
inline constexpr std::string_view kClientKey = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view kClientAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

inline constexpr unsigned kTextFrame = 0x81;
inline constexpr unsigned kPingFrame = 0x89;
inline constexpr unsigned kPongFrame = 0x8A;

/// A GET that asks for a WebSocket; `more`: further field lines, each with its CRLF.
std::string upgrade_request(std::string_view target, std::string_view more);
/// The 101 that fits a request as a backend received it; `more` as above.
std::string switch_answer(const std::string& request, std::string_view more = "");
/// The value of a field of a raw head; empty if it is not there.
std::string field_of(const std::string& head, std::string_view name);

/// `first`: FIN, RSV and opcode.
std::string server_frame(unsigned first, std::string_view payload);
std::string client_frame(unsigned first, std::string_view payload);
std::string server_close(unsigned code, std::string_view reason = "");
std::string client_close(unsigned code, std::string_view reason = "");

/// A head is read and forgotten; what stands behind it is kept.
std::string read_head(Connection& connection);

}  // namespace spillway::integration
