// What the line of the access log costs.
#include <spillway/telemetry/access_record.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;

AttemptRecord attempt(std::string_view outcome, unsigned status) {
  AttemptRecord attempt;
  attempt.backend = "eastus-ptu";
  attempt.deployment = "gpt-4o-ptu";
  attempt.outcome = outcome;
  attempt.status = status;
  attempt.duration = 4'200us;
  attempt.is_reused = true;
  return attempt;
}

AccessRecord record_of(std::int64_t attempts) {
  AccessRecord record;
  record.time = base::WallTime(1'795'425'600'123ms);
  record.request_id = "0f8c3b52-6b1e-4c6e-9a43-5d7f1f0f6b0a";
  record.client = "chatbot";
  record.peer = "10.1.2.3:50122";
  record.method = "POST";
  record.target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
  record.operation = "chat_completions";
  record.deployment = "gpt-4o";
  record.pool = "production";
  record.status = 200;
  record.backend = "eastus-ptu";
  for (std::int64_t i = 1; i < attempts; ++i)
    record.attempts.push_back(attempt("throttled", 429));
  record.attempts.push_back(attempt("success", 200));
  record.request_bytes = 1000;
  record.response_bytes = 700;
  record.first_byte = 4'300us;
  record.total = 4'400us;
  return record;
}

void json_line(benchmark::State& state) {
  const AccessRecord record = record_of(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(format_json(record));
}
BENCHMARK(json_line)->Arg(1)->Arg(2);

void text_line(benchmark::State& state) {
  const AccessRecord record = record_of(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(format_text(record));
}
BENCHMARK(text_line)->Arg(1);

}  // namespace
}  // namespace spillway::telemetry
