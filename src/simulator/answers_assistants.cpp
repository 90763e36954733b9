#include "simulator/answers_assistants.hpp"

#include "simulator/answer_parts.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using Json = nlohmann::ordered_json;

class RunEvents {
 public:
  void add(const std::string& type, const Json& data, EventRole role) {
    events_.push_back({milliseconds(0), "event: " + type + "\ndata: " + dump(data) + "\n\n", role});
  }
  std::vector<StreamEvent> take() {
    events_.push_back({milliseconds(0), "event: done\ndata: [DONE]\n\n", EventRole::done});
    return std::move(events_);
  }

 private:
  std::vector<StreamEvent> events_;
};

Json text_content(const std::string& text) {
  return Json::array({{{"index", 0},
                       {"type", "text"},
                       {"text", {{"value", text}, {"annotations", Json::array()}}}}});
}

}  // namespace

Reply answer_run(const Question& question, const std::string& run, const std::string& thread) {
  RunEvents events;
  const auto with = [](Json object, const char* key, const Json& value) {
    object[key] = value;
    return object;
  };
  const Json run_object{
      {"id", run},           {"object", "thread.run"}, {"created_at", kCreated},
      {"thread_id", thread}, {"status", "queued"},     {"model", question.deployment->name},
      {"usage", nullptr}};
  const Json message{{"id", "msg_" + id_text(question.seed, "message", 24)},
                     {"object", "thread.message"},
                     {"created_at", kCreated},
                     {"thread_id", thread},
                     {"run_id", run},
                     {"status", "in_progress"},
                     {"role", "assistant"},
                     {"content", Json::array()}};
  const Json step{
      {"id", "step_" + id_text(question.seed, "step", 24)},
      {"object", "thread.run.step"},
      {"run_id", run},
      {"thread_id", thread},
      {"type", "message_creation"},
      {"step_details",
       {{"type", "message_creation"}, {"message_creation", {{"message_id", message["id"]}}}}},
      {"status", "in_progress"},
      {"usage", nullptr}};
  const auto tokens = question.tokens;
  const Json usage{
      {"prompt_tokens", 9}, {"completion_tokens", tokens}, {"total_tokens", 9 + tokens}};
  events.add("thread.run.created", run_object, EventRole::prelude);
  events.add("thread.run.queued", run_object, EventRole::prelude);
  const auto running = with(run_object, "status", "in_progress");
  events.add("thread.run.in_progress", running, EventRole::prelude);
  events.add("thread.run.step.created", step, EventRole::prelude);
  events.add("thread.run.step.in_progress", step, EventRole::prelude);
  events.add("thread.message.created", message, EventRole::prelude);
  events.add("thread.message.in_progress", message, EventRole::prelude);
  const auto words = words_of(question.seed, tokens);
  for (const auto& word : words) {
    const Json delta{{"id", message["id"]},
                     {"object", "thread.message.delta"},
                     {"delta", {{"content", text_content(word)}}}};
    events.add("thread.message.delta", delta, EventRole::output);
  }
  auto whole = with(message, "status", "completed");
  whole["content"] = text_content(joined(words));
  events.add("thread.message.completed", whole, EventRole::terminal);
  auto done_step = with(step, "status", "completed");
  events.add("thread.run.step.completed", with(done_step, "usage", usage), EventRole::terminal);
  auto done_run = with(run_object, "status", "completed");
  events.add("thread.run.completed", with(done_run, "usage", usage), EventRole::terminal);
  Reply reply = json_reply(200, "");
  reply.dialect = Dialect::assistants;
  reply.events = events.take();
  set_cadence(question, reply);
  return reply;
}

}  // namespace spillway::simulator
