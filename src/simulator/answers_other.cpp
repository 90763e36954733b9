#include "simulator/answer_parts.hpp"
#include <spillway/base/random.hpp>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// Multiples of 1/128, so that decimal and binary forms agree exactly.
std::vector<float> vector_for(std::string_view text, std::uint32_t size) {
  base::Random random(seed_of(text));
  std::vector<float> values(size);
  for (auto& value : values) {
    value = (static_cast<float>(random.below(257)) - 128.0F) / 128.0F;
  }
  return values;
}

std::string little_endian(const std::vector<float>& values) {
  static_assert(std::endian::native == std::endian::little, "the wire format is little-endian");
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Json text_part(const std::string& text) {
  return {{"type", "output_text"},
          {"annotations", Json::array()},
          {"logprobs", Json::array()},
          {"text", text}};
}

Json message_item(const Question& question, const char* status, Json content) {
  return {{"id", output_item_id(question)},
          {"type", "message"},
          {"status", status},
          {"content", std::move(content)},
          {"role", "assistant"}};
}

Json content_filters(std::size_t text_bytes) {
  const auto one = [](const char* source, const nlohmann::json& results, std::size_t end) {
    return Json{{"blocked", false},
                {"source_type", source},
                {"content_filter_raw", Json::array()},
                {"content_filter_results", Json::parse(results.dump())},
                {"content_filter_offsets",
                 {{"start_offset", 0}, {"end_offset", end}, {"check_offset", 0}}}};
  };
  return Json::array(
      {one("prompt", safe_prompt_filter(), 23), one("completion", safe_filter(), text_bytes)});
}

Json response_usage(const Question& question) {
  const auto input = prompt_tokens(question.prompt);
  const auto& details = question.deployment->usage;
  return {{"input_tokens", input},
          {"input_tokens_details", {{"cached_tokens", std::min(details.cached_tokens, input)}}},
          {"output_tokens", question.tokens},
          {"output_tokens_details",
           {{"reasoning_tokens", std::min(details.reasoning_tokens, question.tokens)}}},
          {"total_tokens", input + question.tokens}};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

bool is_cut(const Question& question) {
  return finish_reason(question) == "length";
}

/// The response object; `is_finished` decides what is null in it.
Json response_object(const Question& question, const std::string& status) {
  const bool is_finished = status == "completed" || status == "incomplete";
  const auto text = joined(words_of(question.seed, question.tokens));
  Json out{{"id", response_id(question)},
           {"object", "response"},
           {"created_at", kCreated},
           {"status", status},
           {"background", question.prompt.is_background},
           {"completed_at", nullptr},
           {"content_filters", nullptr},
           {"error", nullptr},
           {"incomplete_details", nullptr},
           {"instructions", text_or_null(question.prompt.instructions)},
           {"max_output_tokens", nullptr},
           {"max_tool_calls", nullptr},
           {"model", question.deployment->name},
           {"output", Json::array()},
           {"parallel_tool_calls", true},
           {"previous_response_id", text_or_null(question.prompt.previous_response_id)},
           {"prompt_cache_key", nullptr},
           {"reasoning", {{"effort", nullptr}, {"summary", nullptr}}},
           {"safety_identifier", nullptr},
           {"service_tier", is_finished ? "default" : "auto"},
           {"store", question.prompt.store.value_or(true)},
           {"temperature", 1},
           {"text", {{"format", {{"type", "text"}}}, {"verbosity", "medium"}}},
           {"tool_choice", "auto"},
           {"tools", Json::array()},
           {"top_logprobs", 0},
           {"top_p", 1},
           {"truncation", "disabled"},
           {"usage", nullptr},
           {"user", nullptr},
           {"metadata", Json::object()}};
  if (question.prompt.max_tokens) out["max_output_tokens"] = *question.prompt.max_tokens;
  if (!is_finished) return out;
  out["completed_at"] = kCreated + 2;
  out["content_filters"] = content_filters(text.size());
  out["output"] =
      Json::array({message_item(question, "completed", Json::array({text_part(text)}))});
  out["usage"] = response_usage(question);
  if (is_cut(question)) out["incomplete_details"] = {{"reason", "max_output_tokens"}};
  return out;
}

std::string final_status(const Question& question) {
  return is_cut(question) ? "incomplete" : "completed";
}

/// Collects events and numbers them.
class ResponseEvents {
 public:
  void add(const std::string& type, const Json& fields, EventRole role) {
    Json event{{"type", type}, {"sequence_number", events_.size()}};
    event.update(fields);
    events_.push_back(
        {milliseconds(0), "event: " + type + "\ndata: " + dump(event) + "\n\n", role});
  }
  std::vector<StreamEvent> take() { return std::move(events_); }

 private:
  std::vector<StreamEvent> events_;
};

void add_deltas(const Question& question, ResponseEvents& events) {
  static constexpr std::string_view kPadding = "qwertyuiopasdfgh";
  std::size_t padding = kPadding.size();
  for (const auto& word : words_of(question.seed, question.tokens)) {
    padding = padding > 3 ? padding - 1 : kPadding.size();
    const Json fields{{"content_index", 0},
                      {"delta", word},
                      {"item_id", output_item_id(question)},
                      {"logprobs", Json::array()},
                      {"obfuscation", kPadding.substr(0, padding)},
                      {"output_index", 0}};
    events.add("response.output_text.delta", fields, EventRole::output);
  }
}

Reply response_stream(const Question& question) {
  ResponseEvents events;
  const Json begun{{"response", response_object(question, "in_progress")}};
  events.add("response.created", begun, EventRole::prelude);
  events.add("response.in_progress", begun, EventRole::prelude);
  const Json open_item{{"output_index", 0},
                       {"item", message_item(question, "in_progress", Json::array())}};
  events.add("response.output_item.added", open_item, EventRole::prelude);
  Json part{{"content_index", 0},
            {"item_id", output_item_id(question)},
            {"output_index", 0},
            {"part", text_part("")}};
  events.add("response.content_part.added", part, EventRole::prelude);
  add_deltas(question, events);
  const auto text = joined(words_of(question.seed, question.tokens));
  const Json whole{{"content_index", 0},
                   {"item_id", output_item_id(question)},
                   {"logprobs", Json::array()},
                   {"output_index", 0},
                   {"text", text}};
  events.add("response.output_text.done", whole, EventRole::terminal);
  part["part"] = text_part(text);
  events.add("response.content_part.done", part, EventRole::terminal);
  const Json item{{"item", message_item(question, "completed", Json::array({text_part(text)}))},
                  {"output_index", 0}};
  events.add("response.output_item.done", item, EventRole::terminal);
  const auto status = final_status(question);
  const Json ended{{"response", response_object(question, status)}};
  events.add("response." + status, ended, EventRole::terminal);
  Reply reply = json_reply(200, "");
  reply.dialect = Dialect::responses;
  reply.events = events.take();
  return reply;
}

}  // namespace

Reply answer_embeddings(const Question& question) {
  const auto size = question.prompt.dimensions.value_or(question.deployment->vector_size);
  Json list = Json::array();
  for (const auto& text : question.prompt.texts) {
    const auto values = vector_for(text, size);
    Json embedding = values;
    if (question.prompt.wants_base64) embedding = base64(little_endian(values));
    list.push_back({{"object", "embedding"}, {"index", list.size()}, {"embedding", embedding}});
  }
  const auto tokens = embedding_cost(question.prompt);
  const Json body{{"object", "list"},
                  {"data", list},
                  {"model", question.deployment->model},
                  {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
  Reply reply = json_reply(200, dump(body));
  reply.delay = question.deployment->latency.first_token;
  return reply;
}

Reply answer_response(const Question& question) {
  Reply reply;
  if (question.prompt.is_streamed) {
    reply = response_stream(question);
  } else if (question.prompt.is_background) {
    reply = json_reply(200, background_body(question));
  } else {
    reply = json_reply(200, response_body(question));
  }
  reply.dialect = Dialect::responses;
  set_cadence(question, reply);
  return reply;
}

std::string response_id(const Question& question) {
  return "resp_" + hex_text(question.seed, question.endpoint, 50);
}

std::string background_body(const Question& question) {
  return dump(response_object(question, "queued"));
}

std::string output_item_id(const Question& question) {
  return "msg_" + hex_text(question.seed, question.endpoint + "/item", 50);
}

std::string response_body(const Question& question) {
  return dump(response_object(question, final_status(question)));
}

}  // namespace spillway::simulator
