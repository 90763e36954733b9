#include "simulator/backend_service.hpp"

#include "simulator/answer_parts.hpp"
#include "simulator/answers_audio.hpp"
#include "simulator/answers_images.hpp"
#include "simulator/errors.hpp"
#include "simulator/realtime_dialogue.hpp"
#include "simulator/references.hpp"
#include "simulator/responses_dialogue.hpp"
#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using nlohmann::json;

bool suits(Operation operation, DeploymentKind kind) {
  switch (operation) {
    case Operation::chat:
    case Operation::create_response:
    case Operation::compact_response:
    case Operation::count_input_tokens:
      return kind == DeploymentKind::chat;
    case Operation::completions:
      return kind == DeploymentKind::completions || kind == DeploymentKind::chat;
    case Operation::embeddings:
      return kind == DeploymentKind::embeddings;
    case Operation::realtime:
      return kind == DeploymentKind::realtime;
    case Operation::image_generation:
    case Operation::image_edit:
      return kind == DeploymentKind::images;
    case Operation::transcription:
    case Operation::translation:
      return kind == DeploymentKind::audio;
    case Operation::speech:
      return kind == DeploymentKind::speech;
    default:
      return false;
  }
}

std::string guid(std::uint64_t seed, std::string_view salt) {
  auto text = hex_text(seed, salt, 32);
  text[12] = '4';
  text[16] = '8';
  for (const std::size_t place : {8U, 13U, 18U, 23U})
    text.insert(place, "-");
  return text;
}

std::uint32_t answer_tokens(const Request& request, const Prompt& prompt,
                            const Deployment& deployment) {
  std::uint32_t tokens = deployment.answer_tokens;
  if (const auto wanted = request.header("x-sim-tokens")) {
    const auto number = base::parse_unsigned(*wanted);
    if (number) tokens = static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, 100'000));
  }
  if (prompt.max_tokens) tokens = std::min(tokens, *prompt.max_tokens);
  return std::max(tokens, 1U);
}

Sight sight_of(const Request& request) {
  Sight sight;
  sight.now = std::chrono::steady_clock::now();
  sight.hides_ids = request.hides_ids;
  return sight;
}

std::string version_of(const Request& request) {
  return request.query("api-version").value_or("v1");
}

bool knows_include_usage(const Request& request, const Call& call) {
  constexpr std::string_view kFirst = "2024-08-01";
  return call.surface == Surface::v1 || version_of(request).substr(0, kFirst.size()) >= kFirst;
}

std::string realtime_deployment(const Request& request, const Call& call) {
  return request.query(call.surface == Surface::v1 ? "model" : "deployment").value_or("");
}

}  // namespace

BackendService::BackendService(Endpoint endpoint, const Issuer* issuer)
    : endpoint_(std::move(endpoint)),
      issuer_(issuer),
      responses_(objects_, endpoint_.replication_lag),
      resources_(endpoint_.name, objects_,
                 [this](const std::string& name) { return find_deployment(name); }) {
  for (const auto& deployment : endpoint_.deployments) {
    slots_.emplace(deployment.name, Slot{deployment, Admission(deployment.mode)});
  }
}

const Deployment* BackendService::find_deployment(const std::string& name) const {
  const auto found = slots_.find(name);
  return found == slots_.end() ? nullptr : &found->second.deployment;
}

boost::asio::awaitable<Reply> BackendService::answer(const Request& request) {
  Reply reply = decide(request);
  if (reply.status == 200 && endpoint_.content_encoding == "gzip") reply.coding = Coding::gzip;
  if (reply.status == 200 && endpoint_.content_encoding == "deflate")
    reply.coding = Coding::deflate;
  add_service_headers(request, reply);
  co_return reply;
}

Upgrade BackendService::upgrade(const Request& request) {
  Upgrade upgrade = decide_upgrade(request);
  if (upgrade.dialogue) upgrade.reply.status = 101;
  add_service_headers(request, upgrade.reply);
  return upgrade;
}

std::string BackendService::deployment_of(const Request& request) const {
  const auto call = read_call(request.method, request.path());
  if (!call.deployment.empty()) return call.deployment;
  if (call.operation == Operation::realtime) return realtime_deployment(request, call);
  return read_prompt(request).model;
}

Reply BackendService::decide(const Request& request) {
  const auto call = read_call(request.method, request.path());
  auto refused = refuse(request, call, Carrier::headers);
  if (refused) return *std::move(refused);
  if (call.operation == Operation::list_models || call.operation == Operation::get_model)
    return models(call);
  if (call.operation == Operation::realtime) return error_reply("upgrade_required");
  Sight sight = sight_of(request);
  Reply reply = ask(request, call, sight);
  reply.has_hidden_id = sight.has_hidden;
  return reply;
}

Reply BackendService::ask(const Request& request, const Call& call, Sight& sight) {
  switch (call.operation) {
    case Operation::get_response:
    case Operation::delete_response:
    case Operation::cancel_response:
    case Operation::get_input_items:
      return responses_.act(request, call, sight);
    case Operation::other:
      return resources_.answer(request, call.rest, sight)
          .value_or(error_reply("resource_not_found"));
    default:
      return infer(request, call, sight, "");
  }
}

std::optional<Reply> BackendService::refuse(const Request& request, const Call& call,
                                            Carrier carrier) const {
  auto refused = refuse_credential(endpoint_.auth, issuer_, request, call.surface, carrier);
  if (refused) return refused;
  const bool is_dated = is_api_version(request.query("api-version").value_or(""));
  const bool is_known = call.operation != Operation::unknown;
  if (is_known && (is_dated || call.surface == Surface::v1)) return std::nullopt;
  return error_reply("resource_not_found");
}

Upgrade BackendService::decide_upgrade(const Request& request) {
  auto call = read_call(request.method, request.path());
  const bool is_responses = request.path() == "/openai/v1/responses";
  if (is_responses) call.operation = Operation::create_response;
  auto refused = refuse(request, call, Carrier::headers_or_query);
  if (refused) return {*std::move(refused), nullptr};
  if (is_responses) return open_responses(request, call);
  if (call.operation == Operation::realtime) return open_realtime(request, call);
  return {error_reply("resource_not_found"), nullptr};
}

Upgrade BackendService::open_realtime(const Request& request, const Call& call) {
  const auto found = slots_.find(realtime_deployment(request, call));
  if (found == slots_.end()) return {error_reply("deployment_not_found"), nullptr};
  auto& slot = found->second;
  if (!suits(call.operation, slot.deployment.kind))
    return {error_reply("operation_not_supported"), nullptr};
  const auto verdict = slot.admission.admit(1, std::chrono::steady_clock::now());
  if (!verdict.is_admitted())
    return {throttle_reply(slot, verdict, call.operation, version_of(request)), nullptr};
  const auto chosen = request.header("x-sim-seed");
  const auto seed = chosen ? seed_of(*chosen) : seed_of(endpoint_.name) + objects_.next_number();
  return {Reply{}, std::make_unique<RealtimeDialogue>(slot.deployment, call.surface, seed)};
}

Upgrade BackendService::open_responses(const Request& request, const Call& call) {
  Request asked = request;
  asked.method = "POST";
  auto ask = [this, asked, call](const std::string& body, const std::string& known_id) mutable {
    asked.body = body;
    Sight sight = sight_of(asked);
    return infer(asked, call, sight, known_id);
  };
  return {Reply{}, std::make_unique<ResponsesDialogue>(std::move(ask))};
}

Reply BackendService::infer(const Request& request, const Call& call, Sight& sight,
                            const std::string& known_id) {
  Question question;
  question.prompt = read_prompt(request);
  const auto name = call.deployment.empty() ? question.prompt.model : call.deployment;
  const auto found = slots_.find(name);
  if (!question.prompt.is_json_object && call.deployment.empty()) return error_reply("bad_json");
  if (found == slots_.end()) return error_reply("deployment_not_found");
  if (!question.prompt.is_json_object) return error_reply("bad_json");
  auto& slot = found->second;
  if (!suits(call.operation, slot.deployment.kind)) return error_reply("operation_not_supported");
  if (question.prompt.wants_usage && !knows_include_usage(request, call))
    return error_reply("unknown_stream_options");
  if (auto refused = refuse_references(references_in(request.body, known_id), objects_, sight))
    return *std::move(refused);
  const bool is_embedding = call.operation == Operation::embeddings;
  const auto cost = is_embedding ? embedding_cost(question.prompt)
                                 : admission_cost(question.prompt, slot.deployment.model);
  const auto verdict = slot.admission.admit(cost, std::chrono::steady_clock::now());
  if (!verdict.is_admitted())
    return throttle_reply(slot, verdict, call.operation, version_of(request));
  question.deployment = &slot.deployment;
  question.endpoint = endpoint_.name;
  const auto chosen = request.header("x-sim-seed");
  question.seed = chosen ? seed_of(*chosen) : seed_of(question.prompt);
  if (request.wants_unique_answer) question.seed ^= seed_of(request.answer);
  question.tokens = answer_tokens(request, question.prompt, slot.deployment);
  Reply reply = respond(question, call.operation, sight);
  add_limit_headers(slot, reply);
  return reply;
}

Reply BackendService::respond(const Question& question, Operation operation, const Sight& sight) {
  switch (operation) {
    case Operation::chat:
      store_chat(question);
      return answer_chat(question);
    case Operation::completions:
      return answer_completions(question);
    case Operation::embeddings:
      return answer_embeddings(question);
    case Operation::image_generation:
      return answer_image_generation(question);
    case Operation::image_edit:
      return answer_image_edit(question);
    case Operation::transcription:
    case Operation::translation:
      return answer_transcription(question);
    case Operation::speech:
      return answer_speech(question);
    case Operation::compact_response:
      return ResponsesApi::compact(question);
    case Operation::count_input_tokens:
      return ResponsesApi::count_input_tokens(question);
    default:
      return responses_.create(question, sight);
  }
}

void BackendService::store_chat(const Question& question) {
  if (!question.prompt.store.value_or(false)) return;
  auto asked = question;
  asked.prompt.is_streamed = false;
  StoredObject object;
  object.body = answer_chat(asked).body;
  const auto id = json::parse(object.body)["id"].get<std::string>();
  objects_.put("chat/completions/" + id, std::move(object));
}

Reply BackendService::models(const Call& call) const {
  json list = json::array();
  for (const auto& [name, slot] : slots_) {
    const bool is_embedding = slot.deployment.kind == DeploymentKind::embeddings;
    const json capabilities{{"fine_tune", false},
                            {"inference", true},
                            {"completion", slot.deployment.kind == DeploymentKind::completions},
                            {"chat_completion", slot.deployment.kind == DeploymentKind::chat},
                            {"embeddings", is_embedding}};
    const json model{{"status", "succeeded"},
                     {"capabilities", capabilities},
                     {"lifecycle_status", "generally-available"},
                     {"id", slot.deployment.model},
                     {"created_at", 1'744'588'800},
                     {"updated_at", 1'744'588'800},
                     {"object", "model"}};
    if (!call.id.empty() && call.id == slot.deployment.model) return json_reply(200, dump(model));
    list.push_back(model);
  }
  if (!call.id.empty()) return error_reply("resource_not_found");
  return json_reply(200, dump(json{{"data", list}, {"object", "list"}}));
}

/// What every answer of the service carries; the type first, as Azure writes it.
void BackendService::add_service_headers(const Request& request, Reply& reply) {
  const auto chosen = request.header("x-sim-seed");
  const auto seed = chosen ? seed_of(*chosen) : seed_of(endpoint_.name) + ++request_count_;
  const auto id = guid(seed, "apim");
  std::vector<Header> common{
      {"apim-request-id", id},
      {"Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"},
      {"x-content-type-options", "nosniff"},
      {"x-ms-region", endpoint_.region},
      {"x-ms-client-request-id", request.header("x-ms-client-request-id").value_or(id)}};
  if (reply.status == 200) {
    common.push_back({"cmp-upstream-response-duration", std::to_string(reply.delay.count())});
    common.push_back({"x-accel-buffering", "no"});
    common.push_back({"x-ms-rai-invoked", "true"});
    common.push_back({"x-request-id", guid(seed, "request")});
    common.push_back({"azureml-model-session", "v20260301-1-000000001"});
  }
  auto& headers = reply.headers;
  if (reply.is_stream()) headers[0].value = "text/event-stream; charset=utf-8";
  const auto after_type = headers.empty() ? headers.begin() : headers.begin() + 1;
  headers.insert(after_type, common.begin(), common.end());
}

void BackendService::reset() {
  for (auto& [name, slot] : slots_)
    slot.admission.reset();
  objects_.clear();
}

std::vector<BackendService::Level> BackendService::levels(SteadyTime now) {
  std::vector<Level> all;
  for (auto& [name, slot] : slots_) {
    auto probe = slot.admission;
    Level level;
    level.deployment = name;
    level.mode = "unlimited";
    if (slot.admission.is_provisioned()) level.mode = "ptu";
    if (slot.admission.is_paygo()) level.mode = "paygo";
    level.has_room = probe.admit(1, now).is_admitted();
    level.utilisation = slot.admission.utilisation(now);
    level.remaining_tokens = probe.tokens().remaining();
    level.remaining_requests = probe.requests().remaining();
    all.push_back(std::move(level));
  }
  return all;
}

}  // namespace spillway::simulator
