#pragma once
// Watches WebSocket frames going by in one direction (RFC 6455 §5), in any split, without holding
// or changing them: the tunnel forwards the bytes as they came, this tells what they were. Bounded:
// of a frame only its head and a control frame's payload are kept. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::http {

/// Whose frames these are: a client's are masked, a server's are not (RFC 6455 §5.1).
enum class FrameSender : std::uint8_t { client, server };

struct SeenFrame {
  enum class Kind : std::uint8_t {
    nothing,       // the input is used up
    text_piece,    // `payload`: the next bytes of a text message, unmasked
    binary_piece,  // the same of a binary one
    text_end,      // the message is whole
    binary_end,
    ping,  // `payload`: all of it
    pong,
    close,      // `close_code`; `payload`: the reason
    violation,  // not what RFC 6455 allows; nothing more is told of this direction
  };
  Kind kind = Kind::nothing;
  std::string_view payload;  // valid until the next call
  unsigned close_code = 0;   // 1005 (RFC 6455 §7.1.5) where the frame names none
};

class WebSocketFrames {
 public:
  explicit WebSocketFrames(FrameSender sender) : sender_(sender) {}

  /// The next thing there is to tell of `input`, whose bytes are taken off its front. Call it until
  /// `nothing`. A payload is at most kMaxPiece bytes where it had to be unmasked.
  SeenFrame next(std::string_view& input);

  /// No message and no frame has been begun: here something could be put between them.
  [[nodiscard]] bool is_between_messages() const {
    return state_ == State::head && held_ == 0 && !is_in_message_;
  }
  /// The sender's close frame was seen whole; what comes behind it is not looked at.
  [[nodiscard]] bool has_closed() const { return state_ == State::closed; }
  /// After a violation: where frames begin is not known any more.
  [[nodiscard]] bool is_lost() const { return state_ == State::lost; }

  static constexpr std::size_t kMaxPiece = 4096;

 private:
  enum class State : std::uint8_t { head, payload, closed, lost };

  SeenFrame read_head(std::string_view& input);
  SeenFrame read_payload(std::string_view& input);
  SeenFrame end_frame();
  SeenFrame end_control_frame();
  SeenFrame lose();
  [[nodiscard]] bool begin_frame();
  [[nodiscard]] bool is_head_acceptable() const;
  [[nodiscard]] std::size_t head_size() const;
  [[nodiscard]] std::uint64_t announced_length() const;
  [[nodiscard]] bool is_control() const { return (opcode_ & 0x8U) != 0; }
  std::string_view unmasked(std::string_view bytes);

  FrameSender sender_;
  State state_ = State::head;
  std::array<unsigned char, 14> head_{};  // the longest: 2, 8 of length, 4 of mask
  std::size_t held_ = 0;                  // of head_
  unsigned opcode_ = 0;
  bool is_final_ = false;
  bool is_in_message_ = false;
  bool is_text_ = false;  // the message begun
  std::uint64_t left_ = 0;
  std::array<unsigned char, 4> mask_{};
  std::size_t mask_at_ = 0;
  std::string control_;  // payload of the control frame being read, at most 125 bytes
  std::array<char, kMaxPiece> unmasked_{};
};

/// A close frame as a server sends it. `reason` at most 123 bytes.
std::string make_close_frame(unsigned code, std::string_view reason);

}  // namespace spillway::http
