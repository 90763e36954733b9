#include "simulator/answers_images.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using nlohmann::json;

/// A PNG of one pixel; a comment of the seed behind it makes images differ.
std::string image_of(const Question& question, std::uint32_t number) {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CY"
         "II" +
         id_text(question.seed + number, "image", 5);
}

json usage_of(const Question& question, std::uint32_t images) {
  const auto text = prompt_tokens(question.prompt);
  const auto pictures = static_cast<std::uint32_t>(question.prompt.file_bytes / 1'000);
  const auto output = 272 * images;
  return {{"input_tokens", text + pictures},
          {"input_tokens_details", {{"image_tokens", pictures}, {"text_tokens", text}}},
          {"output_tokens", output},
          {"total_tokens", text + pictures + output}};
}

StreamEvent event(const std::string& type, json fields, EventRole role) {
  fields["type"] = type;
  return {milliseconds(0), "event: " + type + "\ndata: " + dump(fields) + "\n\n", role};
}

Reply answer(const Question& question, const std::string& family) {
  const auto count = std::clamp(question.prompt.count.value_or(1), 1U, 10U);
  Reply reply;
  if (question.prompt.is_streamed) {
    reply = json_reply(200, "");
    const json partial{{"b64_json", image_of(question, 99)}, {"partial_image_index", 0}};
    reply.events.push_back(event(family + ".partial_image", partial, EventRole::output));
    const json whole{{"b64_json", image_of(question, 0)}, {"usage", usage_of(question, 1)}};
    reply.events.push_back(event(family + ".completed", whole, EventRole::terminal));
  } else {
    json data = json::array();
    for (std::uint32_t i = 0; i < count; ++i)
      data.push_back({{"b64_json", image_of(question, i)}});
    const json body{{"background", "opaque"},
                    {"created", kCreated},
                    {"data", data},
                    {"output_format", "png"},
                    {"quality", "low"},
                    {"size", "1024x1024"},
                    {"usage", usage_of(question, count)}};
    reply = json_reply(200, dump(body));
  }
  set_cadence(question, reply);
  return reply;
}

}  // namespace

Reply answer_image_generation(const Question& question) {
  return answer(question, "image_generation");
}

Reply answer_image_edit(const Question& question) {
  return answer(question, "image_edit");
}

}  // namespace spillway::simulator
