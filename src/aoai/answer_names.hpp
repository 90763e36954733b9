#pragma once
// The names of members that matter in an answer or an event, numbered for json::Scanner.

#include <spillway/aoai/json_events.hpp>

#include <string_view>

namespace spillway::aoai {

enum class Name : json::NameId {
  other = json::kOtherName,
  accepted_prediction_tokens,
  arguments,
  audio_tokens,
  cache_write_tokens,
  cached_tokens,
  choices,
  code,
  completion_tokens,
  completion_tokens_details,
  content,
  content_filter_results,
  delta,
  embedding,
  error,
  finish_reason,
  function,
  function_call,
  headers,
  image_tokens,
  input,
  input_token_details,
  input_tokens,
  input_tokens_details,
  last_error,
  logprobs,
  message,
  output,
  output_token_details,
  output_tokens,
  output_tokens_details,
  prompt_annotations,
  prompt_filter_results,
  prompt_tokens,
  prompt_tokens_details,
  reasoning_content,
  reasoning_tokens,
  refusal,
  rejected_prediction_tokens,
  response,
  retry_after,
  retry_after_ms,
  role,
  seconds,
  status,
  status_code,
  step_details,
  text,
  tool_calls,
  total_tokens,
  type,
  usage,
  value,
  x_ms_retry_after_ms,
  x_ratelimit_reset_requests,
  x_ratelimit_reset_tokens,
  element = json::kElement,
};

/// Names with a hyphen are header fields and compared without case.
Name name_of_key(std::string_view key);

/// The key that has this number; the one of a header field in lower case.
std::string_view key_of(Name name);

template <typename... Names>
constexpr json::Path path_of(Names... names) {
  return json::Path{static_cast<json::NameId>(names)...};
}

}  // namespace spillway::aoai
