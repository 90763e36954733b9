#include <spillway/base/text.hpp>
#include <spillway/gateway/admission.hpp>
#include <spillway/gateway/body_facts.hpp>
#include <spillway/gateway/client_writing.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;

namespace {

constexpr base::Duration kKeysSoon = std::chrono::seconds(1);  // they are being fetched
constexpr base::Duration kRoomSoon = std::chrono::seconds(1);  // some request will have ended
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Reply reply_of(const identity::Denial& denial) {
  Reply reply;
  reply.status = denial.status;
  reply.code = denial.code;
  reply.message = denial.message;
  reply.log_detail = denial.reason;
  reply.should_not_retry = denial.status != 503;
  if (denial.status == 503) reply.retry_after = kKeysSoon;
  if (!denial.challenge.empty()) {
    reply.extra_name = "www-authenticate";
    reply.extra_value = denial.challenge;
  }
  return reply;
}

Reply overloaded(std::string_view why) {
  Reply refusal;
  refusal.status = 503;
  refusal.code = "spillway_overloaded";
  refusal.message =
      "The gateway takes no further request at the moment: " + std::string(why) + "; try again.";
  refusal.retry_after = kRoomSoon;
  return refusal;
}

Reply hidden_deployment() {
  Reply refusal;
  refusal.status = 403;
  refusal.code = "spillway_deployment_not_allowed";
  refusal.message =
      "This client may use certain deployments only, and the request does not say which it wants "
      "where the gateway can read it: name it in the path, as \"model\" in a JSON body of at most "
      "limits.replay_buffer bytes, or as the field \"model\" within so many bytes of a form. What "
      "is said inside a WebSocket is not looked at.";
  refusal.should_not_retry = true;
  return refusal;
}

Reply unread_deployment() {
  Reply refusal;
  refusal.status = 413;
  refusal.code = "spillway_deployment_unread";
  refusal.message =
      "The body is larger than limits.replay_buffer, its \"model\" was not found before that, and "
      "every backend of the pool calls some deployment by another name, so that the gateway would "
      "have to know it. In a form, put \"model\" before the file.";
  refusal.should_not_retry = true;
  return refusal;
}

bool is_served(const RequestContext& context) {
  return context.pool->explain(context.demand(), context.began).is_known_deployment;
}

bool is_allowed(const config::Operations& allowed, aoai::OperationClass asked) {
  switch (asked) {
    case aoai::OperationClass::inference:
      return allowed.inference;
    case aoai::OperationClass::stateful:
      return allowed.stateful;
    case aoai::OperationClass::management:
      return allowed.management;
  }
  return false;
}

}  // namespace

std::optional<Reply> Admission::authenticate() {
  const auto fields = context_.head.fields.views();
  std::vector<base::Secret> elsewhere;
  if (http::asks_for_websocket(context_.head)) {
    elsewhere = presented_outside_headers(context_.head);
  }
  const auto verdict = context_.snapshot->authenticator->authenticate(fields, elsewhere);
  if (const auto* denial = std::get_if<identity::Denial>(&verdict)) return reply_of(*denial);
  context_.caller = std::get<identity::Caller>(verdict);
  telemetry::AccessRecord& record = context_.record;
  record.client = context_.caller.name;
  if (const auto& token = context_.caller.token) {
    record.app_id = token->app_id;
    record.object_id = token->object_id;
  }
  if (auto refusal = check_certificate()) return refusal;
  if (ClientTotals* totals = context_.snapshot->totals_of(context_.caller.name)) {
    totals->requests.fetch_add(1, std::memory_order_relaxed);
  }
  return std::nullopt;
}

std::optional<Reply> Admission::check_certificate() const {
  const config::Client* client = context_.caller.client;
  if (client == nullptr || client->certificate_names.empty()) return std::nullopt;
  const std::vector<std::string> names = context_.client.stream.peer_certificate_names();
  const auto denial = identity::Authenticator::check_certificate(context_.caller, names);
  if (!denial) return std::nullopt;
  return reply_of(*denial);
}

std::optional<Reply> Admission::recognise_path() {
  auto path = context_.worker.paths.parse(context_.head.method, context_.head.target);
  if (!path) {
    Reply refusal = reply_for(path.error());
    refusal.should_not_retry = true;
    return refusal;
  }
  context_.path = std::move(path.value());
  context_.record.operation = aoai::name_of(context_.path.operation);
  if (http::asks_for_websocket(context_.head)) {
    if (auto refusal = refusal_of_upgrade(context_.head)) return refusal;
    context_.upgrade = std::make_unique<WebSocketUpgrade>(read_upgrade(context_.head));
  }
  const config::Client* client = context_.caller.client;
  if (client == nullptr || is_allowed(client->operations, context_.path.operation_class)) {
    return std::nullopt;
  }
  Reply refusal;
  refusal.status = 403;
  refusal.code = "spillway_operation_not_allowed";
  refusal.message = "Client " + client->name + " may not use " +
                    std::string(aoai::name_of(context_.path.operation_class)) +
                    " operations; see clients[].operations of the gateway's configuration.";
  refusal.should_not_retry = true;
  return refusal;
}

std::optional<Reply> Admission::take_place() {
  ProcessState& process = context_.worker.process;
  if (process.memory_pressure.load(std::memory_order_relaxed) == MemoryPressure::shed) {
    process.limit_hits.count(Limit::max_memory);
    return overloaded("memory is short");
  }
  const unsigned most = context_.snapshot->configuration.limits.max_requests;
  place_ = Place::take(process.requests_admitted, most == 0 ? Place::kNoBound : most);
  if (place_.is_held()) return std::nullopt;
  process.limit_hits.count(Limit::max_requests);
  return overloaded("limits.max_requests are being served");
}

bool Admission::is_upload() const {
  constexpr std::string_view multipart = "multipart/";
  const auto type = context_.head.fields.find("content-type").value_or("");
  return base::starts_with_ignoring_case(type, multipart);
}

std::uint64_t Admission::max_body() const {
  const config::Limits& limits = context_.snapshot->configuration.limits;
  return is_upload() ? limits.max_upload_body : limits.max_request_body;
}

std::optional<Result<void>> Admission::take_body() {
  const Limit limit = is_upload() ? Limit::max_upload_body : Limit::max_request_body;
  auto taken = body_.take_buffered(max_body(), limit);
  if (taken && *taken) read_body_facts(context_, body_);
  return taken;
}

net::Task<Result<void>> Admission::read_body() {
  if (context_.head.expects_continue && context_.client.reader.buffered().empty()) {
    const auto told = co_await write_to_client(
        context_, net::asio::const_buffer(kContinue.data(), kContinue.size()));
    if (!told) co_return told.error();
  }
  auto received = co_await body_.read();
  if (received) read_body_facts(context_, body_);
  co_return received;
}

// Then a second "model" could be what a backend reads, past the list.
bool Admission::is_limited_to_deployments() const {
  return context_.caller.client != nullptr && !context_.caller.client->deployments.empty();
}

// A backend may find a model where we found none: in a body too large, too deep or too odd for us.
bool Admission::is_deployment_hidden() const {
  if (context_.upgrade) return !is_deployment_decided_by_url(context_.path);
  if (!context_.deployment.empty() || context_.head.method != "POST") return false;
  const bool is_unread = context_.head.body.kind != http::Framing::none &&
                         !context_.facts.is_json_object && !context_.facts.is_form;
  return is_unread || context_.path.operation_class == aoai::OperationClass::inference;
}

std::optional<Reply> Admission::find_pool() {
  const bool is_in_path = !context_.path.deployment.empty();
  context_.deployment = is_in_path ? context_.path.deployment : context_.facts.model;
  telemetry::AccessRecord& record = context_.record;
  record.deployment = context_.deployment;
  record.pool = context_.caller.pool;
  record.is_stream = context_.facts.wants_stream;
  if (!is_in_path && context_.facts.repeats_model && is_limited_to_deployments()) {
    const Error ambiguous(Fault::bad_request, Side::client,
                          "the body names \"model\" more than once, or so that readers differ on "
                          "it; name it once and plainly");
    return reply_for(ambiguous);
  }
  if (auto denial =
          identity::Authenticator::check_deployment(context_.caller, context_.deployment)) {
    return reply_of(*denial);
  }
  if (is_deployment_hidden() && is_limited_to_deployments()) return hidden_deployment();
  context_.pool = context_.snapshot->routes->find_pool(context_.caller.pool);
  if (context_.pool == nullptr) {
    const Error missing(Fault::internal, Side::gateway,
                        "pool " + std::string(context_.caller.pool) + " is not there");
    return reply_for(missing);
  }
  context_.note_prompt();
  context_.is_deployment_unread = is_deployment_unread(context_, body_);
  if (context_.is_deployment_unread && !is_served(context_)) return unread_deployment();
  if (is_in_path || !is_limited_to_deployments()) context_.form.reset();
  context_.total_deadline = context_.began + context_.pool->configured().timeouts.total;
  context_.pool->retry_budget().note_request(context_.began);
  if (record.client_retry_count > 0) {
    context_.pool->retry_budget().note_caller_retry(context_.began);
  }
  return std::nullopt;
}

}  // namespace spillway::gateway
