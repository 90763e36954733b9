#pragma once
// What a request body asks for, as far as the simulator cares, and what admitting it costs.
// Pure. Reads with nlohmann's parser and never copies or prints the caller's JSON.

#include "simulator/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct Prompt {
  bool is_json_object = false;
  std::string model;
  /// Texts of `messages`, `prompt` or `input`, one per message or input.
  std::vector<std::string> texts;
  bool is_streamed = false;
  bool wants_usage = false;
  bool wants_base64 = false;
  bool is_background = false;
  /// As the request says; the default differs between the APIs.
  std::optional<bool> store;
  std::optional<std::uint32_t> max_tokens;
  std::optional<std::uint32_t> dimensions;
  std::string previous_response_id;
  std::string instructions;
  /// `n` of images.
  std::optional<std::uint32_t> count;
  std::string response_format;
  std::string stream_format;
  /// Of the files in a form.
  std::uint64_t file_bytes = 0;
  std::string file_digests;
};

Prompt read_prompt(std::string_view body);
/// Of a form or a JSON body.
Prompt read_prompt(const Request& request);

/// Equal for requests that ask the same, whatever their model, stream and stream_options are, so
/// that a direct call and one through a gateway get the same bytes. FNV-1a.
std::uint64_t seed_of(const Prompt& prompt);
std::uint64_t seed_of(std::string_view text);

/// Admission cost of a chat, completions or Responses call: characters of the prompt plus the
/// answer's allowance, as measured on Azure (prompts count floor(chars/4)+1 each; without
/// max_tokens 640 for gpt-4 models, 16 for gpt-35, none for newer ones).
std::uint64_t admission_cost(const Prompt& prompt, std::string_view model);
/// Of an embeddings call: characters / 4, at least 1.
std::uint64_t embedding_cost(const Prompt& prompt);

/// The prompt_tokens that the answer's usage reports.
std::uint32_t prompt_tokens(const Prompt& prompt);

}  // namespace spillway::simulator
