#include "word_list.hpp"
#include <spillway/aoai/operation.hpp>

#include <algorithm>
#include <array>

namespace spillway::aoai {
namespace {

constexpr auto kInferencePosts = std::to_array<std::pair<std::string_view, Operation>>({
    {"chat/completions", Operation::chat_completions},
    {"extensions/chat/completions", Operation::chat_completions},
    {"completions", Operation::completions},
    {"embeddings", Operation::embeddings},
    {"images/generations", Operation::images},
    {"images/edits", Operation::images},
    {"images/variations", Operation::images},
    {"audio/transcriptions", Operation::audio},
    {"audio/translations", Operation::audio},
    {"audio/speech", Operation::audio},
});

constexpr auto kRealtimePaths = std::to_array<std::string_view>({
    "realtime",
    "realtime/client_secrets",
    "realtime/calls",
    "realtime/sessions",
    "realtime/transcription_sessions",
    "realtimeapi/sessions",
    "live",
    "live/sessions",
});

constexpr auto kStatefulResources = std::to_array<std::string_view>({
    "assistants",
    "batches",
    "containers",
    "conversations",
    "files",
    "skills",
    "threads",
    "uploads",
    "vector_stores",
    "video",
    "videos",
});

constexpr auto kManagementResources = std::to_array<std::string_view>({
    "deployments",
    "evals",
    "fine-tunes",
    "fine_tuning",
});

// Their POSTs change or read what exists; a second one does no harm.
constexpr auto kHarmlessActions = std::to_array<std::string_view>({
    "cancel",
    "pause",
    "resume",
    "run",
    "search",
    "validate",
});

std::string_view first_segment_of(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::string_view last_segment_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Creation creation_of(std::string_view method, std::string_view sub_path) {
  const bool is_action = sub_path.find('/') != std::string_view::npos &&
                         contains(kHarmlessActions, last_segment_of(sub_path));
  return method == "POST" && !is_action ? Creation::lasting : Creation::none;
}

OperationTraits classify_responses(std::string_view method, std::string_view sub_path) {
  // GET is the WebSocket form (wire reference §1.3): responses are created inside it.
  if (sub_path == "responses" && (method == "POST" || method == "GET")) {
    return {Operation::responses, OperationClass::inference, Creation::if_background};
  }
  if (sub_path == "responses/compact" || sub_path == "responses/input_tokens") {
    return {Operation::other, OperationClass::inference, Creation::none};
  }
  return {Operation::other, OperationClass::stateful, Creation::none};
}

OperationTraits classify_models(std::string_view method) {
  // Deleting a model deletes what fine-tuning made.
  if (method == "GET" || method == "HEAD") {
    return {Operation::models, OperationClass::inference, Creation::none};
  }
  return {Operation::other, OperationClass::management, Creation::none};
}

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::chat_completions:
      return "chat_completions";
    case Operation::completions:
      return "completions";
    case Operation::embeddings:
      return "embeddings";
    case Operation::responses:
      return "responses";
    case Operation::images:
      return "images";
    case Operation::audio:
      return "audio";
    case Operation::models:
      return "models";
    case Operation::realtime:
      return "realtime";
    case Operation::other:
      break;
  }
  return "other";
}

std::string_view name_of(OperationClass operation_class) {
  switch (operation_class) {
    case OperationClass::inference:
      return "inference";
    case OperationClass::stateful:
      return "stateful";
    case OperationClass::management:
      break;
  }
  return "management";
}

OperationTraits classify_operation(std::string_view method, std::string_view sub_path) {
  const auto* const inference =
      std::find_if(kInferencePosts.begin(), kInferencePosts.end(),
                   [&](const auto& entry) { return entry.first == sub_path; });
  if (inference != kInferencePosts.end() && method == "POST") {
    return {inference->second, OperationClass::inference, Creation::none};
  }
  if (contains(kRealtimePaths, sub_path)) {
    return {Operation::realtime, OperationClass::inference, Creation::none};
  }
  const std::string_view first = first_segment_of(sub_path);
  if (first == "responses") return classify_responses(method, sub_path);
  if (first == "models") return classify_models(method);
  if (contains(kStatefulResources, first)) {
    return {Operation::other, OperationClass::stateful, creation_of(method, sub_path)};
  }
  if (contains(kManagementResources, first)) {
    return {Operation::other, OperationClass::management, creation_of(method, sub_path)};
  }
  // Stored chat completions and realtime calls by id: there already.
  const bool is_by_id = first == "chat" || first == "realtime" || first == "live";
  const bool may_create = method == "POST" && !is_by_id;
  return {Operation::other, OperationClass::stateful,
          may_create ? Creation::unless_model : Creation::none};
}

bool is_classic_resource(std::string_view first_segment) {
  return first_segment == "responses" || first_segment == "models" || first_segment == "realtime" ||
         first_segment == "realtimeapi" || contains(kStatefulResources, first_segment) ||
         contains(kManagementResources, first_segment);
}

}  // namespace spillway::aoai
