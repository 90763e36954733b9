#pragma once
// The paths of the API that the simulator knows, classic and v1. Pure.

#include <string>
#include <string_view>

namespace spillway::simulator {

enum class Operation {
  unknown,
  chat,
  completions,
  embeddings,
  image_generation,
  image_edit,
  transcription,
  translation,
  speech,
  create_response,
  get_response,
  delete_response,
  cancel_response,
  get_input_items,
  compact_response,
  count_input_tokens,
  list_models,
  get_model,
  realtime,
  /// None of these: perhaps a resource of resource_table.hpp.
  other,
};

enum class Surface { classic, v1 };

struct Call {
  Operation operation = Operation::unknown;
  Surface surface = Surface::classic;
  /// Classic deployment paths only; elsewhere the body's `model` names it.
  std::string deployment;
  /// Of a response or a model.
  std::string id;
  /// The path below /openai or /openai/v1; of a deployment's call below the deployment.
  std::string rest;
};

Call read_call(std::string_view method, std::string_view path);

/// `2024-10-21`, `2025-04-01-preview`.
bool is_api_version(std::string_view text);

/// As it stands in the texts of 429s, e.g. `ChatCompletions_Create`.
std::string_view azure_name_of(Operation operation);

}  // namespace spillway::simulator
