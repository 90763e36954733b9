#include <spillway/aoai/model_edit.hpp>
#include <spillway/base/text.hpp>

namespace spillway::aoai {
namespace {

std::string json_string(std::string_view text) {
  return '"' + base::json_escape(text, text.size()) + '"';
}

}  // namespace

BodyEdit model_edit(const RequestFacts& facts, std::string_view model) {
  return {facts.model_offset, facts.model_length,
          facts.is_form ? std::string(model) : json_string(model)};
}

std::string replace_model(std::string_view body, const RequestFacts& facts,
                          std::string_view model) {
  if (!facts.has_model) return std::string(body);
  const BodyEdit edit = model_edit(facts, model);
  return apply_edits(body, {&edit, 1});
}

}  // namespace spillway::aoai
