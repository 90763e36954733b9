#include "integration/websocket_peer.hpp"

#include <spillway/base/text.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <cstdint>

namespace spillway::integration {
namespace {

std::string big_endian(std::uint64_t number, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i > 0; --i)
    text += static_cast<char>((number >> (8U * (i - 1))) & 0xFFU);
  return text;
}

std::string frame_head(unsigned first, std::size_t size, unsigned mask_bit) {
  std::string head(1, static_cast<char>(first));
  if (size < 126) return head + big_endian(mask_bit | size, 1);
  if (size <= 0xFFFFU) return head + big_endian(mask_bit | 126U, 1) + big_endian(size, 2);
  return head + big_endian(mask_bit | 127U, 1) + big_endian(size, 8);
}

std::string close_payload(unsigned code, std::string_view reason) {
  return big_endian(code, 2) + std::string(reason);
}

constexpr unsigned kCloseFrame = 0x88;

}  // namespace

std::string upgrade_request(std::string_view target, std::string_view more) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(kClientKey) + "\r\n" + std::string(more) + "\r\n";
}

std::string switch_answer(const std::string& request, std::string_view more) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         http::websocket_accept(field_of(request, "sec-websocket-key")) + "\r\n" +
         std::string(more) + "\r\n";
}

std::string field_of(const std::string& head, std::string_view name) {
  std::size_t at = 0;
  while ((at = head.find("\r\n", at)) != std::string::npos) {
    at += 2;
    const std::string_view line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && base::equals_ignoring_case(line.substr(0, colon), name))
      return std::string(base::trim(line.substr(colon + 1)));
  }
  return {};
}

std::string server_frame(unsigned first, std::string_view payload) {
  return frame_head(first, payload.size(), 0) + std::string(payload);
}

std::string client_frame(unsigned first, std::string_view payload) {
  constexpr std::string_view mask = "\x37\xfa\x21\x3d";
  std::string frame = frame_head(first, payload.size(), 0x80U) + std::string(mask);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return frame;
}

std::string server_close(unsigned code, std::string_view reason) {
  return server_frame(kCloseFrame, close_payload(code, reason));
}

std::string client_close(unsigned code, std::string_view reason) {
  return client_frame(kCloseFrame, close_payload(code, reason));
}

std::string read_head(Connection& connection) {
  const std::string received = connection.read_until("\r\n\r\n");
  const auto size = received.find("\r\n\r\n") + 4;
  connection.drop_received(size);
  return received.substr(0, size);
}

}  // namespace spillway::integration
