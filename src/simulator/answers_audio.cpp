#include "simulator/answers_audio.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

/// Bytes of audio for one token of speech.
constexpr std::size_t kBytesPerToken = 480;

json audio_usage(const Question& question) {
  const auto audio = question.prompt.file_bytes / 1'000 + 1;
  if (question.deployment->model.starts_with("whisper"))
    return {{"type", "duration"}, {"seconds", audio}};
  const auto text = question.prompt.texts.empty() ? 0 : prompt_tokens(question.prompt);
  return {{"type", "tokens"},
          {"input_tokens", audio + text},
          {"input_token_details", {{"audio_tokens", audio}, {"text_tokens", text}}},
          {"output_tokens", question.tokens},
          {"total_tokens", audio + text + question.tokens}};
}

std::vector<StreamEvent> transcript_events(const Question& question) {
  std::vector<StreamEvent> events;
  const auto words = words_of(question.seed, question.tokens);
  for (const auto& word : words)
    events.push_back(sse({{"type", "transcript.text.delta"}, {"delta", word}}, EventRole::output));
  const json whole{
      {"type", "transcript.text.done"}, {"text", joined(words)}, {"usage", audio_usage(question)}};
  events.push_back(sse(whole, EventRole::terminal));
  events.push_back(done_event());
  return events;
}

std::string audio_of(const Question& question, std::uint32_t token) {
  return hex_text(question.seed + token, "audio", kBytesPerToken);
}

}  // namespace

Reply answer_transcription(const Question& question) {
  const auto text = joined(words_of(question.seed, question.tokens));
  Reply reply = json_reply(200, dump(json{{"text", text}, {"usage", audio_usage(question)}}));
  if (question.prompt.is_streamed) {
    reply.events = transcript_events(question);
  } else if (question.prompt.response_format == "text") {
    reply.body = text + "\n";
    reply.headers[0].value = "text/plain; charset=utf-8";
  }
  set_cadence(question, reply);
  return reply;
}

Reply answer_speech(const Question& question) {
  Reply reply = json_reply(200, "");
  if (question.prompt.stream_format != "sse") {
    for (std::uint32_t i = 0; i < question.tokens; ++i)
      reply.body += audio_of(question, i);
    reply.headers[0].value = "audio/mpeg";
    set_cadence(question, reply);
    return reply;
  }
  for (std::uint32_t i = 0; i < question.tokens; ++i) {
    const json delta{{"type", "speech.audio.delta"}, {"audio", audio_of(question, i)}};
    reply.events.push_back(sse(delta, EventRole::output));
  }
  const auto input = prompt_tokens(question.prompt);
  const json usage{{"input_tokens", input},
                   {"output_tokens", question.tokens},
                   {"total_tokens", input + question.tokens}};
  reply.events.push_back(
      sse({{"type", "speech.audio.done"}, {"usage", usage}}, EventRole::terminal));
  set_cadence(question, reply);
  return reply;
}

}  // namespace spillway::simulator
