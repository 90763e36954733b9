#pragma once
// What a call does, told from its method and from its path below the API's root: one table for both
// surfaces (wire reference §1.1-1.6). Answers which operation it is, which class a client may be
// barred from, and whether it creates something that outlives the answer.

#include <cstdint>
#include <string_view>

namespace spillway::aoai {

enum class Operation : std::uint8_t {
  chat_completions,
  completions,
  embeddings,
  responses,  // creating one; by id is `other`
  images,
  audio,
  models,
  realtime,
  other,
};

/// What a client may be barred from (docs/configuration.md, `operations`; behaviour §10).
enum class OperationClass : std::uint8_t { inference, stateful, management };

/// Whether the call leaves something behind on the backend that answered (behaviour §5).
enum class Creation : std::uint8_t {
  none,
  if_background,  // a response: only with "background": true
  unless_model,   // a path we do not know: with a model it is taken for inference
  lasting,        // files, batches, conversations, vector stores, fine-tuning jobs, …
};

std::string_view name_of(Operation operation);
std::string_view name_of(OperationClass operation_class);

struct OperationTraits {
  Operation operation = Operation::other;
  OperationClass operation_class = OperationClass::stateful;
  Creation creation = Creation::none;
};

/// `sub_path` is what follows /openai/, /openai/v1/ or /openai/deployments/{deployment}/: decoded,
/// lower case, without leading and trailing slash. Lower case, because a backend that compares
/// paths without case must not let a client reach what it is barred from by writing it in capitals.
/// An unknown path is `other`, `stateful`: not open to a client that may only infer.
OperationTraits classify_operation(std::string_view method, std::string_view sub_path);

/// Whether classic URLs know this first segment directly below /openai/ (lower case).
bool is_classic_resource(std::string_view first_segment);

}  // namespace spillway::aoai
