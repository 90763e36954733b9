#pragma once
// The bodies and streams of successful calls, in the shapes of Azure OpenAI. Pure: the same
// question gets the same bytes, whatever endpoint it goes to, except that ids of responses name
// their endpoint.

#include "simulator/config.hpp"
#include "simulator/prompt.hpp"
#include "simulator/reply.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::simulator {

/// Everything an answer is made from.
struct Question {
  Prompt prompt;
  const Deployment* deployment = nullptr;
  std::string endpoint;
  std::uint64_t seed = 0;
  /// Tokens of the answer.
  std::uint32_t tokens = 0;
};

/// `created` of every answer: fixed, so that answers can be compared.
inline constexpr std::int64_t kCreated = 1'795'430'400;

Reply answer_chat(const Question& question);
Reply answer_completions(const Question& question);
Reply answer_embeddings(const Question& question);
Reply answer_response(const Question& question);

/// The id and body under which a response can be fetched later.
std::string response_id(const Question& question);
std::string response_body(const Question& question);

/// What a background call gets at once: status queued.
std::string background_body(const Question& question);
/// The id of the one message in its output.
std::string output_item_id(const Question& question);

/// `tokens` words, each with a leading blank but the first; the last is followed by a full stop.
std::vector<std::string> words_of(std::uint64_t seed, std::uint32_t tokens);

/// "length" if max_tokens cut the answer, else "stop".
std::string finish_reason(const Question& question);

}  // namespace spillway::simulator
