#pragma once
// What an endpoint says on a WebSocket, message by message, without the socket: realtime_dialogue
// and responses_dialogue. websocket_session plays it.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace spillway::simulator {

enum class FrameKind { text, binary, ping, close };

struct Frame {
  std::chrono::milliseconds delay{0};
  FrameKind kind = FrameKind::text;
  /// Of a close frame the reason.
  std::string payload;
  std::uint16_t close_code = 1000;
};

class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// What is said as soon as the connection is open.
  virtual std::vector<Frame> open() = 0;
  /// What is said to a text message of the client.
  virtual std::vector<Frame> hear(const std::string& text) = 0;
};

/// The answer to any message. Beside what the dialogue knows: a binary message comes back as it is;
/// `{"type":"sim.ping"}` gets a ping, `{"type":"sim.close","code":1011,"reason":"…"}` a close
/// frame, `{"type":"sim.echo",…}` itself.
std::vector<Frame> frames_for(Dialogue& dialogue, FrameKind kind, const std::string& message);

}  // namespace spillway::simulator
