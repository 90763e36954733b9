#include "simulator/resources.hpp"

#include "simulator/answer_parts.hpp"
#include "simulator/answers_assistants.hpp"
#include "simulator/errors.hpp"
#include "simulator/references.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

bool is_read(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

Json body_of(const Request& request) {
  auto body = Json::parse(request.body, nullptr, false);
  return body.is_object() ? body : Json::object();
}

/// The fields that a form has in place of a JSON body.
void add_form(const Request& request, Json& object) {
  for (const auto& part : request.form) {
    if (part.file_name.empty()) {
      object[part.name] = part.content;
    } else {
      object["bytes"] = part.bytes;
      object["filename"] = part.file_name;
    }
  }
}

const FormPart* file_of(const Request& request) {
  for (const auto& part : request.form) {
    if (!part.file_name.empty()) return &part;
  }
  return nullptr;
}

std::string with_status(const std::string& body, std::string_view status) {
  auto object = Json::parse(body);
  object["status"] = status;
  return dump(object);
}

Reply bytes_reply(const std::string& bytes) {
  Reply reply = json_reply(200, bytes);
  reply.headers[0].value = "application/octet-stream";
  return reply;
}

}  // namespace

std::optional<Reply> Resources::answer(const Request& request, std::string_view rest,
                                       Sight& sight) {
  auto path = read_resource_path(rest);
  if (path.collection == nullptr) return std::nullopt;
  if (rest == "/threads/runs" && request.method == "POST") {
    path = read_resource_path("/threads");
    const Reply thread = create(Request{}, path);
    const auto id = Json::parse(thread.body)["id"].get<std::string>();
    path = read_resource_path("/threads/" + id + "/runs");
    return create(request, path);
  }
  if (!path.parent.empty() && objects_.find(path.parent, sight) == nullptr) {
    return object_not_found(path.parent, path.parent.substr(path.parent.rfind('/') + 1));
  }
  if (path.id.empty()) return answer_collection(request, path, sight);
  const auto key = path.key + "/" + path.id;
  auto* object = objects_.find(key, sight);
  if (object == nullptr) return object_not_found(key, path.id);
  return path.action.empty() ? answer_object(request, path, *object) : act(request, path, *object);
}

std::optional<Reply> Resources::answer_collection(const Request& request, const ResourcePath& path,
                                                  Sight& sight) {
  if (is_read(request)) return list(path);
  if (request.method != "POST" || path.key == "chat/completions") return std::nullopt;
  const auto body = Json::parse(request.body, nullptr, false);
  if (request.form.empty() && !request.body.empty() && !body.is_object())
    return error_reply("bad_json");
  if (auto refused = refuse_references(references_in(request.body), objects_, sight))
    return refused;
  const auto model = body.is_object() ? body.value("model", Json()) : Json();
  const bool needs_deployment = path.key == "assistants" || path.key == "videos";
  if (needs_deployment && model.is_string() && find_(model.get<std::string>()) == nullptr)
    return error_reply("deployment_not_found");
  if (path.collection->path == "conversations/*/items") return create_items(request, path);
  return create(request, path);
}

Reply Resources::create(const Request& request, const ResourcePath& path) {
  const auto& collection = *path.collection;
  Json object{{"id", new_id(collection.id_prefix)},
              {"object", collection.object},
              {"created_at", kCreated}};
  if (!collection.first_status.empty()) object["status"] = collection.first_status;
  object["metadata"] = Json::object();
  object.update(body_of(request));
  add_form(request, object);
  if (collection.path == "vector_stores/*/files" && object.contains("file_id"))
    object["id"] = object["file_id"];
  if (collection.path == "threads/*/runs" || collection.path == "threads/*/messages")
    object["thread_id"] = path.parent.substr(path.parent.rfind('/') + 1);
  const auto id = object["id"].get<std::string>();
  StoredObject stored;
  stored.body = dump(object);
  if (const auto* file = file_of(request)) stored.content = file->content;
  if (collection.first_status != collection.last_status) {
    object["status"] = collection.last_status;
    stored.later.push_back(dump(object));
  }
  const auto& made = objects_.put(path.key + "/" + id, std::move(stored));
  const bool is_streamed_run =
      collection.object == "thread.run" && object.value("stream", Json()) == true;
  if (is_streamed_run) return stream_run(id, object["thread_id"], request.body);
  return json_reply(200, made.body);
}

Reply Resources::create_items(const Request& request, const ResourcePath& path) {
  const auto body = body_of(request);
  Json data = Json::array();
  for (auto item : body.value("items", Json::array())) {
    if (!item.is_object()) continue;
    if (!item.contains("id")) item["id"] = new_id(path.collection->id_prefix);
    item["status"] = path.collection->last_status;
    const auto id = item["id"].get<std::string>();
    StoredObject stored;
    stored.body = dump(item);
    objects_.put(path.key + "/" + id, std::move(stored));
    data.push_back(item);
  }
  return json_reply(200, dump(Json{{"object", "list"}, {"data", data}, {"has_more", false}}));
}

Reply Resources::stream_run(const std::string& run, const std::string& thread,
                            const std::string& body) {
  const auto request = Json::parse(body, nullptr, false);
  Sight sight;
  const auto* assistant =
      objects_.find("assistants/" + request.value("assistant_id", std::string()), sight);
  const auto model = assistant == nullptr
                         ? std::string()
                         : Json::parse(assistant->body).value("model", std::string());
  Deployment otherwise;
  const auto* deployment = find_(model);
  Question question;
  question.deployment = deployment == nullptr ? &otherwise : deployment;
  question.endpoint = endpoint_;
  question.seed = seed_of(run);
  question.tokens = question.deployment->answer_tokens;
  return answer_run(question, run, thread);
}

Reply Resources::list(const ResourcePath& path) const {
  Json data = Json::array();
  for (const auto& body : objects_.list(path.key))
    data.push_back(Json::parse(body));
  const Json first = data.empty() ? Json(nullptr) : data.front().value("id", Json());
  const Json last = data.empty() ? Json(nullptr) : data.back().value("id", Json());
  return json_reply(200, dump(Json{{"object", "list"},
                                   {"data", data},
                                   {"first_id", first},
                                   {"last_id", last},
                                   {"has_more", false}}));
}

std::optional<Reply> Resources::answer_object(const Request& request, const ResourcePath& path,
                                              StoredObject& object) {
  if (is_read(request)) {
    Reply reply = json_reply(200, object.body);
    if (!object.later.empty()) {
      // The SDK's own polling waits for five seconds otherwise.
      reply.headers.push_back({"openai-poll-after-ms", "20"});
      object.body = object.later.front();
      object.later.pop_front();
    }
    return reply;
  }
  if (request.method == "POST") {
    auto changed = Json::parse(object.body);
    changed.merge_patch(body_of(request));
    object.body = dump(changed);
    return json_reply(200, object.body);
  }
  if (request.method != "DELETE") return std::nullopt;
  objects_.erase(path.key + "/" + path.id);
  const Json gone{{"id", path.id},
                  {"object", std::string(path.collection->object) + ".deleted"},
                  {"deleted", true}};
  return json_reply(200, dump(gone));
}

std::optional<Reply> Resources::act(const Request& request, const ResourcePath& path,
                                    StoredObject& object) {
  if (path.action == "content" && is_read(request)) return bytes_reply(object.content);
  if (path.action == "messages" && is_read(request)) {
    return json_reply(200, R"({"object":"list","data":[],"first_id":null,"last_id":null,)"
                           R"("has_more":false})");
  }
  if (request.method != "POST") return std::nullopt;
  if (path.action == "search") {
    return json_reply(200, R"({"object":"vector_store.search_results.page","search_query":[],)"
                           R"("data":[],"has_more":false,"next_page":null})");
  }
  const std::string_view status = path.action == "cancel"     ? "cancelled"
                                  : path.action == "complete" ? "completed"
                                  : path.action == "pause"    ? "paused"
                                  : path.action == "resume"   ? "queued"
                                                              : "";
  if (status.empty()) return std::nullopt;
  object.later.clear();
  object.body = with_status(object.body, status);
  if (path.key != "uploads" || path.action != "complete") return json_reply(200, object.body);
  auto upload = Json::parse(object.body);
  const Reply made = create(Request{}, read_resource_path("/files"));
  upload["file"] = Json::parse(made.body);
  object.body = dump(upload);
  return json_reply(200, object.body);
}

std::string Resources::new_id(std::string_view prefix) {
  const auto number = objects_.next_number();
  return std::string(prefix) + id_text(number, endpoint_ + std::string(prefix), 24);
}

}  // namespace spillway::simulator
