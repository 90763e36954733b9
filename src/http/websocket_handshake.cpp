#include <spillway/base/text.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace spillway::http {
namespace {

constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyCharacters = 24;

std::string to_base64(std::span<const unsigned char> bytes) {
  std::array<unsigned char, 64> text{};  // 4 characters for each 3 bytes; at most 20 bytes here
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

bool is_base64_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// 16 bytes are 22 characters and two signs of padding.
bool is_key(std::string_view text) {
  return text.size() == kKeyCharacters && text.ends_with("==") &&
         std::all_of(text.begin(), text.end() - 2, is_base64_char);
}

Judged<void> check_protocols(std::string_view joined) {
  std::vector<std::string_view> protocols = split_protocols(joined);
  if (!std::all_of(protocols.begin(), protocols.end(), is_token)) {
    return Refusal(400, "Sec-WebSocket-Protocol holds something that is not a token");
  }
  std::sort(protocols.begin(), protocols.end());
  if (std::adjacent_find(protocols.begin(), protocols.end()) != protocols.end()) {
    return Refusal(400, "Sec-WebSocket-Protocol names a protocol twice");
  }
  return Judged<void>();
}

}  // namespace

std::vector<std::string_view> split_protocols(std::string_view joined) {
  return base::split_list(joined);
}

bool asks_for_websocket(const RequestHead& head) {
  return head.fields.has("Upgrade") &&
         base::list_contains(head.fields.join("Upgrade"), "websocket") &&
         base::list_contains(head.fields.join("Connection"), "upgrade");
}

Judged<void> check_websocket_request(const RequestHead& head) {
  if (head.method != "GET") return Refusal(400, "a WebSocket is opened by GET");
  if (head.version != Version::http_1_1) return Refusal(400, "a WebSocket needs HTTP/1.1");
  if (head.body.kind != Framing::none) return Refusal(400, "a WebSocket upgrade has no body");
  if (head.fields.join("Sec-WebSocket-Version") != kWebSocketVersion) {
    return Refusal(426, "only version 13 of the WebSocket protocol is spoken");
  }
  const auto key = head.fields.find_only("Sec-WebSocket-Key");
  if (!key || !is_key(*key)) {
    return Refusal(400, "Sec-WebSocket-Key is not one value of 16 bytes in base64");
  }
  return check_protocols(head.fields.join("Sec-WebSocket-Protocol"));
}

Judged<void> check_websocket_answer(const ResponseHead& answer, const WebSocketOffer& offer) {
  const FieldList& fields = answer.fields;
  if (answer.status != 101 || answer.version != Version::http_1_1) {
    return Refusal(400, "the answer is not a 101 of HTTP/1.1");
  }
  if (!base::equals_ignoring_case(fields.join("Upgrade"), "websocket") ||
      !base::list_contains(fields.join("Connection"), "upgrade")) {
    return Refusal(400, "the 101 does not say `Upgrade: websocket` and `Connection: upgrade`");
  }
  if (fields.join("Sec-WebSocket-Accept") != websocket_accept(offer.key)) {
    return Refusal(400, "the 101's Sec-WebSocket-Accept does not fit the key");
  }
  if (!fields.join("Sec-WebSocket-Extensions").empty()) {
    return Refusal(400, "the 101 uses an extension that was not offered");
  }
  const std::string chosen = fields.join("Sec-WebSocket-Protocol");
  const auto offered = split_protocols(offer.protocols);
  if (!chosen.empty() && std::find(offered.begin(), offered.end(), chosen) == offered.end()) {
    return Refusal(400, "the 101 chooses a sub-protocol that was not offered");
  }
  return Judged<void>();
}

std::string make_websocket_key(std::uint64_t random, std::uint64_t more_random) {
  std::array<unsigned char, kKeyBytes> bytes{};
  std::memcpy(bytes.data(), &random, sizeof random);
  std::memcpy(&bytes[sizeof random], &more_random, sizeof more_random);
  return to_base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + std::string(kKeySuffix);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_base64(digest);
}

}  // namespace spillway::http
