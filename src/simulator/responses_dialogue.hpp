#pragma once
// The Responses API over WebSocket: `response.create` gets the events of the streamed call, one per
// message. The latest response stays known to its connection even with `store: false`. Pure but for
// the function that answers.

#include "simulator/dialogue.hpp"
#include "simulator/reply.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace spillway::simulator {

class ResponsesDialogue : public Dialogue {
 public:
  /// Answers the body of a streamed create call; `known_id` may be continued although the endpoint
  /// does not have it.
  using Ask = std::function<Reply(const std::string& body, const std::string& known_id)>;

  explicit ResponsesDialogue(Ask ask) : ask_(std::move(ask)) {}

  std::vector<Frame> open() override { return {}; }
  std::vector<Frame> hear(const std::string& text) override;

 private:
  Ask ask_;
  std::string latest_id_;
};

/// The `data:` of a server-sent event.
std::string data_of(std::string_view event);

}  // namespace spillway::simulator
