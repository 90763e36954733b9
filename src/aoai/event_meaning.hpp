#pragma once
// What an event of a stream means for the commit point and for the end of the stream (behaviour §5,
// §10).

#include "answer_facts.hpp"
#include <spillway/aoai/stream_shape.hpp>

#include <cstdint>
#include <string_view>

namespace spillway::aoai {

struct Event {
  std::string_view name;        // of the `event:` line
  bool is_done = false;         // its data is [DONE]
  bool is_json_object = false;  // its data is a whole one; else `facts` are not to be trusted
  const AnswerFacts& facts;
};

struct EventMeaning {
  enum class Carries : std::uint8_t { nothing, output, error };
  Carries carries = Carries::output;
  bool ends_stream = false;
};

EventMeaning meaning_of_event(StreamShape shape, const Event& event);

}  // namespace spillway::aoai
