#include <spillway/gateway/accounting.hpp>

namespace spillway::gateway {

telemetry::TokenCounts token_counts_of(const aoai::Usage& usage) {
  telemetry::TokenCounts counts;
  counts.input = usage.input_tokens;
  counts.output = usage.output_tokens;
  counts.total = usage.total_tokens;
  counts.cached = usage.cached_tokens;
  counts.cache_write = usage.cache_write_tokens;
  counts.reasoning = usage.reasoning_tokens;
  counts.input_audio = usage.input_audio_tokens;
  counts.input_image = usage.input_image_tokens;
  counts.output_audio = usage.output_audio_tokens;
  counts.audio_milliseconds = usage.audio_milliseconds;
  counts.is_known = usage.is_known;
  counts.is_estimated = usage.is_estimated;
  return counts;
}

void account(const RequestContext& context) {
  ClientTotals* totals = context.snapshot->totals_of(context.record.client);
  if (totals == nullptr) return;
  for (const telemetry::AttemptRecord& attempt : context.record.attempts) {
    if (!attempt.tokens.is_known) continue;
    (attempt.tokens.is_estimated ? totals->estimated : totals->exact).add(attempt.tokens);
  }
}

}  // namespace spillway::gateway
