#include <spillway/http/websocket_frames.hpp>

#include <algorithm>

namespace spillway::http {
namespace {

using Kind = SeenFrame::Kind;

constexpr unsigned kContinuation = 0x0;
constexpr unsigned kText = 0x1;
constexpr unsigned kBinary = 0x2;
constexpr unsigned kClose = 0x8;
constexpr unsigned kPing = 0x9;
constexpr unsigned kPong = 0xA;

constexpr std::size_t kMaxControlPayload = 125;  // RFC 6455 §5.5
constexpr unsigned kLengthIn16Bits = 126;
constexpr unsigned kLengthIn64Bits = 127;
constexpr unsigned kNoStatusReceived = 1005;

bool is_known(unsigned opcode) {
  return opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
}

}  // namespace

SeenFrame WebSocketFrames::next(std::string_view& input) {
  // A frame whose last byte was told still has its end to tell.
  while (!input.empty() || (state_ == State::payload && left_ == 0)) {
    SeenFrame seen;
    switch (state_) {
      case State::head:
        seen = read_head(input);
        break;
      case State::payload:
        seen = read_payload(input);
        break;
      case State::closed:
      case State::lost:
        input = {};
        break;
    }
    if (seen.kind != Kind::nothing) return seen;
  }
  return {};
}

std::size_t WebSocketFrames::head_size() const {
  if (held_ < 2) return 2;
  const unsigned length = head_[1] & 0x7FU;
  const std::size_t mask_bytes = (head_[1] & 0x80U) != 0 ? mask_.size() : 0;
  if (length == kLengthIn16Bits) return 2 + 2 + mask_bytes;
  if (length == kLengthIn64Bits) return 2 + 8 + mask_bytes;
  return 2 + mask_bytes;
}

SeenFrame WebSocketFrames::read_head(std::string_view& input) {
  while (held_ < head_size()) {
    if (input.empty()) return {};
    head_[held_++] = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    // At once: what no frame begins with must not wait for more of it.
    if (held_ == 2 && !is_head_acceptable()) return lose();
  }
  if (!begin_frame()) return lose();
  // Nothing will come that could end a frame without payload.
  return left_ == 0 ? end_frame() : SeenFrame();
}

bool WebSocketFrames::is_head_acceptable() const {
  const unsigned reserved = head_[0] & 0x70U;  // no extension was negotiated
  const unsigned opcode = head_[0] & 0x0FU;
  const bool is_final = (head_[0] & 0x80U) != 0;
  const bool is_masked = (head_[1] & 0x80U) != 0;
  if (reserved != 0 || !is_known(opcode)) return false;
  if (is_masked != (sender_ == FrameSender::client)) return false;
  if (opcode >= kClose) return is_final && (head_[1] & 0x7FU) <= kMaxControlPayload;
  return is_in_message_ == (opcode == kContinuation);
}

std::uint64_t WebSocketFrames::announced_length() const {
  const unsigned length = head_[1] & 0x7FU;
  if (length < kLengthIn16Bits) return length;
  const std::size_t bytes = length == kLengthIn16Bits ? 2 : 8;
  std::uint64_t announced = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    announced = (announced << 8U) | head_[2 + i];
  return announced;
}

bool WebSocketFrames::begin_frame() {
  left_ = announced_length();
  const unsigned length = head_[1] & 0x7FU;
  // The shortest form only, and 63 bits (RFC 6455 §5.2).
  if (length == kLengthIn16Bits && left_ < kLengthIn16Bits) return false;
  if (length == kLengthIn64Bits && (left_ <= 0xFFFFU || (left_ >> 63U) != 0)) return false;
  opcode_ = head_[0] & 0x0FU;
  is_final_ = (head_[0] & 0x80U) != 0;
  if (sender_ == FrameSender::client) std::copy_n(&head_[held_ - 4], 4, mask_.begin());
  mask_at_ = 0;
  held_ = 0;
  control_.clear();
  if (opcode_ == kText || opcode_ == kBinary) {
    is_in_message_ = true;
    is_text_ = opcode_ == kText;
  }
  state_ = State::payload;
  return true;
}

std::string_view WebSocketFrames::unmasked(std::string_view bytes) {
  if (sender_ == FrameSender::server) return bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto masked = static_cast<unsigned char>(bytes[i]);
    unmasked_[i] = static_cast<char>(masked ^ mask_[(mask_at_ + i) & 3U]);
  }
  mask_at_ = (mask_at_ + bytes.size()) & 3U;
  return {unmasked_.data(), bytes.size()};
}

SeenFrame WebSocketFrames::read_payload(std::string_view& input) {
  if (left_ == 0) return end_frame();
  const std::size_t most = sender_ == FrameSender::client ? kMaxPiece : input.size();
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(left_, std::min(most, input.size())));
  SeenFrame seen;
  seen.payload = unmasked(input.substr(0, size));
  input.remove_prefix(size);
  left_ -= size;
  if (is_control()) {
    control_ += seen.payload;
    return left_ == 0 ? end_control_frame() : SeenFrame();
  }
  seen.kind = is_text_ ? Kind::text_piece : Kind::binary_piece;
  return seen;
}

SeenFrame WebSocketFrames::end_frame() {
  if (is_control()) return end_control_frame();
  state_ = State::head;
  SeenFrame seen;
  if (!is_final_) return seen;
  is_in_message_ = false;
  seen.kind = is_text_ ? Kind::text_end : Kind::binary_end;
  return seen;
}

SeenFrame WebSocketFrames::end_control_frame() {
  state_ = State::head;
  SeenFrame seen;
  seen.payload = control_;
  if (opcode_ != kClose) {
    seen.kind = opcode_ == kPing ? Kind::ping : Kind::pong;
    return seen;
  }
  if (control_.size() == 1) return lose();
  state_ = State::closed;
  seen.kind = Kind::close;
  seen.close_code = kNoStatusReceived;
  if (control_.empty()) return seen;
  const auto high = static_cast<unsigned char>(control_[0]);
  const auto low = static_cast<unsigned char>(control_[1]);
  seen.close_code = (static_cast<unsigned>(high) << 8U) | low;
  seen.payload.remove_prefix(2);
  return seen;
}

SeenFrame WebSocketFrames::lose() {
  state_ = State::lost;
  SeenFrame seen;
  seen.kind = Kind::violation;
  return seen;
}

std::string make_close_frame(unsigned code, std::string_view reason) {
  reason = reason.substr(0, kMaxControlPayload - 2);
  std::string frame;
  frame += static_cast<char>(0x80U | kClose);
  frame += static_cast<char>(2 + reason.size());
  frame += static_cast<char>((code >> 8U) & 0xFFU);
  frame += static_cast<char>(code & 0xFFU);
  frame += reason;
  return frame;
}

}  // namespace spillway::http
