#include "simulator/api.hpp"

#include <spillway/base/text.hpp>

namespace spillway::simulator {
namespace {

/// The operation of a path below a deployment or below v1.
Operation inference_at(std::string_view method, std::string_view rest) {
  if (method != "POST") return Operation::unknown;
  if (rest == "/chat/completions") return Operation::chat;
  if (rest == "/completions") return Operation::completions;
  if (rest == "/embeddings") return Operation::embeddings;
  if (rest == "/images/generations") return Operation::image_generation;
  if (rest == "/images/edits") return Operation::image_edit;
  if (rest == "/audio/transcriptions") return Operation::transcription;
  if (rest == "/audio/translations") return Operation::translation;
  if (rest == "/audio/speech") return Operation::speech;
  return Operation::unknown;
}

void read_responses(std::string_view method, std::string_view rest, Call& call) {
  constexpr std::string_view kPath = "/responses";
  const bool is_read = method == "GET" || method == "HEAD";
  if (rest == kPath) {
    if (method == "POST") call.operation = Operation::create_response;
    return;
  }
  const auto tail = rest.substr(kPath.size() + 1);
  const auto slash = tail.find('/');
  call.id = std::string(tail.substr(0, slash));
  const auto action = slash == std::string_view::npos ? "" : tail.substr(slash + 1);
  if (action.empty()) {
    if (method == "POST" && call.id == "compact") call.operation = Operation::compact_response;
    if (method == "POST" && call.id == "input_tokens")
      call.operation = Operation::count_input_tokens;
    if (is_read) call.operation = Operation::get_response;
    if (method == "DELETE") call.operation = Operation::delete_response;
  }
  if (action == "cancel" && method == "POST") call.operation = Operation::cancel_response;
  if (action == "input_items" && is_read) call.operation = Operation::get_input_items;
}

void read_models(std::string_view method, std::string_view rest, Call& call) {
  constexpr std::string_view kPath = "/models";
  if (method != "GET" && method != "HEAD") return;
  call.operation = rest == kPath ? Operation::list_models : Operation::get_model;
  if (rest != kPath) call.id = std::string(rest.substr(kPath.size() + 1));
}

bool is_at_or_below(std::string_view rest, std::string_view path) {
  return rest.starts_with(path) && (rest.size() == path.size() || rest[path.size()] == '/');
}

}  // namespace

Call read_call(std::string_view method, std::string_view path) {
  constexpr std::string_view kV1 = "/openai/v1";
  constexpr std::string_view kDeployments = "/openai/deployments/";
  constexpr std::string_view kClassic = "/openai";
  Call call;
  if (path.starts_with(kDeployments)) {
    const auto tail = path.substr(kDeployments.size());
    const auto slash = tail.find('/');
    if (slash == std::string_view::npos || slash == 0) return call;
    const auto name = tail.substr(0, slash);
    call.deployment = base::percent_decode(name).value_or(std::string(name));
    call.rest = std::string(tail.substr(slash));
    call.operation = inference_at(method, call.rest);
    if (call.rest == "/batches" && method == "POST") call.operation = Operation::other;
    return call;
  }
  std::string_view rest;
  if (is_at_or_below(path, kV1)) {
    call.surface = Surface::v1;
    rest = path.substr(kV1.size());
    call.operation = inference_at(method, rest);
  } else if (is_at_or_below(path, kClassic)) {
    rest = path.substr(kClassic.size());
  }
  if (is_at_or_below(rest, "/responses")) read_responses(method, rest, call);
  call.rest = std::string(rest);
  if (call.operation == Operation::unknown && !rest.empty()) call.operation = Operation::other;
  if (rest == "/realtime" && method == "GET") call.operation = Operation::realtime;
  if (is_at_or_below(rest, "/models")) read_models(method, rest, call);
  return call;
}

bool is_api_version(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (text.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !is_digit : text[i] != kShape[i]) return false;
  }
  const auto suffix = text.substr(kShape.size());
  return suffix.empty() || suffix == "-preview";
}

std::string_view azure_name_of(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "ChatCompletions_Create";
    case Operation::completions:
      return "Completions_Create";
    case Operation::embeddings:
      return "Embeddings_Create";
    case Operation::create_response:
      return "Responses_Create";
    case Operation::image_generation:
      return "ImageGenerations_Create";
    case Operation::transcription:
      return "Transcriptions_Create";
    default:
      return "Operation";
  }
}

}  // namespace spillway::simulator
