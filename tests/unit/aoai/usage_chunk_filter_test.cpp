#include "support/wire_sample.hpp"
#include <spillway/aoai/usage_chunk_filter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace spillway::aoai {
namespace {

std::string filtered(std::string_view stream, std::size_t step) {
  UsageChunkFilter filter;
  std::string out;
  for (std::size_t i = 0; i < stream.size(); i += step)
    filter.push(stream.substr(i, step), out);
  filter.finish(out);
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Cut by hand: from the last event with a usage object to the next event.
std::string without_usage_chunk(std::string stream, std::string_view line_end) {
  const std::string blank = std::string(line_end) + std::string(line_end);
  const auto usage = stream.rfind("\"usage\":{");
  const auto begin = stream.rfind(blank, usage) + blank.size();
  const auto end = stream.find(blank, usage) + blank.size();
  return stream.erase(begin, end - begin);
}

const char* const kWithUsage[] = {"chat/stream-usage.sse", "chat/stream-usage-obfuscation.sse",
                                  "chat/stream-tool-calls.sse"};
const char* const kWithout[] = {"chat/stream-default.sse",
                                "chat/stream-old-api.sse",
                                "chat/stream-async-filter.sse",
                                "chat/stream-async-filter-cut.sse",
                                "chat/stream-content-filter-cut.sse",
                                "chat/stream-length.sse",
                                "chat/stream-midstream-error.sse",
                                "chat/stream-truncated.sse",
                                "chat/stream-dataless-event.sse",
                                "chat/stream-parser-torture.sse",
                                "completions/stream.sse",
                                "responses/stream.sse",
                                "audio/transcription-stream.sse"};

TEST(UsageChunkFilter, TakesOutTheUsageChunkAndNothingElse) {
  for (const char* name : kWithUsage) {
    for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
      const std::string stream = replaced(test::read_wire_sample(name), "\n", line_end);
      const std::string expected = without_usage_chunk(stream, line_end);
      ASSERT_EQ(expected.find("\"prompt_tokens\""), std::string::npos);
      for (std::size_t step = 1; step < 600; step = step < 20 ? step + 1 : step * 3)
        EXPECT_TRUE(filtered(stream, step) == expected) << name << " by " << step;
    }
  }
}

TEST(UsageChunkFilter, TakesItOutWhereverTheStreamIsSplit) {
  const std::string stream = replaced(test::read_wire_sample(kWithUsage[0]), "\n", "\r\n");
  const std::string expected = without_usage_chunk(stream, "\r\n");
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    UsageChunkFilter filter;
    std::string out;
    filter.push(std::string_view(stream).substr(0, split), out);
    filter.push(std::string_view(stream).substr(split), out);
    filter.finish(out);
    ASSERT_TRUE(out == expected) << split;
    ASSERT_EQ(filter.removed_count(), 1U);
  }
}

TEST(UsageChunkFilter, StreamsWithoutOnePassUnchanged) {
  for (const char* name : kWithout) {
    const std::string stream = test::read_wire_sample(name);
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{100}, stream.size()})
      EXPECT_TRUE(filtered(stream, step) == stream) << name << " by " << step;
  }
}

TEST(UsageChunkFilter, KnowsTheUsageChunkByItsContent) {
  const std::string_view removed[] = {
      "data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n",
      "data:{\"usage\":{},\"choices\":[ ]}\n\n",
      "data: {\"id\":\"x\",\"choices\":[],\ndata: \"usage\":{\"total_tokens\":1}}\r\n\r\n",
      "data: {\"\\u0063hoices\":[],\"usage\":{}}\n\n",
      ": comment\ndata: {\"choices\":[],\"usage\":{}}\n\n",
  };
  for (const auto event : removed)
    EXPECT_EQ(filtered(event, 3), "") << event;
  const std::string_view kept[] = {
      "data: {\"choices\":[],\"usage\":null}\n\n",
      "data: {\"choices\":[]}\n\n",
      "data: {\"usage\":{\"total_tokens\":1}}\n\n",
      "data: {\"choices\":[{}],\"usage\":{}}\n\n",
      "data: {\"choices\":[1],\"usage\":{}}\n\n",
      "data: {\"choices\":null,\"usage\":{}}\n\n",
      "data: {\"choices\":{},\"usage\":{}}\n\n",
      "data: {\"choices\":[],\"usage\":[]}\n\n",
      "data: {\"choices\":[],\"usage\":{},\"prompt_filter_results\":[]}\n\n",
      "data: {\"choices\":[],\"prompt_annotations\":[],\"usage\":{}}\n\n",
      "data: {\"choices\":[],\"usage\":{}\n\n",
      "data: {\"choices\":[],\"usage\":{}}}\n\n",
      "data: {\"choices\":[],\"usage\":{}}",
      "data: {\"choices\":[],\"usage\":{}}\n",
      "data: [{\"choices\":[],\"usage\":{}}]\n\n",
      "data: {\"x\":{\"choices\":[],\"usage\":{}}}\n\n",
      "event: {\"choices\":[],\"usage\":{}}\n\n",
      "data: [DONE]\n\n",
      "data: 1\n\n",
      ": comment\n\n\n\n",
      "\r\n\r\n\n\r",
      "",
  };
  for (const auto event : kept)
    EXPECT_EQ(filtered(event, 3), event) << event;
}

// Found by fuzzing: they went with the chunk if they came in one piece with it.
TEST(UsageChunkFilter, WhatStandsBeforeTheUsageChunkPassesInAnySplit) {
  const std::string chunk = "data: {\"choices\":[],\"usage\":{}}";
  for (const std::string before :
       {"\n", "\n\n\n", "\r\r", "\r\n\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\r\n", ": a\n\n\n"}) {
    for (const std::string line_end : {"\n", "\r\n", "\r"}) {
      const std::string end = line_end + line_end;
      const std::string stream = before + chunk + end + end + chunk + end + line_end;
      const std::string expected = before + end + line_end;
      for (std::size_t step = 1; step <= stream.size(); ++step)
        EXPECT_EQ(filtered(stream, step), expected) << step;
    }
  }
}

TEST(UsageChunkFilter, BytesFlowAsSoonAsTheyCannotBeOfTheUsageChunk) {
  const struct {
    std::string_view in;
    std::size_t out;  // how much of it has gone on
  } rows[] = {
      {"data: {\"choices\":[", 0},
      {"data: {\"choices\":[{", 20},
      {"data: {\"choices\":[{\"del", 23},
      {"data: {\"id\":\"x\",\"choices\":[]", 0},
      {"data: [D", 8},
      {"data: {\"choices\":[],\"prompt_filter_results\":[", 46},
      {": comment\n\n", 11},
      {"data: {\"choices\":[{}]}\n\ndata: {\"cho", 24},
  };
  for (const auto& row : rows) {
    UsageChunkFilter filter;
    std::string out;
    filter.push(row.in, out);
    EXPECT_EQ(out, row.in.substr(0, row.out)) << row.in;
  }
}

TEST(UsageChunkFilter, AnEventOfMoreThanSixteenKilobytesFlows) {
  std::string event = "data: {\"id\":\"" + std::string(UsageChunkFilter::kMaxHeld, 'x');
  UsageChunkFilter filter;
  std::string out;
  filter.push(event, out);
  EXPECT_EQ(out, event);
  event += "\",\"choices\":[],\"usage\":{}}\n\n";
  EXPECT_EQ(filtered(event, 1000), event);
  const std::string next = event + "data: {\"choices\":[],\"usage\":{}}\n\n";
  EXPECT_EQ(filtered(next, 1000), event);
}

TEST(UsageChunkFilter, WhatWentOutEndsBetweenEventsWhileAnEventIsHeld) {
  UsageChunkFilter filter;
  std::string out;
  EXPECT_TRUE(filter.is_between_events());
  filter.push("data: {\"choices\":[{}]}\n\ndata: {\"choices\":[]", out);
  EXPECT_TRUE(filter.is_between_events());
  filter.push(",\"usage\":null,", out);
  EXPECT_FALSE(filter.is_between_events());
  filter.push("\"x\":1}\n\n", out);
  EXPECT_TRUE(filter.is_between_events());
}

TEST(UsageChunkFilter, RandomSplitsAndBytesMakeNoDifference) {
  std::mt19937 random(7);
  const std::string pieces[] = {
      "data: ",   "{\"choices\":[", "]", ",\"usage\":{", "}", "null",    "\n", "\r", "\n\n",
      "\r\n\r\n", "[DONE]",         ":", "\"a\":1",      ",", "event: x"};
  for (int round = 0; round < 3000; ++round) {
    std::string stream;
    for (int i = 0; i < 40; ++i)
      stream += pieces[random() % std::size(pieces)];
    const std::string whole = filtered(stream, stream.size());
    EXPECT_EQ(filtered(stream, 1), whole);
    EXPECT_EQ(filtered(stream, 1 + random() % 13), whole);
    EXPECT_LE(whole.size(), stream.size());
  }
}

}  // namespace
}  // namespace spillway::aoai
