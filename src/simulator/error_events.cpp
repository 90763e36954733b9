#include "simulator/error_events.hpp"

#include "simulator/answer_parts.hpp"
#include "simulator/responses_dialogue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kShapes{"data", "event", "flat", "nested", "failed"};

struct Mishap {
  const char* type;
  const char* code;
  const char* message;
};

Mishap mishap_of(const Fault& fault) {
  if (fault.body == "too_many_requests") {
    return {"too_many_requests", "rate_limit_exceeded",
            "Your requests to dep-chat for gpt-4o in eastus have exceeded token rate limit."};
  }
  return {"server_error", "server_error",
          "The server had an error while processing your request. Sorry about that!"};
}

std::string sse(std::string_view name, const Json& data) {
  const auto line = "data: " + dump(data) + "\n\n";
  return name.empty() ? line : "event: " + std::string(name) + "\n" + line;
}

std::string literal(const std::string& body) {
  return body.starts_with('{') ? "data: " + body + "\n\n" : body + "\n\n";
}

std::string_view usual_shape(const Fault& fault, Dialect dialect) {
  if (dialect == Dialect::chat) return "data";
  if (dialect == Dialect::assistants) return "flat";
  return fault.body == "too_many_requests" ? "nested" : "flat";
}

Json error_object(const Mishap& mishap, Dialect dialect) {
  Json error{{"message", mishap.message},
             {"type", mishap.type},
             {"param", nullptr},
             {"code", dialect == Dialect::chat ? Json(nullptr) : Json(mishap.code)}};
  const bool is_throttle = std::string_view(mishap.type) == "too_many_requests";
  if (is_throttle && dialect == Dialect::chat) error["code"] = "429";
  if (is_throttle && dialect == Dialect::responses)
    error["headers"] = Json{{"x-ms-fe-error", "true"}};
  return error;
}

/// `response.failed` or `thread.run.failed`, with the object that the stream began with.
std::string failed(const Mishap& mishap, const Reply& reply, std::size_t sequence) {
  auto begun = Json::parse(data_of(reply.events.front().text), nullptr, false);
  const Json error{{"code", mishap.code}, {"message", mishap.message}};
  if (reply.dialect == Dialect::assistants) {
    begun["status"] = "failed";
    begun["last_error"] = error;
    return sse("thread.run.failed", begun);
  }
  auto response = begun.value("response", Json::object());
  response["status"] = "failed";
  response["error"] = error;
  return sse("response.failed",
             {{"type", "response.failed"}, {"sequence_number", sequence}, {"response", response}});
}

}  // namespace

bool is_error_shape(std::string_view shape) {
  return std::find(kShapes.begin(), kShapes.end(), shape) != kShapes.end();
}

StreamEvent error_event_of(const Fault& fault, const Reply& reply, std::size_t kept) {
  StreamEvent event;
  event.role = EventRole::terminal;
  if (fault.body.starts_with('{') || fault.body.starts_with("event:")) {
    event.text = literal(fault.body);
    return event;
  }
  const auto mishap = mishap_of(fault);
  const auto shape = fault.shape.empty() ? usual_shape(fault, reply.dialect) : fault.shape;
  const auto error = error_object(mishap, reply.dialect);
  const Json flat{{"type", "error"},
                  {"code", mishap.code},
                  {"message", mishap.message},
                  {"param", nullptr},
                  {"sequence_number", kept}};
  const Json nested{{"type", "error"}, {"error", error}, {"sequence_number", kept}};
  if (shape == "failed" && reply.dialect != Dialect::chat) {
    event.text = failed(mishap, reply, kept);
  } else if (shape == "flat") {
    event.text = sse("error", reply.dialect == Dialect::assistants ? error : flat);
  } else if (shape == "nested") {
    event.text = sse("error", nested);
  } else {
    event.text = sse(shape == "event" ? "error" : "", {{"error", error}});
  }
  return event;
}

}  // namespace spillway::simulator
