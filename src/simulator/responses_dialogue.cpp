#include "simulator/responses_dialogue.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

Frame text_frame(std::string text, std::chrono::milliseconds delay = {}) {
  Frame frame;
  frame.delay = delay;
  frame.payload = std::move(text);
  return frame;
}

Frame error_frame(unsigned status, const json& error) {
  return text_frame(dump(nlohmann::ordered_json{
      {"type", "error"}, {"status", status}, {"error", nlohmann::ordered_json(error)}}));
}

Frame invalid(const std::string& what) {
  return error_frame(
      400, {{"type", "invalid_request_error"}, {"code", "invalid_value"}, {"message", what}});
}

}  // namespace

std::vector<Frame> ResponsesDialogue::hear(const std::string& text) {
  auto message = json::parse(text, nullptr, false);
  if (!message.is_object()) return {invalid("The message is not a JSON object.")};
  const auto type = message.value("type", json());
  if (type != "response.create") return {invalid("Unknown message type: " + dump(type) + ".")};
  message.erase("type");
  message["stream"] = true;
  const Reply reply = ask_(dump(message), latest_id_);
  if (!reply.is_stream()) {
    const auto body = json::parse(reply.body, nullptr, false);
    const auto error = body.is_object() ? body.value("error", body) : json(reply.body);
    return {error_frame(reply.status, error)};
  }
  std::vector<Frame> frames;
  for (const auto& event : reply.events)
    frames.push_back(text_frame(data_of(event.text), event.delay));
  frames.front().delay += reply.delay;
  latest_id_ = json::parse(frames.front().payload)["response"]["id"];
  return frames;
}

std::string data_of(std::string_view event) {
  constexpr std::string_view kField = "data: ";
  const auto start = event.find(kField);
  if (start == std::string_view::npos) return {};
  event.remove_prefix(start + kField.size());
  return std::string(event.substr(0, event.find('\n')));
}

}  // namespace spillway::simulator
