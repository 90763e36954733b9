#include "simulator/references.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace spillway::simulator {
namespace {

using nlohmann::json;

/// Key of a body to the collection its ids are in.
const std::map<std::string_view, std::string_view>& collections() {
  static const std::map<std::string_view, std::string_view> kAll{
      {"previous_response_id", "responses"},
      {"conversation", "conversations"},
      {"file_id", "files"},
      {"file_ids", "files"},
      {"input_file_id", "files"},
      {"training_file", "files"},
      {"validation_file", "files"},
      {"vector_store_ids", "vector_stores"},
      {"assistant_id", "assistants"},
      {"thread_id", "threads"},
      {"container", "containers"}};
  return kAll;
}

void add(const std::string& key, std::string_view collection, const json& value,
         std::vector<Reference>& found) {
  if (value.is_string()) {
    const auto id = value.get<std::string>();
    found.push_back({std::string(collection) + "/" + id, id, key});
  } else if (value.is_array()) {
    for (const auto& one : value)
      add(key, collection, one, found);
  } else if (value.is_object() && value.contains("id")) {
    add(key, collection, value["id"], found);
  }
}

void collect(const json& value, std::vector<Reference>& found) {
  if (value.is_array()) {
    for (const auto& one : value)
      collect(one, found);
  }
  if (!value.is_object()) return;
  if (value.value("type", json()) == "item_reference")
    add("input", "items", value.value("id", json()), found);
  for (const auto& [key, inner] : value.items()) {
    const auto known = collections().find(key);
    if (known != collections().end()) {
      add(key, known->second, inner, found);
    } else if (key != "metadata") {
      collect(inner, found);
    }
  }
}

Reply model_error(unsigned status, const std::string& message, const json& param,
                  const json& code) {
  const json error{
      {"message", message}, {"type", "invalid_request_error"}, {"param", param}, {"code", code}};
  return json_reply(status, dump(json{{"error", error}}));
}

}  // namespace

std::vector<Reference> references_in(std::string_view body, std::string_view known_id) {
  std::vector<Reference> found;
  collect(json::parse(body, nullptr, false), found);
  std::erase_if(found, [known_id](const Reference& one) { return one.id == known_id; });
  return found;
}

std::optional<Reply> refuse_references(const std::vector<Reference>& references,
                                       StoredObjects& objects, Sight& sight) {
  for (const auto& [path, id, param] : references) {
    if (objects.find(path, sight) != nullptr) continue;
    if (param == "previous_response_id") {
      return model_error(400, "Previous response with id '" + id + "' not found.", param,
                         "previous_response_not_found");
    }
    if (path.starts_with("files/"))
      return model_error(400, "No such File object: " + id, param, "invalid_value");
    return object_not_found(path, id);
  }
  return std::nullopt;
}

Reply object_not_found(std::string_view path, std::string_view id) {
  const auto collection = path.substr(0, path.rfind('/'));
  auto name = std::string(collection.substr(collection.rfind('/') + 1));
  if (name == "responses") {
    return model_error(404, "Response with id '" + std::string(id) + "' not found.", nullptr,
                       nullptr);
  }
  if (name == "batches") name.pop_back();
  name.pop_back();
  return model_error(404, "No " + name + " found with id '" + std::string(id) + "'.", nullptr,
                     nullptr);
}

}  // namespace spillway::simulator
