#include "simulator/dialogue.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

/// Of the messages that only a test sends.
std::vector<Frame> frames_for_test(const std::string& type, const json& message,
                                   const std::string& text) {
  Frame frame;
  frame.payload = text;
  if (type == "sim.ping") {
    frame.kind = FrameKind::ping;
    frame.payload = "sim";
  } else if (type == "sim.close") {
    frame.kind = FrameKind::close;
    frame.close_code = static_cast<std::uint16_t>(message.value("code", 1000U));
    frame.payload = message.value("reason", "");
  }
  return {std::move(frame)};
}

}  // namespace

std::vector<Frame> frames_for(Dialogue& dialogue, FrameKind kind, const std::string& message) {
  if (kind == FrameKind::binary) {
    Frame echo;
    echo.kind = FrameKind::binary;
    echo.payload = message;
    return {std::move(echo)};
  }
  if (message.find("\"sim.") == std::string::npos) return dialogue.hear(message);
  try {
    const auto parsed = json::parse(message);
    const auto type = parsed.value("type", "");
    if (type.starts_with("sim.")) return frames_for_test(type, parsed, message);
  } catch (const json::exception&) {
    return dialogue.hear(message);
  }
  return dialogue.hear(message);
}

}  // namespace spillway::simulator
