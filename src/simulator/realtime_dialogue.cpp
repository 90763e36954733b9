#include "simulator/realtime_dialogue.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

/// Base64 of 24 bytes of silence: one audio delta.
constexpr std::string_view kSilence = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

Json audio_settings() {
  const Json format{{"type", "audio/pcm"}, {"rate", 24'000}};
  return {{"input",
           {{"format", format},
            {"transcription", nullptr},
            {"noise_reduction", nullptr},
            {"turn_detection", {{"type", "server_vad"}, {"threshold", 0.5}}}}},
          {"output", {{"format", format}, {"voice", "marin"}, {"speed", 1}}}};
}

std::uint64_t characters_in(const Json& item) {
  std::uint64_t count = 0;
  if (!item.contains("content") || !item["content"].is_array()) return count;
  for (const auto& part : item["content"]) {
    if (part.contains("text") && part["text"].is_string())
      count += part["text"].get_ref<const std::string&>().size();
  }
  return count;
}

bool wants_audio(const Json& session, const Json& wanted) {
  for (const auto* key : {"output_modalities", "modalities"}) {
    for (const auto* place : {&wanted, &session}) {
      if (place->is_object() && place->contains(key))
        return dump((*place)[key]).find("audio") != std::string::npos;
    }
  }
  return true;
}

}  // namespace

RealtimeDialogue::RealtimeDialogue(const Deployment& deployment, Surface surface,
                                   std::uint64_t seed)
    : deployment_(deployment), surface_(surface), seed_(seed) {
  const Json session{{"type", "realtime"},
                     {"object", "realtime.session"},
                     {"id", id("sess", 1)},
                     {"model", deployment.model},
                     {name("output_modalities", "modalities"), Json::array({"audio"})},
                     {"instructions", ""},
                     {"tools", Json::array()},
                     {"tool_choice", "auto"},
                     {"max_output_tokens", "inf"},
                     {"tracing", nullptr},
                     {"truncation", "auto"},
                     {"prompt", nullptr},
                     {"expires_at", 1'795'432'200},
                     {"audio", audio_settings()},
                     {"include", nullptr}};
  session_ = std::make_unique<Json>(session);
}

RealtimeDialogue::~RealtimeDialogue() = default;

std::string RealtimeDialogue::name(const char* general, const char* preview) const {
  return surface_ == Surface::v1 ? general : preview;
}

std::string RealtimeDialogue::id(const std::string& prefix, std::uint64_t number) const {
  return prefix + "_" + id_text(seed_, prefix + std::to_string(number), 21);
}

Frame RealtimeDialogue::event(const std::string& type, const Json& fields) {
  Json event{{"type", type}, {"event_id", id("event", ++events_)}};
  event.update(fields);
  Frame frame;
  frame.payload = dump(event);
  return frame;
}

Frame RealtimeDialogue::error(const std::string& code, const std::string& message) {
  const Json error{{"type", "invalid_request_error"},
                   {"code", code},
                   {"message", message},
                   {"param", nullptr},
                   {"event_id", nullptr}};
  return event("error", {{"error", error}});
}

std::vector<Frame> RealtimeDialogue::open() {
  return {event("session.created", {{"session", *session_}})};
}

std::vector<Frame> RealtimeDialogue::hear(const std::string& text) {
  const auto message = Json::parse(text, nullptr, false);
  if (!message.is_object()) return {error("invalid_json", "The message is not a JSON object.")};
  const auto field = [&message](const char* key) { return message.value(key, Json()); };
  const auto type = field("type");
  if (type == "session.update") return update_session(field("session"));
  if (type == "conversation.item.create") return create_item(field("item"));
  if (type == "response.create") return create_response(field("response"));
  if (type == "input_audio_buffer.append") {
    if (field("audio").is_string())
      heard_audio_bytes_ += field("audio").get_ref<const std::string&>().size() * 3 / 4;
    return {};
  }
  if (type == "input_audio_buffer.commit") return commit_audio();
  if (type == "input_audio_buffer.clear") return {event("input_audio_buffer.cleared", {})};
  if (type == "response.cancel") {
    return {error("response_cancel_not_active", "Cancellation failed: no active response found")};
  }
  return {error("invalid_value", "Invalid value: " + dump(type) + ".")};
}

std::vector<Frame> RealtimeDialogue::update_session(const Json& changes) {
  if (!changes.is_object()) return {error("missing_required_parameter", "'session' is missing.")};
  session_->merge_patch(changes);
  return {event("session.updated", {{"session", *session_}})};
}

std::vector<Frame> RealtimeDialogue::create_item(const Json& item) {
  if (!item.is_object()) return {error("missing_required_parameter", "'item' is missing.")};
  heard_characters_ += characters_in(item);
  Json made = item;
  if (!made.contains("id")) made["id"] = id("item", ++items_);
  made["object"] = "realtime.item";
  made["status"] = "completed";
  const Json fields{{"previous_item_id", nullptr}, {"item", made}};
  if (surface_ == Surface::classic) return {event("conversation.item.created", fields)};
  auto added = event("conversation.item.added", fields);
  return {std::move(added), event("conversation.item.done", fields)};
}

std::vector<Frame> RealtimeDialogue::commit_audio() {
  const auto item = id("item", ++items_);
  auto committed =
      event("input_audio_buffer.committed", {{"previous_item_id", nullptr}, {"item_id", item}});
  const Json usage{{"type", "duration"},
                   {"seconds", static_cast<double>(heard_audio_bytes_) / 48'000}};
  const Json transcript{
      {"item_id", item}, {"content_index", 0}, {"transcript", "open the gate"}, {"usage", usage}};
  auto done = event("conversation.item.input_audio_transcription.completed", transcript);
  return {std::move(committed), std::move(done)};
}

std::string RealtimeDialogue::answer_text() const {
  return joined(words_of(seed_ + responses_, deployment_.answer_tokens));
}

Json RealtimeDialogue::usage(bool has_audio) const {
  const auto text = 8 + heard_characters_ / 4;
  const auto audio = heard_audio_bytes_ / 4'800;
  const std::uint64_t said = deployment_.answer_tokens;
  const std::uint64_t spoken = has_audio ? 2 * said : 0;
  return {{"total_tokens", text + audio + said + spoken},
          {"input_tokens", text + audio},
          {"output_tokens", said + spoken},
          {"input_token_details",
           {{"text_tokens", text},
            {"audio_tokens", audio},
            {"image_tokens", 0},
            {"cached_tokens", responses_ > 1 ? 4 : 0},
            {"cached_tokens_details",
             {{"text_tokens", responses_ > 1 ? 4 : 0}, {"audio_tokens", 0}, {"image_tokens", 0}}}}},
          {"output_token_details", {{"text_tokens", said}, {"audio_tokens", spoken}}}};
}

void RealtimeDialogue::add_deltas(const Json& place, bool has_audio, std::vector<Frame>& frames) {
  const auto text_type = has_audio
                             ? name("response.output_audio_transcript", "response.audio_transcript")
                             : name("response.output_text", "response.text");
  const auto audio_type = name("response.output_audio", "response.audio");
  const auto with = [&place](const char* key, const std::string& value) {
    Json fields = place;
    fields[key] = value;
    return fields;
  };
  auto delay = deployment_.latency.first_token;
  for (const auto& word : words_of(seed_ + responses_, deployment_.answer_tokens)) {
    frames.push_back(event(text_type + ".delta", with("delta", word)));
    frames.back().delay = delay;
    delay = deployment_.latency.between_tokens;
    if (has_audio)
      frames.push_back(event(audio_type + ".delta", with("delta", std::string(kSilence))));
  }
  if (has_audio) frames.push_back(event(audio_type + ".done", place));
  frames.push_back(
      event(text_type + ".done", with(has_audio ? "transcript" : "text", answer_text())));
}

Json RealtimeDialogue::response_object(const std::string& response_id, bool has_audio) const {
  return {{"object", "realtime.response"},
          {"id", response_id},
          {"status", "in_progress"},
          {"status_details", nullptr},
          {"output", Json::array()},
          {"conversation_id", id("conv", 1)},
          {name("output_modalities", "modalities"), Json::array({has_audio ? "audio" : "text"})},
          {"max_output_tokens", "inf"},
          {"usage", nullptr},
          {"metadata", nullptr}};
}

std::vector<Frame> RealtimeDialogue::create_response(const Json& wanted) {
  const bool has_audio = wants_audio(*session_, wanted);
  const auto response_id = id("resp", ++responses_);
  const auto item_id = id("item", ++items_);
  auto response = response_object(response_id, has_audio);
  Json part{{"type", has_audio ? name("output_audio", "audio") : name("output_text", "text")}};
  part[has_audio ? "transcript" : "text"] = "";
  Json item{{"id", item_id},           {"object", "realtime.item"}, {"type", "message"},
            {"status", "in_progress"}, {"role", "assistant"},       {"content", Json::array()}};
  const Json of_item{{"response_id", response_id}, {"output_index", 0}};
  const Json place{{"response_id", response_id},
                   {"item_id", item_id},
                   {"output_index", 0},
                   {"content_index", 0}};
  const auto with = [](Json fields, const char* key, const Json& value) {
    fields[key] = value;
    return fields;
  };
  const Json tokens{
      {"name", "tokens"}, {"limit", 100'000}, {"remaining", 95'210}, {"reset_seconds", 2.874}};
  std::vector<Frame> frames;
  frames.push_back(event("response.created", {{"response", response}}));
  frames.push_back(event("rate_limits.updated", {{"rate_limits", Json::array({tokens})}}));
  frames.push_back(event("response.output_item.added", with(of_item, "item", item)));
  frames.push_back(event("response.content_part.added", with(place, "part", part)));
  add_deltas(place, has_audio, frames);
  part[has_audio ? "transcript" : "text"] = answer_text();
  item["status"] = "completed";
  item["content"] = Json::array({part});
  frames.push_back(event("response.content_part.done", with(place, "part", part)));
  frames.push_back(event("response.output_item.done", with(of_item, "item", item)));
  response["status"] = "completed";
  response["output"] = Json::array({item});
  response["usage"] = usage(has_audio);
  frames.push_back(event("response.done", {{"response", response}}));
  return frames;
}

}  // namespace spillway::simulator
