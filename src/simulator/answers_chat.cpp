#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using nlohmann::json;

constexpr std::string_view kFingerprint = "fp_5pillway0a";

json chat_usage(const Question& question) {
  const auto prompt = prompt_tokens(question.prompt);
  const auto& details = question.deployment->usage;
  return {{"completion_tokens", question.tokens},
          {"completion_tokens_details",
           {{"accepted_prediction_tokens", 0},
            {"audio_tokens", 0},
            {"reasoning_tokens", std::min(details.reasoning_tokens, question.tokens)},
            {"rejected_prediction_tokens", 0}}},
          {"prompt_tokens", prompt},
          {"prompt_tokens_details",
           {{"audio_tokens", std::min(details.audio_tokens, prompt)},
            {"cached_tokens", std::min(details.cached_tokens, prompt)}}},
          {"total_tokens", prompt + question.tokens}};
}

std::string chat_id(const Question& question) {
  return "chatcmpl-" + id_text(question.seed, "chat", 29);
}

json chat_chunk(const Question& question, json choices) {
  json chunk{{"choices", std::move(choices)},     {"created", kCreated},
             {"id", chat_id(question)},           {"model", question.deployment->model},
             {"object", "chat.completion.chunk"}, {"system_fingerprint", kFingerprint}};
  if (question.prompt.wants_usage) chunk["usage"] = nullptr;
  return chunk;
}

json chat_choice(json filter, json delta, const json& reason) {
  return json::array({{{"content_filter_results", std::move(filter)},
                       {"delta", std::move(delta)},
                       {"finish_reason", reason},
                       {"index", 0},
                       {"logprobs", nullptr}}});
}

json prompt_filter_results() {
  return json::array({{{"prompt_index", 0}, {"content_filter_results", safe_prompt_filter()}}});
}

Reply chat_stream(const Question& question) {
  Reply reply = json_reply(200, "");
  const json first{{"choices", json::array()},
                   {"created", 0},
                   {"id", ""},
                   {"model", ""},
                   {"object", ""},
                   {"prompt_filter_results", prompt_filter_results()}};
  reply.events.push_back(sse(first, EventRole::prelude));
  const json role{{"content", ""}, {"refusal", nullptr}, {"role", "assistant"}};
  const auto opening = chat_choice(json::object(), role, nullptr);
  reply.events.push_back(sse(chat_chunk(question, opening), EventRole::prelude));
  for (const auto& word : words_of(question.seed, question.tokens)) {
    const auto choice = chat_choice(safe_filter(), json{{"content", word}}, nullptr);
    reply.events.push_back(sse(chat_chunk(question, choice), EventRole::output));
  }
  const auto closing = chat_choice(json::object(), json::object(), finish_reason(question));
  reply.events.push_back(sse(chat_chunk(question, closing), EventRole::terminal));
  if (question.prompt.wants_usage) {
    auto last = chat_chunk(question, json::array());
    last["usage"] = chat_usage(question);
    reply.events.push_back(sse(last, EventRole::terminal));
  }
  reply.events.push_back(done_event());
  return reply;
}

Reply chat_body(const Question& question) {
  const json message{{"annotations", json::array()},
                     {"content", joined(words_of(question.seed, question.tokens))},
                     {"refusal", nullptr},
                     {"role", "assistant"}};
  const json choice{{"content_filter_results", safe_filter()},
                    {"finish_reason", finish_reason(question)},
                    {"index", 0},
                    {"logprobs", nullptr},
                    {"message", message}};
  const json body{{"choices", json::array({choice})},
                  {"created", kCreated},
                  {"id", chat_id(question)},
                  {"model", question.deployment->model},
                  {"object", "chat.completion"},
                  {"prompt_filter_results", prompt_filter_results()},
                  {"system_fingerprint", kFingerprint},
                  {"usage", chat_usage(question)}};
  return json_reply(200, dump(body));
}

json completion_usage(const Question& question) {
  const auto prompt = prompt_tokens(question.prompt);
  return {{"completion_tokens", question.tokens},
          {"prompt_tokens", prompt},
          {"total_tokens", prompt + question.tokens}};
}

json completion_base(const Question& question) {
  return {{"choices", json::array()},
          {"created", kCreated},
          {"id", "cmpl-" + id_text(question.seed, "cmpl", 29)},
          {"model", question.deployment->model},
          {"object", "text_completion"}};
}

json completion_choice(json filter, const std::string& text, const json& reason) {
  return json::array({{{"content_filter_results", std::move(filter)},
                       {"finish_reason", reason},
                       {"index", 0},
                       {"logprobs", nullptr},
                       {"text", text}}});
}

Reply completion_stream(const Question& question) {
  Reply reply = json_reply(200, "");
  auto chunk = completion_base(question);
  auto first = chunk;
  first["prompt_filter_results"] = prompt_filter_results();
  reply.events.push_back(sse(first, EventRole::prelude));
  if (question.prompt.wants_usage) chunk["usage"] = nullptr;
  for (const auto& word : words_of(question.seed, question.tokens)) {
    chunk["choices"] = completion_choice(safe_filter(), word, nullptr);
    reply.events.push_back(sse(chunk, EventRole::output));
  }
  chunk["choices"] = completion_choice(json::object(), "", finish_reason(question));
  reply.events.push_back(sse(chunk, EventRole::terminal));
  if (question.prompt.wants_usage) {
    chunk["choices"] = json::array();
    chunk["usage"] = completion_usage(question);
    reply.events.push_back(sse(chunk, EventRole::terminal));
  }
  reply.events.push_back(done_event());
  return reply;
}

}  // namespace

Reply answer_chat(const Question& question) {
  Reply reply = question.prompt.is_streamed ? chat_stream(question) : chat_body(question);
  set_cadence(question, reply);
  return reply;
}

Reply answer_completions(const Question& question) {
  Reply reply;
  if (question.prompt.is_streamed) {
    reply = completion_stream(question);
  } else {
    auto body = completion_base(question);
    const auto text = joined(words_of(question.seed, question.tokens));
    body["choices"] = completion_choice(safe_filter(), text, finish_reason(question));
    body["prompt_filter_results"] = prompt_filter_results();
    body["usage"] = completion_usage(question);
    reply = json_reply(200, dump(body));
  }
  set_cadence(question, reply);
  return reply;
}

}  // namespace spillway::simulator
