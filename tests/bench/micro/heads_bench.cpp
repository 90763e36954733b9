// What finding, judging and parsing a head costs: the request of an SDK, the answer of Azure.
#include <spillway/http/head_parser.hpp>
#include <spillway/http/head_scanner.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace spillway::http {
namespace {

// As the Python SDK writes it.
const std::string kRequest =
    "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
    "Host: gateway.example.com\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
    "Accept: application/json\r\nContent-Type: application/json\r\n"
    "User-Agent: AzureOpenAI/Python 1.99.0\r\nX-Stainless-Lang: python\r\n"
    "X-Stainless-Package-Version: 1.99.0\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
    "X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.12.3\r\n"
    "api-key: 0123456789abcdef0123456789abcdef\r\nX-Stainless-Async: false\r\n"
    "x-stainless-retry-count: 0\r\nx-stainless-read-timeout: 600\r\nContent-Length: 1000\r\n\r\n";

const std::string kAnswer =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream; "
    "charset=utf-8\r\napim-request-id: 0f8c3b52-6b1e-4c6e-9a43-5d7f1f0f6b0a\r\n"
    "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\r\n"
    "x-content-type-options: nosniff\r\nx-ms-region: East US\r\n"
    "x-ratelimit-remaining-requests: 2699\r\nx-ratelimit-remaining-tokens: 449123\r\n"
    "x-ms-rai-invoked: true\r\nX-Request-ID: 3b9d2c0a-4a43-4c6e-9a43-0f8c3b526b1e\r\n"
    "x-ms-deployment-name: gpt-4o\r\nDate: Thu, 26 Nov 2026 02:15:49 GMT\r\n\r\n";

void find_request_head(benchmark::State& state) {
  const Limits limits;
  for (auto _ : state) {
    HeadScanner scanner(limits, base::Side::client);
    benchmark::DoNotOptimize(scanner.scan(kRequest));
  }
}
BENCHMARK(find_request_head);

void parse_request(benchmark::State& state) {
  const Limits limits;
  for (auto _ : state) {
    auto head = parse_request_head(kRequest, limits);
    if (!head) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(parse_request);

void parse_answer(benchmark::State& state) {
  const Limits limits = response_limits();
  for (auto _ : state) {
    auto head = parse_response_head(kAnswer, "POST", limits);
    if (!head) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(parse_answer);

}  // namespace
}  // namespace spillway::http
