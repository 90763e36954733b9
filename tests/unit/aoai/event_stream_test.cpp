#include "support/wire_sample.hpp"
#include <spillway/aoai/event_stream.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

EventStream observed(std::string_view bytes, std::size_t step) {
  EventStream stream;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    stream.observe(bytes.substr(i, step));
  return stream;
}

struct StreamRow {
  std::string_view bytes;
  bool is_between_events;
  std::uint64_t event_count;
};

const StreamRow kStreamRows[] = {
    {"", true, 0},
    {"d", false, 0},
    {"data: x", false, 0},
    {"data: x\n", false, 0},
    {"data: x\n\n", true, 1},
    {"data: x\n\nd", false, 1},
    {"data: x\r\r", true, 1},
    {"data: x\r\n\r\n", true, 1},
    {"data: x\r\n\r", true, 1},
    {"data: x\r\n", false, 0},
    {"data: x\n\r\n", true, 1},
    {"data: x\r\n\n", true, 1},
    {"data: x\n\r", true, 1},
    {"data: x\n\n\n\n", true, 1},
    {"data: x\n\ndata: y\n\n", true, 2},
    {"data: x\ndata: y\n\n", true, 1},
    {"data\n\n", true, 1},
    {"data:\n\n", true, 1},
    {"dat\n\n", true, 0},
    {"datax: y\n\n", true, 0},
    {"event: ping\n\n", true, 0},
    {"event: ping\n", false, 0},
    {"event: a\ndata: b\nid: c\n\n", true, 1},
    {": keep-alive\n\n", true, 0},
    {": keep-alive\n", false, 0},
    {": data: x\n\n", true, 0},
    {"\n", true, 0},
    {"\r\n", true, 0},
    {"\n\n\n", true, 0},
    {"\xEF\xBB\xBF", true, 0},
    {"\xEF\xBB", false, 0},
    {"\xEF\xBB\xBF"
     "data: x\n\n",
     true, 1},
    {"\xEF\xBB\xBF\n", true, 0},
    {"\xEF\xBB"
     "data: x\n\n",
     true, 0},
    {"data: x\n\n\xEF\xBB\xBF"
     "data: y\n\n",
     true, 1},
    {std::string_view("data: \0\n\n", 9), true, 1},
};

TEST(EventStream, KnowsWhereItStandsInAnySplit) {
  for (const StreamRow& row : kStreamRows) {
    for (std::size_t step = 1; step <= row.bytes.size() + 1; ++step) {
      SCOPED_TRACE(testing::PrintToString(row.bytes) + " by " + std::to_string(step));
      const EventStream stream = observed(row.bytes, step);
      EXPECT_EQ(stream.is_between_events(), row.is_between_events);
      EXPECT_EQ(stream.event_count(), row.event_count);
    }
  }
}

TEST(EventStream, WireSamples) {
  const struct {
    const char* name;
    bool is_between_events;
    std::uint64_t event_count;
  } rows[] = {
      {"chat/stream-parser-torture.sse", true, 6},  {"chat/stream-truncated.sse", false, 5},
      {"chat/stream-dataless-event.sse", true, 14}, {"chat/stream-midstream-error.sse", true, 6},
      {"responses/stream-error-flat.sse", true, 2},
  };
  for (const auto& row : rows) {
    const std::string bytes = test::read_wire_sample(row.name);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
      const EventStream stream = observed(bytes, step);
      EXPECT_EQ(stream.is_between_events(), row.is_between_events) << row.name;
      EXPECT_EQ(stream.event_count(), row.event_count) << row.name;
    }
  }
}

TEST(EventStream, CountIsTheNextSequenceNumberOfResponses) {
  const std::string bytes = test::read_wire_sample("responses/stream.sse");
  const EventStream stream = observed(bytes, bytes.size());
  const auto last = bytes.rfind("\"sequence_number\":") + 18;
  EXPECT_EQ(stream.event_count(), std::stoull(bytes.substr(last)) + 1);
}

}  // namespace
}  // namespace spillway::aoai
