#include "simulator/prompt.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using nlohmann::json;

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<std::uint32_t> count_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(found->get<std::uint64_t>(), 100'000));
}

/// A string, or the texts of a list of content parts, joined.
std::string content_text(const json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const auto& part : content) {
    if (part.is_object()) text += string_at(part, "text");
  }
  return text;
}

void read_texts(const json& list, std::vector<std::string>& texts) {
  if (list.is_string()) texts.push_back(list.get<std::string>());
  if (!list.is_array()) return;
  for (const auto& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
    if (item.is_object() && item.contains("content")) {
      texts.push_back(content_text(item["content"]));
    }
  }
}

std::uint64_t characters(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::uint64_t default_allowance(std::string_view model) {
  if (model.starts_with("gpt-4")) return 640;
  if (model.starts_with("gpt-3")) return 16;
  return 0;
}

}  // namespace

Prompt read_prompt(std::string_view body) {
  Prompt prompt;
  const auto root = json::parse(body, nullptr, false);
  if (!root.is_object()) return prompt;
  prompt.is_json_object = true;
  prompt.model = string_at(root, "model");
  for (const char* key : {"messages", "prompt", "input"}) {
    if (root.contains(key)) read_texts(root[key], prompt.texts);
  }
  prompt.is_streamed = flag_at(root, "stream");
  prompt.is_background = flag_at(root, "background");
  if (root.contains("store") && root["store"].is_boolean())
    prompt.store = root["store"].get<bool>();
  prompt.wants_base64 = string_at(root, "encoding_format") == "base64";
  prompt.previous_response_id = string_at(root, "previous_response_id");
  prompt.instructions = string_at(root, "instructions");
  prompt.stream_format = string_at(root, "stream_format");
  prompt.response_format = string_at(root, "response_format");
  prompt.count = count_at(root, "n");
  prompt.dimensions = count_at(root, "dimensions");
  for (const char* key : {"max_tokens", "max_completion_tokens", "max_output_tokens"}) {
    if (!prompt.max_tokens) prompt.max_tokens = count_at(root, key);
  }
  const auto options = root.find("stream_options");
  prompt.wants_usage =
      options != root.end() && options->is_object() && flag_at(*options, "include_usage");
  return prompt;
}

Prompt read_prompt(const Request& request) {
  if (request.form.empty()) return read_prompt(request.body);
  Prompt prompt;
  prompt.is_json_object = true;
  const auto field = [&request](std::string_view name) {
    return request.form_field(name).value_or("");
  };
  prompt.model = field("model");
  prompt.is_streamed = field("stream") == "true";
  prompt.response_format = field("response_format");
  if (const auto text = request.form_field("prompt")) prompt.texts.push_back(*text);
  for (const auto& part : request.form) {
    if (part.file_name.empty()) continue;
    prompt.file_bytes += part.bytes;
    prompt.file_digests += part.sha256;
  }
  return prompt;
}

std::uint64_t seed_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

std::uint64_t seed_of(const Prompt& prompt) {
  std::string all;
  for (const auto& text : prompt.texts)
    all += text + '\0';
  return seed_of(all + prompt.instructions + prompt.file_digests);
}

std::uint64_t admission_cost(const Prompt& prompt, std::string_view model) {
  std::uint64_t cost = prompt.max_tokens ? *prompt.max_tokens : default_allowance(model);
  for (const auto& text : prompt.texts)
    cost += text.empty() ? 0 : characters(text) / 4 + 1;
  return std::max<std::uint64_t>(cost, 1);
}

std::uint64_t embedding_cost(const Prompt& prompt) {
  std::uint64_t count = 0;
  for (const auto& text : prompt.texts)
    count += characters(text);
  return std::max<std::uint64_t>(count / 4, 1);
}

std::uint32_t prompt_tokens(const Prompt& prompt) {
  std::uint64_t count = 3;
  for (const auto& text : prompt.texts)
    count += 3 + (characters(text) + 3) / 4;
  return static_cast<std::uint32_t>(count);
}

}  // namespace spillway::simulator
