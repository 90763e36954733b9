#include "answer_names.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace spillway::aoai {
namespace {

struct Entry {
  std::string_view key;
  Name name;
};

constexpr std::size_t kLongest = 26;

constexpr auto kEntries = [] {
  std::array entries{
      Entry{"accepted_prediction_tokens", Name::accepted_prediction_tokens},
      Entry{"arguments", Name::arguments},
      Entry{"audio_tokens", Name::audio_tokens},
      Entry{"cache_write_tokens", Name::cache_write_tokens},
      Entry{"cached_tokens", Name::cached_tokens},
      Entry{"choices", Name::choices},
      Entry{"code", Name::code},
      Entry{"completion_tokens", Name::completion_tokens},
      Entry{"completion_tokens_details", Name::completion_tokens_details},
      Entry{"content", Name::content},
      Entry{"content_filter_results", Name::content_filter_results},
      Entry{"delta", Name::delta},
      Entry{"embedding", Name::embedding},
      Entry{"error", Name::error},
      Entry{"finish_reason", Name::finish_reason},
      Entry{"function", Name::function},
      Entry{"function_call", Name::function_call},
      Entry{"headers", Name::headers},
      Entry{"image_tokens", Name::image_tokens},
      Entry{"input", Name::input},
      Entry{"input_token_details", Name::input_token_details},
      Entry{"input_tokens", Name::input_tokens},
      Entry{"input_tokens_details", Name::input_tokens_details},
      Entry{"last_error", Name::last_error},
      Entry{"logprobs", Name::logprobs},
      Entry{"message", Name::message},
      Entry{"output", Name::output},
      Entry{"output_token_details", Name::output_token_details},
      Entry{"output_tokens", Name::output_tokens},
      Entry{"output_tokens_details", Name::output_tokens_details},
      Entry{"prompt_annotations", Name::prompt_annotations},
      Entry{"prompt_filter_results", Name::prompt_filter_results},
      Entry{"prompt_tokens", Name::prompt_tokens},
      Entry{"prompt_tokens_details", Name::prompt_tokens_details},
      Entry{"reasoning_content", Name::reasoning_content},
      Entry{"reasoning_tokens", Name::reasoning_tokens},
      Entry{"refusal", Name::refusal},
      Entry{"rejected_prediction_tokens", Name::rejected_prediction_tokens},
      Entry{"response", Name::response},
      Entry{"retry-after", Name::retry_after},
      Entry{"retry-after-ms", Name::retry_after_ms},
      Entry{"role", Name::role},
      Entry{"seconds", Name::seconds},
      Entry{"status", Name::status},
      Entry{"status_code", Name::status_code},
      Entry{"statusCode", Name::status_code},
      Entry{"step_details", Name::step_details},
      Entry{"text", Name::text},
      Entry{"tool_calls", Name::tool_calls},
      Entry{"total_tokens", Name::total_tokens},
      Entry{"type", Name::type},
      Entry{"usage", Name::usage},
      Entry{"value", Name::value},
      Entry{"x-ms-retry-after-ms", Name::x_ms_retry_after_ms},
      Entry{"x-ratelimit-reset-requests", Name::x_ratelimit_reset_requests},
      Entry{"x-ratelimit-reset-tokens", Name::x_ratelimit_reset_tokens},
  };
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.key.size() < b.key.size() || (a.key.size() == b.key.size() && a.key < b.key);
  });
  return entries;
}();
static_assert(kEntries.back().key.size() == kLongest);

// Where the keys of each length begin: every key of every answer is looked up here.
constexpr auto kFirstOfLength = [] {
  std::array<std::size_t, kLongest + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    first[length] = 0;
    while (first[length] < kEntries.size() && kEntries[first[length]].key.size() < length)
      ++first[length];
  }
  return first;
}();

Name find_name(std::string_view key) {
  if (key.empty() || key.size() > kLongest) return Name::other;
  for (std::size_t i = kFirstOfLength[key.size()]; i < kFirstOfLength[key.size() + 1]; ++i) {
    if (kEntries[i].key[0] == key[0] && kEntries[i].key == key) return kEntries[i].name;
  }
  return Name::other;
}

}  // namespace

Name name_of_key(std::string_view key) {
  const Name name = find_name(key);
  const bool may_be_a_header = name == Name::other && key.find('-') != std::string_view::npos;
  return may_be_a_header ? find_name(base::to_lower(key)) : name;
}

std::string_view key_of(Name name) {
  const auto found = std::find_if(kEntries.begin(), kEntries.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  return found == kEntries.end() ? std::string_view() : found->key;
}

}  // namespace spillway::aoai
