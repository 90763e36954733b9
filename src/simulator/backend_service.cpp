#include "simulator/backend_service.hpp"

#include "simulator/answer_parts.hpp"
#include "simulator/errors.hpp"
#include "simulator/script.hpp"
#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace spillway::simulator {
namespace {

using nlohmann::json;

/// Responses remembered per endpoint; the store is emptied beyond that.
constexpr std::size_t kResponsesKept = 10'000;

bool suits(Operation operation, DeploymentKind kind) {
  switch (operation) {
    case Operation::chat:
    case Operation::create_response:
      return kind == DeploymentKind::chat;
    case Operation::completions:
      return kind == DeploymentKind::completions || kind == DeploymentKind::chat;
    case Operation::embeddings:
      return kind == DeploymentKind::embeddings;
    default:
      return false;
  }
}

std::optional<std::string> bearer_of(const Request& request) {
  const auto value = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (!value || value->size() < kScheme.size()) return std::nullopt;
  if (!base::equals_ignoring_case(value->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return value->substr(kScheme.size());
}

std::string guid(std::uint64_t seed, std::string_view salt) {
  auto text = hex_text(seed, salt, 32);
  text[12] = '4';
  text[16] = '8';
  for (const std::size_t place : {8U, 13U, 18U, 23U})
    text.insert(place, "-");
  return text;
}

std::string not_found_body(const std::string& id) {
  const json error{{"message", "Response with id '" + id + "' not found."},
                   {"type", "invalid_request_error"},
                   {"param", nullptr},
                   {"code", nullptr}};
  return dump(json{{"error", error}});
}

Reply previous_not_found(const std::string& id) {
  const json error{{"message", "Previous response with id '" + id + "' not found."},
                   {"type", "invalid_request_error"},
                   {"param", "previous_response_id"},
                   {"code", "previous_response_not_found"}};
  return json_reply(400, dump(json{{"error", error}}));
}

std::string throttle_text(const Verdict& verdict, std::string_view operation,
                          std::string_view version, std::int64_t seconds) {
  std::string text = "Requests to the " + std::string(operation) +
                     " Operation under Azure OpenAI API version " + std::string(version) +
                     " have exceeded ";
  text += verdict.exceeded == Limit::tokens ? "token" : "call";
  text += " rate limit of your current ";
  text += verdict.exceeded == Limit::throughput ? "Provisioned-Managed deployment"
                                                : "OpenAI S0 pricing tier";
  text += ". Please retry after " + std::to_string(seconds) + " second";
  text += seconds == 1 ? "." : "s.";
  if (verdict.exceeded != Limit::throughput) {
    text +=
        " Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase "
        "the default rate limit.";
  }
  return text;
}

void add_delay_header(const std::string& kind, const Verdict& verdict, Reply& reply) {
  const auto seconds =
      std::to_string(std::chrono::ceil<std::chrono::seconds>(verdict.retry_after).count());
  const std::string of = verdict.exceeded == Limit::requests ? "requests" : "tokens";
  if (kind == "retry-after") {
    reply.headers.push_back({"Retry-After", seconds});
  } else if (kind == "retry-after-date") {
    reply.headers.push_back(
        {"Retry-After", http_date(std::chrono::system_clock::now() + verdict.retry_after +
                                  std::chrono::seconds(1))});
  } else if (kind == "retry-after-ms" || kind == "x-ms-retry-after-ms") {
    reply.headers.push_back({kind, std::to_string(verdict.retry_after.count())});
  } else if (kind == "x-ratelimit-reset" || kind == "x-rate-limit-reset") {
    reply.headers.push_back({kind + "-" + of, seconds});
  }
}

std::vector<std::string> delay_headers_of(const Deployment& deployment, bool is_provisioned) {
  if (!deployment.throttle_headers.empty()) return deployment.throttle_headers;
  if (is_provisioned) return {"retry-after", "retry-after-ms"};
  return {"retry-after", "retry-after-ms", "x-ratelimit-reset"};
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%%", share * 100);
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

}  // namespace

BackendService::BackendService(Endpoint endpoint, const Issuer* issuer)
    : endpoint_(std::move(endpoint)), issuer_(issuer) {
  for (const auto& deployment : endpoint_.deployments) {
    slots_.emplace(deployment.name, Slot{deployment, Admission(deployment.mode)});
  }
}

boost::asio::awaitable<Reply> BackendService::answer(const Request& request) {
  Reply reply = decide(request);
  add_service_headers(request, reply);
  co_return reply;
}

std::string BackendService::deployment_of(const Request& request) const {
  const auto call = read_call(request.method, request.path());
  return call.deployment.empty() ? read_prompt(request.body).model : call.deployment;
}

Reply BackendService::decide(const Request& request) {
  const auto call = read_call(request.method, request.path());
  if (auto refused = refuse_credential(request, call.surface)) return *std::move(refused);
  if (call.operation == Operation::unknown) return error_reply("resource_not_found");
  if (call.surface == Surface::classic &&
      !is_api_version(request.query("api-version").value_or(""))) {
    return error_reply("resource_not_found");
  }
  switch (call.operation) {
    case Operation::list_models:
    case Operation::get_model:
      return models(call);
    case Operation::get_response:
    case Operation::delete_response:
      return stored_response(call);
    default:
      return infer(request, call);
  }
}

std::optional<Reply> BackendService::refuse_credential(const Request& request,
                                                       Surface surface) const {
  const auto& auth = endpoint_.auth;
  if (auth.api_keys.empty() && !auth.accept_tokens) return std::nullopt;
  const auto is_known = [&auth](const std::string& key) {
    return std::find(auth.api_keys.begin(), auth.api_keys.end(), key) != auth.api_keys.end();
  };
  if (const auto key = request.header("api-key")) {
    if (is_known(*key)) return std::nullopt;
    return error_reply(auth.api_keys.empty() ? "key_auth_disabled" : "bad_key");
  }
  const auto token = bearer_of(request);
  if (!token) return error_reply("missing_credential");
  if (surface == Surface::v1 && is_known(*token)) return std::nullopt;
  const bool is_accepted =
      auth.accept_tokens && issuer_ != nullptr &&
      issuer_->accepts(*token, auth.audiences, std::chrono::system_clock::now());
  if (is_accepted) return std::nullopt;
  return error_reply("entra_invalid");
}

Reply BackendService::infer(const Request& request, const Call& call) {
  Question question;
  question.prompt = read_prompt(request.body);
  const auto name = call.deployment.empty() ? question.prompt.model : call.deployment;
  const auto found = slots_.find(name);
  if (!question.prompt.is_json_object && call.deployment.empty()) return error_reply("bad_json");
  if (found == slots_.end()) return error_reply("deployment_not_found");
  if (!question.prompt.is_json_object) return error_reply("bad_json");
  auto& slot = found->second;
  if (!suits(call.operation, slot.deployment.kind)) return error_reply("operation_not_supported");
  const bool is_embedding = call.operation == Operation::embeddings;
  const auto cost = is_embedding ? embedding_cost(question.prompt)
                                 : admission_cost(question.prompt, slot.deployment.model);
  const auto verdict = slot.admission.admit(cost, std::chrono::steady_clock::now());
  if (!verdict.is_admitted()) return throttle(slot, verdict, request, call.operation);
  question.deployment = &slot.deployment;
  question.endpoint = endpoint_.name;
  const auto chosen = request.header("x-sim-seed");
  question.seed = chosen ? seed_of(*chosen) : seed_of(question.prompt);
  question.tokens = answer_tokens(request, question.prompt, slot.deployment);
  Reply reply = respond(question, call.operation);
  add_limit_headers(slot, reply);
  return reply;
}

Reply BackendService::respond(const Question& question, Operation operation) {
  if (operation == Operation::chat) return answer_chat(question);
  if (operation == Operation::completions) return answer_completions(question);
  if (operation == Operation::embeddings) return answer_embeddings(question);
  const auto& previous = question.prompt.previous_response_id;
  if (!previous.empty() && !responses_.contains(previous)) return previous_not_found(previous);
  if (responses_.size() >= kResponsesKept) responses_.clear();
  responses_[response_id(question)] = response_body(question);
  return answer_response(question);
}

Reply BackendService::throttle(const Slot& slot, const Verdict& verdict, const Request& request,
                               Operation operation) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(verdict.retry_after).count();
  const auto version = request.query("api-version").value_or("v1");
  const auto text = throttle_text(verdict, azure_name_of(operation), version, seconds);
  Reply reply = json_reply(429, R"({"error":{"code":"429","message":")" + text + "\"}}");
  for (const auto& kind : delay_headers_of(slot.deployment, slot.admission.is_provisioned())) {
    add_delay_header(kind, verdict, reply);
  }
  add_limit_headers(slot, reply);
  if (verdict.exceeded == Limit::tokens) {
    reply.headers.push_back({"policy-id", "DeploymentRatelimit-Token"});
  } else if (verdict.exceeded == Limit::requests) {
    reply.headers.push_back({"policy-id", "DeploymentRatelimit-Call"});
  }
  return reply;
}

Reply BackendService::stored_response(const Call& call) {
  const auto found = responses_.find(call.id);
  if (found == responses_.end()) return json_reply(404, not_found_body(call.id));
  if (call.operation == Operation::get_response) return json_reply(200, found->second);
  responses_.erase(found);
  const nlohmann::ordered_json gone{
      {"id", call.id}, {"object", "response.deleted"}, {"deleted", true}};
  return json_reply(200, dump(gone));
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

void BackendService::add_limit_headers(const Slot& slot, Reply& reply) const {
  const auto& admission = slot.admission;
  auto& headers = reply.headers;
  if (admission.is_provisioned()) {
    const auto share = admission.utilisation(std::chrono::steady_clock::now());
    headers.push_back({"azure-openai-deployment-utilization", percent(std::min(share, 1.0))});
  } else if (admission.is_paygo()) {
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    headers.push_back({"x-ratelimit-remaining-requests", text(admission.requests().remaining())});
    headers.push_back({"x-ratelimit-limit-requests", text(admission.requests().limit())});
    headers.push_back({"x-ratelimit-remaining-tokens", text(admission.tokens().remaining())});
    headers.push_back({"x-ratelimit-limit-tokens", text(admission.tokens().limit())});
  }
  if (reply.status == 200) headers.push_back({"x-ms-deployment-name", slot.deployment.name});
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
  responses_.clear();
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
