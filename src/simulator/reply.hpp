#pragma once
// What a service answers (Reply), before it is known how the answer goes onto the wire, and what
// the connection then plays (Script). The way from one to the other is where faults act:
// script.hpp.

#include "simulator/request.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace spillway::simulator {

enum class EventRole {
  prelude,   // carries no output: prompt filter results, role, response.created
  output,    // a token
  terminal,  // finish reason, usage, response.completed
  done,      // data: [DONE]
};

struct StreamEvent {
  std::chrono::milliseconds delay{0};
  std::string text;
  EventRole role = EventRole::output;
};

enum class Coding { identity, gzip, deflate };

enum class Dialect { chat, responses, assistants };

struct Reply {
  unsigned status = 200;
  /// Empty: the usual phrase of the status.
  std::string reason;
  /// Without the framing fields, which the script adds.
  std::vector<Header> headers;
  /// From the end of the request to the head of the answer.
  std::chrono::milliseconds delay{0};
  std::string body;
  /// If not empty, the answer is a stream of chunks, one per event, and `body` is not used.
  std::vector<StreamEvent> events;
  Dialect dialect = Dialect::chat;
  /// Of the content, whether asked for or not.
  Coding coding = Coding::identity;
  /// Fault `unknown_id` has hidden an id that is known.
  bool has_hidden_id = false;

  [[nodiscard]] bool is_stream() const { return !events.empty(); }
};

Reply json_reply(unsigned status, std::string body);

}  // namespace spillway::simulator
