#pragma once
// The calls of a load: what is sent, and which answers are right.

#include <spillway/base/random.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::bench {

enum class CallKind : std::uint8_t {
  chat,
  stream,
  embeddings,
  large_prompt,
  wrong_key,   // 401
  no_route,    // 404
  malformed,   // 400, and the connection ends
  hang_up,     // leaves without waiting
  reconnects,  // a chat on a connection of its own
};

struct Call {
  CallKind kind = CallKind::chat;
  std::string_view bytes;
  bool ends_connection = false;
};

/// How an answer is to be counted.
enum class Verdict : std::uint8_t {
  right,        // what the call must get
  unavailable,  // nobody could serve: 429, 500, 502, 503, 504, whole
  wrong,        // anything else
};

/// The requests, made once.
class Calls {
 public:
  Calls(std::string_view host, std::string_view key);

  /// Out of the mix of a soak: mostly chats and streams, and some of everything that goes wrong.
  [[nodiscard]] Call draw(base::Random& random) const;
  /// Always the same small chat.
  [[nodiscard]] Call plain() const;

 private:
  std::string chat_;
  std::string stream_;
  std::string embeddings_;
  std::string large_;
  std::string wrong_key_;
  std::string no_route_;
  std::string malformed_;
};

Verdict judge(CallKind kind, unsigned status, std::string_view body);

}  // namespace spillway::bench
