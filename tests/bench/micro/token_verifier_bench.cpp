// What an Entra token costs a request: known from before, and the first time, by algorithm.
#include <benchmark/benchmark.h>
#include <string>
#include <support/entra_world.hpp>
#include <variant>
#include <vector>

namespace spillway::identity {
namespace {

using namespace test;

const EntraWorld& world() {
  static const EntraWorld shared;
  return shared;
}

void require_accepted(benchmark::State& state, const TokenVerifier::Verdict& verdict) {
  if (std::holds_alternative<TokenRefusal>(verdict)) state.SkipWithError("refused");
}

void known_token(benchmark::State& state) {
  // As long as Entra's usually are.
  const std::string token =
      TokenSigner::rsa().token_of(header(), claims({{"aio", std::string(300, 'a')}}));
  state.counters["token_bytes"] = static_cast<double>(token.size());
  const EntraWorld& shared = world();  // its keys are made here, not while the time is taken
  for (auto _ : state)
    require_accepted(state, shared.verify(token));
}
BENCHMARK(known_token)->Threads(1)->Threads(2);

void first_time(benchmark::State& state, const TokenSigner& signer, const char* algorithm,
                const char* key_id) {
  // More than the cache holds, one after another: never is one known.
  std::vector<std::string> tokens;
  for (int i = 0; i < 10000; ++i)
    tokens.push_back(signer.token_of(header(algorithm, key_id), claims({{"uti", i}})));
  const EntraWorld& shared = world();
  std::size_t at = 0;
  for (auto _ : state)
    require_accepted(state, shared.verify(tokens[at++ % tokens.size()]));
}
BENCHMARK_CAPTURE(first_time, RS256, TokenSigner::rsa(), "RS256", "K1")->Iterations(20000);
BENCHMARK_CAPTURE(first_time, PS256, TokenSigner::rsa(), "PS256", "K1")->Iterations(20000);
BENCHMARK_CAPTURE(first_time, ES256, TokenSigner::ec(), "ES256", "E1")->Iterations(20000);

void wrong_signature(benchmark::State& state) {
  std::string token = TokenSigner::rsa().token_of(header(), claims());
  char& digit = token[token.rfind('.') + 20];
  digit = digit == 'A' ? 'B' : 'A';
  for (auto _ : state)
    benchmark::DoNotOptimize(world().verify(token));
}
BENCHMARK(wrong_signature);

}  // namespace
}  // namespace spillway::identity
