#include "simulator/responses_api.hpp"

#include "simulator/answer_parts.hpp"
#include "simulator/references.hpp"
#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

std::string key_of(const std::string& id) {
  return "responses/" + id;
}

std::string in_status(const std::string& body, const char* status) {
  auto object = Json::parse(body);
  object["status"] = status;
  return dump(object);
}

std::string input_items_of(const Question& question) {
  Json data = Json::array();
  for (const auto& text : question.prompt.texts) {
    const auto id = "msg_" + hex_text(question.seed + data.size(), question.endpoint + "/in", 50);
    const Json part{{"type", "input_text"}, {"text", text}};
    data.push_back({{"id", id},
                    {"type", "message"},
                    {"status", "completed"},
                    {"content", Json::array({part})},
                    {"role", "user"}});
  }
  const auto end_id = [&data](bool is_first) {
    if (data.empty()) return Json(nullptr);
    return is_first ? data.front()["id"] : data.back()["id"];
  };
  const Json list{{"object", "list"},
                  {"data", data},
                  {"first_id", end_id(true)},
                  {"has_more", false},
                  {"last_id", end_id(false)}};
  return dump(list);
}

/// The events of a stream that was stored as one text, from the one after `last` on.
Reply resumed(const std::string& events, std::uint64_t first) {
  Reply reply = json_reply(200, "");
  reply.dialect = Dialect::responses;
  std::uint64_t number = 0;
  std::size_t start = 0;
  for (auto end = events.find("\n\n"); end != std::string::npos; end = events.find("\n\n", start)) {
    const auto text = events.substr(start, end + 2 - start);
    start = end + 2;
    if (number++ >= first) reply.events.push_back({milliseconds(0), text, EventRole::output});
  }
  if (reply.events.empty()) return json_reply(400, R"({"error":{"message":"Nothing follows."}})");
  return reply;
}

milliseconds duration_of(const Reply& reply) {
  auto total = reply.delay;
  for (const auto& event : reply.events)
    total += event.delay;
  return total;
}

}  // namespace

Reply ResponsesApi::create(const Question& question, const Sight& sight) {
  Reply reply = answer_response(question);
  if (question.prompt.store.value_or(true)) remember(question, reply, sight);
  return reply;
}

void ResponsesApi::remember(const Question& question, const Reply& reply, const Sight& sight) {
  const auto final_body = response_body(question);
  StoredObject object;
  object.body = final_body;
  if (question.prompt.is_background) {
    object.body = in_status(background_body(question), "in_progress");
    object.later = {final_body};
  }
  for (const auto& event : reply.events)
    object.content += event.text;
  if (replication_lag_.count() > 0)
    object.known_from = sight.now + duration_of(reply) + replication_lag_;
  const auto known_from = object.known_from;
  const auto key = key_of(response_id(question));
  objects_.put(key, std::move(object));
  StoredObject items;
  items.body = input_items_of(question);
  items.known_from = known_from;
  objects_.put(key + "/input_items", std::move(items));
  objects_.put("items/" + output_item_id(question), {});
}

Reply ResponsesApi::act(const Request& request, const Call& call, Sight& sight) {
  const auto key = key_of(call.id);
  auto* found = objects_.find(key, sight);
  if (found == nullptr) return object_not_found(key, call.id);
  if (call.operation == Operation::get_input_items) {
    const auto* items = objects_.find(key + "/input_items", sight);
    return items == nullptr ? object_not_found(key, call.id) : json_reply(200, items->body);
  }
  if (call.operation == Operation::cancel_response) return cancel(*found);
  if (call.operation == Operation::delete_response) {
    objects_.erase(key);
    const Json gone{{"id", call.id}, {"object", "response.deleted"}, {"deleted", true}};
    return json_reply(200, dump(gone));
  }
  if (request.query("stream") == "true" && !found->content.empty()) {
    const auto after = request.query("starting_after");
    const auto number = after ? base::parse_unsigned(*after) : std::nullopt;
    return resumed(found->content, number ? *number + 1 : 0);
  }
  Reply reply = json_reply(200, found->body);
  if (!found->later.empty()) {
    found->body = found->later.front();
    found->later.pop_front();
  }
  return reply;
}

Reply ResponsesApi::cancel(StoredObject& object) {
  const auto body = Json::parse(object.body);
  if (!body["background"].get<bool>()) {
    return json_reply(400, R"({"error":{"message":"Cannot cancel a synchronous response.","type":)"
                           R"("invalid_request_error","param":null,"code":null}})");
  }
  if (body["status"] == "queued" || body["status"] == "in_progress") {
    object.body = in_status(object.body, "cancelled");
    object.later.clear();
  }
  return json_reply(200, object.body);
}

Reply ResponsesApi::count_input_tokens(const Question& question) {
  const Json counted{{"object", "response.input_tokens"},
                     {"input_tokens", prompt_tokens(question.prompt)}};
  return json_reply(200, dump(counted));
}

Reply ResponsesApi::compact(const Question& question) {
  const auto tokens = prompt_tokens(question.prompt);
  const Json item{{"id", "cmp_" + hex_text(question.seed, question.endpoint + "/cmp", 50)},
                  {"type", "compaction"},
                  {"encrypted_content", id_text(question.seed, question.endpoint, 64)}};
  const Json usage{{"input_tokens", tokens},
                   {"input_tokens_details", {{"cached_tokens", 0}}},
                   {"output_tokens", 16},
                   {"output_tokens_details", {{"reasoning_tokens", 0}}},
                   {"total_tokens", tokens + 16}};
  const Json body{{"id", response_id(question)},
                  {"object", "response.compaction"},
                  {"created_at", kCreated},
                  {"output", Json::array({item})},
                  {"usage", usage}};
  return json_reply(200, dump(body));
}

}  // namespace spillway::simulator
