#include "simulator/answer_parts.hpp"

#include <spillway/base/random.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace spillway::simulator {
namespace {

using nlohmann::json;

std::string text_from(std::string_view alphabet, std::uint64_t seed, std::size_t count) {
  base::Random random(seed);
  std::string text(count, '\0');
  for (auto& letter : text)
    letter = alphabet[random.below(alphabet.size())];
  return text;
}

milliseconds jittered(milliseconds mean, milliseconds jitter, base::Random& random) {
  if (jitter.count() == 0) return mean;
  const auto spread = static_cast<std::uint64_t>(2 * jitter.count() + 1);
  const auto shift = milliseconds(static_cast<std::int64_t>(random.below(spread))) - jitter;
  return std::max(mean + shift, milliseconds(0));
}

}  // namespace

json safe_filter() {
  const json safe{{"filtered", false}, {"severity", "safe"}};
  return {{"hate", safe}, {"self_harm", safe}, {"sexual", safe}, {"violence", safe}};
}

json safe_prompt_filter() {
  auto filter = safe_filter();
  filter["jailbreak"] = {{"filtered", false}, {"detected", false}};
  return filter;
}

void set_cadence(const Question& question, Reply& reply) {
  const auto& latency = question.deployment->latency;
  base::Random random(question.seed ^ 0x5eedULL);
  const auto first = jittered(latency.first_token, latency.jitter, random);
  if (!reply.is_stream()) {
    reply.delay = first;
    for (std::uint32_t i = 1; i < question.tokens; ++i) {
      reply.delay += jittered(latency.between_tokens, latency.jitter, random);
    }
    return;
  }
  bool has_output = false;
  for (auto& event : reply.events) {
    if (event.role != EventRole::output) continue;
    event.delay = has_output ? jittered(latency.between_tokens, latency.jitter, random) : first;
    has_output = true;
  }
}

std::string id_text(std::uint64_t seed, std::string_view salt, std::size_t count) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return text_from(kAlphabet, seed ^ seed_of(salt), count);
}

std::string hex_text(std::uint64_t seed, std::string_view salt, std::size_t count) {
  return text_from("0123456789abcdef", seed ^ seed_of(salt), count);
}

std::vector<std::string> words_of(std::uint64_t seed, std::uint32_t tokens) {
  static constexpr std::array<std::string_view, 24> kWords{
      "water",   "leaves", "a",       "full",   "reservoir", "safely", "over",   "the",
      "spill",   "way",    "when",    "rivers", "rise",      "and",    "stones", "hold",
      "between", "two",    "valleys", "so",     "nothing",   "below",  "is",     "lost"};
  base::Random random(seed);
  std::vector<std::string> words;
  words.reserve(tokens);
  for (std::uint32_t i = 0; i < tokens; ++i) {
    std::string word(i == 0 ? "" : " ");
    word += kWords[random.below(kWords.size())];
    words.push_back(std::move(word));
  }
  if (!words.empty()) words.back() += ".";
  return words;
}

std::string finish_reason(const Question& question) {
  const auto limit = question.prompt.max_tokens;
  return limit && *limit <= question.tokens ? "length" : "stop";
}

StreamEvent sse(const nlohmann::json& data, EventRole role) {
  return {milliseconds(0), "data: " + dump(data) + "\n\n", role};
}

StreamEvent done_event() {
  return {milliseconds(0), "data: [DONE]\n\n", EventRole::done};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += word;
  return text;
}

}  // namespace spillway::simulator
