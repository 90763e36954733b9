#include <spillway/aoai/event_stream.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/aoai/stream_shape.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

TEST(StreamShape, FollowsFromThePath) {
  const struct {
    std::string_view method;
    std::string_view target;
    StreamShape shape;
  } rows[] = {
      {"POST", "/openai/deployments/d/chat/completions?api-version=2024-10-21", StreamShape::chat},
      {"POST", "/openai/v1/completions", StreamShape::chat},
      {"POST", "/v1/chat/completions", StreamShape::chat},
      {"POST", "/openai/responses?api-version=2025-04-01-preview", StreamShape::responses},
      {"POST", "/openai/v1/responses", StreamShape::responses},
      {"GET", "/openai/v1/responses/resp_1?stream=true", StreamShape::responses},
      {"GET", "/openai/responses/resp_1?api-version=preview", StreamShape::responses},
      {"POST", "/openai/threads/thread_1/runs?api-version=2024-10-21", StreamShape::assistants},
      {"POST", "/openai/v1/threads/runs", StreamShape::assistants},
      {"POST", "/openai/v1/Threads/runs", StreamShape::assistants},
      {"POST", "/openai/v1/audio/transcriptions", StreamShape::other},
      {"POST", "/openai/v1/images/generations", StreamShape::other},
      {"POST", "/openai/v1/threadsafe/things", StreamShape::other},
  };
  for (const auto& row : rows) {
    const auto path = parse_api_path(row.method, row.target);
    ASSERT_TRUE(path) << row.target;
    EXPECT_EQ(stream_shape_of(path.value()), row.shape) << row.target;
  }
}

TEST(StreamErrorEvent, ChatShape) {
  const std::string event = make_stream_error_event(StreamShape::chat, "cut \"short\"");
  EXPECT_EQ(event,
            "data: {\"error\":{\"message\":\"cut \\\"short\\\"\",\"type\":\"server_error\","
            "\"param\":null,\"code\":\"upstream_stream_interrupted\"}}\n\n");
}

TEST(StreamErrorEvent, ResponsesShape) {
  const std::string event = make_stream_error_event(StreamShape::responses, "cut", 7);
  EXPECT_EQ(event,
            "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_stream_interrupted\","
            "\"message\":\"cut\",\"param\":null,\"sequence_number\":7}\n\n");
}

TEST(StreamErrorEvent, AssistantsShape) {
  const std::string event = make_stream_error_event(StreamShape::assistants, "cut");
  EXPECT_EQ(event,
            "event: error\ndata: {\"error\":{\"message\":\"cut\",\"type\":\"server_error\","
            "\"param\":null,\"code\":\"upstream_stream_interrupted\"}}\n\n");
}

TEST(StreamErrorEvent, OtherStreamsAreToldAsChatIs) {
  EXPECT_EQ(make_stream_error_event(StreamShape::other, "cut"),
            make_stream_error_event(StreamShape::chat, "cut"));
}

TEST(StreamErrorEvent, IsOneEventOfWellFormedJson) {
  for (const auto shape :
       {StreamShape::chat, StreamShape::responses, StreamShape::assistants, StreamShape::other}) {
    const std::string event = make_stream_error_event(shape, "line\r\nbreak\n\ndata: x");
    EventStream stream;
    stream.observe(event);
    EXPECT_TRUE(stream.is_between_events());
    EXPECT_EQ(stream.event_count(), 1U);
    const std::string json = event.substr(event.find('{'), event.size() - event.find('{') - 2);
    EXPECT_TRUE(read_request_facts(json).is_json_object) << json;
  }
}

}  // namespace
}  // namespace spillway::aoai
