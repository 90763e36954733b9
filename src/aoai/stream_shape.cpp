#include <spillway/aoai/stream_shape.hpp>
#include <spillway/base/text.hpp>

namespace spillway::aoai {
namespace {

constexpr std::string_view kCode = "upstream_stream_interrupted";

// {"error":{…}}: what the SDKs throw on, whatever the event is called.
std::string nested_error(std::string_view message) {
  std::string json = R"({"error":{"message":")";
  json += base::json_escape(message);
  json += R"(","type":"server_error","param":null,"code":")";
  json += kCode;
  json += "\"}}";
  return json;
}

std::string responses_error(std::string_view message, std::uint64_t sequence_number) {
  std::string json = R"({"type":"error","code":")";
  json += kCode;
  json += R"(","message":")";
  json += base::json_escape(message);
  json += R"(","param":null,"sequence_number":)";
  json += std::to_string(sequence_number);
  json += "}";
  return json;
}

// The segments below /openai/ or /openai/v1/, with a slash behind the last.
std::string segments_of(std::string_view target) {
  target = target.substr(0, target.find('?'));
  for (const std::string_view root : {"/openai/", "v1/"}) {
    if (target.starts_with(root)) target.remove_prefix(root.size());
  }
  return base::to_lower(target) + "/";
}

}  // namespace

StreamShape stream_shape_of(const ApiPath& path) {
  switch (path.operation) {
    case Operation::chat_completions:
    case Operation::completions:
      return StreamShape::chat;
    case Operation::responses:
      return StreamShape::responses;
    case Operation::other:
      break;
    default:
      return StreamShape::other;
  }
  const std::string segments = segments_of(path.canonical_target);
  if (segments.starts_with("threads/")) return StreamShape::assistants;
  if (segments.starts_with("responses/")) return StreamShape::responses;
  return StreamShape::other;
}

std::string make_stream_error_event(StreamShape shape, std::string_view message,
                                    std::uint64_t sequence_number) {
  std::string event;
  if (shape == StreamShape::responses || shape == StreamShape::assistants) {
    event = "event: error\n";
  }
  event += "data: ";
  event += shape == StreamShape::responses ? responses_error(message, sequence_number)
                                           : nested_error(message);
  event += "\n\n";
  return event;
}

}  // namespace spillway::aoai
