// What reading bodies as they go by costs: the facts of a request, the usage and events of answers.
#include <spillway/aoai/answer_reader.hpp>
#include <spillway/aoai/event_stream.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace spillway::aoai {
namespace {

std::string chat_request(std::size_t prompt_bytes) {
  std::string body =
      R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[)"
      R"({"role":"system","content":"You answer briefly."},{"role":"user","content":")";
  for (std::size_t i = 0; i < prompt_bytes; ++i)
    body += i % 6 == 5 ? ' ' : 'w';
  return body + R"("}],"temperature":0.2,"max_tokens":400})";
}

void facts_of_a_request(benchmark::State& state) {
  const std::string body = chat_request(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(read_request_facts(body));
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(facts_of_a_request)->Arg(800)->Arg(400'000);

const std::string kEvent =
    R"(data: {"id":"chatcmpl-BQ2y8u0y1","object":"chat.completion.chunk","created":1730000000,)"
    R"("model":"gpt-4o-2024-11-20","system_fingerprint":"fp_ee1d74bde0","choices":[{"index":0,)"
    R"("delta":{"content":" word"},"logprobs":null,"finish_reason":null}]})"
    "\n\n";

// Per event, in pieces of so many events: one comes alone when the backend takes its time.
std::string events(benchmark::State& state) {
  std::string text;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    text += kEvent;
  return text;
}

void count_events(benchmark::State& state) {
  const std::string piece = events(state);
  EventStream stream;
  for (auto _ : state)
    stream.observe(piece);
  benchmark::DoNotOptimize(stream.event_count());
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(count_events)->Arg(1)->Arg(50);

void read_events(benchmark::State& state) {
  const std::string piece = events(state);
  AnswerReader reader(AnswerForm::event_stream, StreamShape::chat);
  for (auto _ : state)
    reader.observe(piece);
  benchmark::DoNotOptimize(reader.has_output());
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(read_events)->Arg(1)->Arg(50);

void read_json_answer(benchmark::State& state) {
  const std::string body = R"({"id":"chatcmpl-BQ2y8u0y1","object":"chat.completion",)"
                           R"("choices":[{"index":0,"message":{"role":"assistant","content":")" +
                           std::string(static_cast<std::size_t>(state.range(0)), 'x') +
                           R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,)"
                           R"("completion_tokens":100,"total_tokens":120}})";
  for (auto _ : state) {
    AnswerReader reader(AnswerForm::json, StreamShape::chat);
    reader.observe(body);
    benchmark::DoNotOptimize(reader.usage());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(read_json_answer)->Arg(500)->Arg(20'000);

}  // namespace
}  // namespace spillway::aoai
