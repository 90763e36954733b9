// Any body: no crash, facts that agree with the bytes, and a replacement that reads back.

#include <spillway/aoai/model_edit.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/aoai/stateful_ids.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using spillway::aoai::RequestFacts;

void check_stream_options(std::string_view body, const RequestFacts& facts) {
  if (facts.has_stream_options != (facts.stream_options_offset != 0)) std::abort();
  if (facts.wants_usage && facts.include_usage_length != 4) std::abort();
  if (!facts.has_stream_options) {
    if (facts.is_stream_options_empty) std::abort();
    return;
  }
  if (facts.stream_options_offset >= body.size()) std::abort();
  if (body[facts.stream_options_offset] != '{') std::abort();
  if (facts.include_usage_length == 0) return;
  if (facts.is_stream_options_empty) std::abort();
  if (facts.include_usage_offset <= facts.stream_options_offset) std::abort();
  if (facts.include_usage_offset + facts.include_usage_length >= body.size()) std::abort();
}

void check_ids(const RequestFacts& facts) {
  using spillway::aoai::has_id_shape;
  if (facts.ids.size() > spillway::aoai::kMaxNamedIds) std::abort();
  if (facts.named_id_count > facts.ids.size()) std::abort();
  if (!std::all_of(facts.ids.begin(), facts.ids.end(), has_id_shape)) std::abort();
  if (facts.prompt_cache_key.size() > 512) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using spillway::aoai::read_request_facts;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto facts = read_request_facts(body);
  check_stream_options(body, facts);
  check_ids(facts);
  if (!facts.has_model) return 0;
  if (!facts.is_json_object || facts.model_length < 2) std::abort();
  if (facts.model_offset + facts.model_length > body.size()) std::abort();
  if (body[facts.model_offset] != '"') std::abort();

  const std::string replaced = spillway::aoai::replace_model(body, facts, "dep-\"\\é");
  const auto again = read_request_facts(replaced);
  if (!again.has_model || again.model != "dep-\"\\é") std::abort();
  if (again.wants_stream != facts.wants_stream) std::abort();
  if (again.ids != facts.ids) std::abort();
  const auto measured = spillway::aoai::measure_prompt(body);
  const auto measured_again = spillway::aoai::measure_prompt(replaced);
  if (measured.hash != measured_again.hash) std::abort();
  if (measured.characters != measured_again.characters) std::abort();
  return 0;
}
