// Any body: no crash, facts that agree with the bytes, and a replacement that reads back.

#include <spillway/aoai/request_facts.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using spillway::aoai::read_request_facts;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto facts = read_request_facts(body);
  if (!facts.has_model) return 0;
  if (!facts.is_json_object || facts.model_length < 2) std::abort();
  if (facts.model_offset + facts.model_length > body.size()) std::abort();
  if (body[facts.model_offset] != '"') std::abort();

  const std::string replaced = spillway::aoai::replace_model(body, facts, "dep-\"\\é");
  const auto again = read_request_facts(replaced);
  if (!again.has_model || again.model != "dep-\"\\é") std::abort();
  if (again.wants_stream != facts.wants_stream) std::abort();
  return 0;
}
