#include <spillway/aoai/creating_call.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/relay.hpp>
#include <spillway/gateway/request_handler.hpp>
#include <spillway/gateway/request_id.hpp>
#include <spillway/routing/exhaustion.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Reply reply_of(const identity::Denial& denial) {
  Reply reply;
  reply.status = denial.status;
  reply.code = denial.code;
  reply.message = denial.message;
  reply.should_not_retry = true;
  if (denial.status == 401) {
    reply.extra_name = "www-authenticate";
    reply.extra_value = "Bearer realm=\"spillway\"";
  }
  return reply;
}

bool asks_for_websocket(const http::RequestHead& head) {
  const auto protocol = head.fields.find("upgrade");
  return head.is_upgrade && protocol && base::equals_ignoring_case(*protocol, "websocket");
}

Reply no_websocket() {
  Reply refusal;
  refusal.status = 501;
  refusal.code = "spillway_websocket_unsupported";
  refusal.message = "This version of the gateway does not tunnel WebSockets.";
  refusal.should_not_retry = true;
  return refusal;
}

Reply hidden_deployment() {
  Reply refusal;
  refusal.status = 403;
  refusal.code = "spillway_deployment_not_allowed";
  refusal.message =
      "This client may use certain deployments only, and the request does not say which it wants "
      "where the gateway can read it: name it in the path, or as \"model\" in a JSON body of at "
      "most limits.replay_buffer bytes.";
  refusal.should_not_retry = true;
  return refusal;
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

unsigned retry_count_of(const http::FieldList& fields) {
  const auto text = fields.find("x-stainless-retry-count");
  const auto count = text ? base::parse_unsigned(*text) : std::nullopt;
  return count ? static_cast<unsigned>(std::min<std::uint64_t>(*count, 1000)) : 0;
}

}  // namespace

RequestHandler::RequestHandler(WorkerState& worker, const ClientSide& client,
                               http::RequestHead head, const std::string& peer)
    : context_(worker, client, std::move(head)),
      body_(client, context_.head, context_.snapshot->configuration.limits, worker.process) {
  telemetry::AccessRecord& record = context_.record;
  record.time = std::chrono::system_clock::now();
  record.request_id = request_id_of(context_.head.fields, worker.random);
  record.peer = peer;
  record.method = context_.head.method;
  record.target = aoai::redacted_target(context_.head.target);
  record.client_retry_count = retry_count_of(context_.head.fields);
  worker.process.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
  worker.process.requests_total.fetch_add(1, std::memory_order_relaxed);
}

RequestHandler::~RequestHandler() {
  context_.worker.process.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
}

net::Task<AfterRequest> RequestHandler::run() {
  const AfterRequest after = co_await handle();
  settle();
  co_return after;
}

net::Task<AfterRequest> RequestHandler::handle() {
  if (auto refusal = authenticate()) co_return co_await reply(std::move(*refusal));
  if (auto refusal = recognise_path()) co_return co_await reply(std::move(*refusal));
  const auto received = co_await read_body();
  if (!received) {
    const Error error = received.error();
    co_return co_await refuse(error);
  }
  if (auto refusal = find_pool()) co_return co_await reply(std::move(*refusal));
  co_return co_await attempt_until_answered();
}

// Before the body is read: nobody unknown makes us hold bytes.
std::optional<Reply> RequestHandler::authenticate() {
  const auto fields = context_.head.fields.views();
  const auto verdict = context_.snapshot->authenticator->authenticate(fields);
  if (const auto* denial = std::get_if<identity::Denial>(&verdict)) return reply_of(*denial);
  caller_ = std::get<identity::Caller>(verdict);
  context_.record.client = caller_.name;
  if (ClientTotals* totals = context_.snapshot->totals_of(caller_.name)) {
    totals->requests.fetch_add(1, std::memory_order_relaxed);
  }
  return std::nullopt;
}

std::optional<Reply> RequestHandler::recognise_path() {
  auto path = aoai::parse_api_path(context_.head.method, context_.head.target);
  if (!path) {
    Reply refusal = reply_for(path.error());
    refusal.should_not_retry = true;
    return refusal;
  }
  context_.path = std::move(path.value());
  context_.record.operation = aoai::name_of(context_.path.operation);
  if (asks_for_websocket(context_.head)) return no_websocket();
  const config::Client* client = caller_.client;
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

bool RequestHandler::is_upload() const {
  constexpr std::string_view multipart = "multipart/";
  const auto type = context_.head.fields.find("content-type").value_or("");
  return base::equals_ignoring_case(type.substr(0, multipart.size()), multipart);
}

std::uint64_t RequestHandler::max_body() const {
  const config::Limits& limits = context_.snapshot->configuration.limits;
  return is_upload() ? limits.max_upload_body : limits.max_request_body;
}

net::Task<Result<void>> RequestHandler::read_body() {
  const std::uint64_t most = max_body();
  const http::BodyFraming& framing = context_.head.body;
  const bool is_acceptable = framing.kind != http::Framing::length || framing.length <= most;
  if (context_.head.expects_continue && is_acceptable &&
      context_.client.reader.buffered().empty()) {
    context_.set_write_deadline();
    const auto told = co_await net::write_all(
        context_.client.stream, net::asio::const_buffer(kContinue.data(), kContinue.size()));
    context_.client.clear_deadline();
    if (!told) co_return told.error();
  }
  auto received = co_await body_.read(most);
  if (received && !body_.is_streamed() && context_.head.method == "POST") {
    context_.facts = aoai::read_request_facts(body_.held());
  }
  co_return received;
}

// Then a second "model" could be what a backend reads, past the list.
bool RequestHandler::is_limited_to_deployments() const {
  return caller_.client != nullptr && !caller_.client->deployments.empty();
}

// A backend may find a model where we found none: in a form, or in a body too large, too deep or
// too odd for us.
bool RequestHandler::is_deployment_hidden() const {
  if (!context_.deployment.empty() || context_.head.method != "POST") return false;
  const bool is_unread = context_.head.body.kind != http::Framing::none &&
                         !context_.facts.is_json_object && !is_upload();
  return is_unread || context_.path.operation_class == aoai::OperationClass::inference;
}

std::optional<Reply> RequestHandler::find_pool() {
  const bool is_in_path = !context_.path.deployment.empty();
  context_.deployment = is_in_path ? context_.path.deployment : context_.facts.model;
  telemetry::AccessRecord& record = context_.record;
  record.deployment = context_.deployment;
  record.pool = caller_.pool;
  record.is_stream = context_.facts.wants_stream;
  if (!is_in_path && context_.facts.repeats_model && is_limited_to_deployments()) {
    const Error ambiguous(Fault::bad_request, Side::client,
                          "the body names \"model\" more than once; name it once");
    return reply_for(ambiguous);
  }
  if (auto denial = identity::Authenticator::check_deployment(caller_, context_.deployment)) {
    return reply_of(*denial);
  }
  if (is_deployment_hidden() && is_limited_to_deployments()) return hidden_deployment();
  context_.pool = context_.snapshot->routes->find_pool(caller_.pool);
  if (context_.pool == nullptr) {
    const Error missing(Fault::internal, Side::gateway,
                        "pool " + std::string(caller_.pool) + " is not there");
    return reply_for(missing);
  }
  context_.total_deadline = context_.began + context_.pool->configured().timeouts.total;
  context_.pool->retry_budget().note_request(context_.began);
  if (record.client_retry_count > 0) {
    context_.pool->retry_budget().note_caller_retry(context_.began);
  }
  return std::nullopt;
}

net::Task<AfterRequest> RequestHandler::attempt_until_answered() {
  const routing::Demand demand = {context_.deployment};
  for (;;) {
    auto choice =
        context_.pool->select(demand, tried_, SteadyClock::now(), context_.worker.random.next());
    if (!choice) co_return co_await answer_exhausted();
    tried_.push_back(choice->member);
    Attempt attempt(context_, body_, std::move(*choice));
    const routing::Decision decision = co_await attempt_once(attempt);
    if (context_.client.ahead.is_client_gone() || context_.client.stream.is_closed()) {
      context_.record.ending = ending_without_answer();
      co_return AfterRequest::abort;
    }
    if (attempt.client_error()) {
      attempt.discard();
      const Error error = *attempt.client_error();
      co_return co_await refuse(error);
    }
    if (decision == routing::Decision::deliver) {
      const AfterRequest when_complete =
          may_keep_alive() ? AfterRequest::keep_alive : AfterRequest::close;
      Relay relay(context_, attempt, when_complete);
      co_return co_await relay.run();
    }
    attempt.discard();
    if (decision == routing::Decision::give_up) co_return co_await answer_exhausted();
  }
}

telemetry::Ending RequestHandler::ending_without_answer() const {
  const auto& closed = context_.client.stream.failure();
  return closed && closed->fault() == Fault::shutting_down ? telemetry::Ending::shutting_down
                                                           : telemetry::Ending::client_gone;
}

net::Task<routing::Decision> RequestHandler::attempt_once(Attempt& attempt) {
  routing::Outcome outcome = co_await attempt.run(upstream::Source::idle_or_fresh);
  routing::Progress progress = progress_after(attempt);
  routing::Decision decision = routing::decide(outcome, progress);
  if (decision == routing::Decision::repeat_on_fresh_connection) {
    outcome = co_await attempt.run(upstream::Source::fresh);
    progress = progress_after(attempt);
    progress.has_repeated = true;
    decision = routing::decide(outcome, progress);
  }
  if (decision == routing::Decision::try_next && outcome.kind == routing::OutcomeKind::fault) {
    context_.pool->retry_budget().take_retry(SteadyClock::now());
  }
  attempt.record(outcome);
  outcomes_.push_back(outcome);
  co_return decision;
}

routing::Progress RequestHandler::progress_after(const Attempt& attempt) const {
  routing::Progress progress;
  // A member that we had no token for was not called.
  const auto called = std::count_if(outcomes_.begin(), outcomes_.end(), [](const auto& outcome) {
    return outcome.kind != routing::OutcomeKind::no_credential;
  });
  progress.attempts = static_cast<unsigned>(called) + 1;
  progress.max_attempts = context_.pool->configured().retry.max_attempts;
  progress.is_replayable = body_.is_replayable();
  progress.is_creating = aoai::is_creating(context_.path, context_.head.method, context_.facts);
  progress.was_connection_reused = attempt.was_reused();
  progress.was_answer_begun = attempt.has_answer_begun();
  const base::SteadyTime now = SteadyClock::now();
  progress.has_time_left = now < context_.total_deadline;
  const routing::Demand demand = {context_.deployment};
  progress.has_other_member = context_.pool->has_another(demand, tried_, now);
  progress.has_budget = context_.pool->retry_budget().has_retry(now);
  return progress;
}

net::Task<AfterRequest> RequestHandler::answer_exhausted() {
  const base::SteadyTime now = SteadyClock::now();
  const routing::Demand demand = {context_.deployment};
  const routing::Exhausted exhausted = context_.pool->explain(demand, now, tried_);
  const routing::Exhaustion why = routing::describe_exhaustion(
      context_.pool->configured().name, context_.deployment, outcomes_, exhausted, now);
  Reply answer;
  answer.status = why.status;
  answer.code = why.code;
  answer.message = why.message;
  answer.retry_after = why.retry_after;
  answer.should_not_retry = why.should_not_retry;
  co_return co_await reply(std::move(answer));
}

net::Task<AfterRequest> RequestHandler::refuse(const Error& error) {
  if (error.fault() == Fault::client_gone || context_.client.stream.is_closed()) {
    context_.record.ending = telemetry::Ending::client_gone;
    context_.record.error = error.detail();
    co_return AfterRequest::abort;
  }
  Reply refusal = reply_for(error);
  if (const unsigned status = context_.client.reader.problem_status(); status != 0) {
    refusal.status = status;
  }
  refusal.should_not_retry = true;
  co_return co_await reply(std::move(refusal));
}

bool RequestHandler::may_keep_alive() const {
  return context_.head.keep_alive && body_.is_consumed() && !context_.worker.is_draining;
}

net::Task<AfterRequest> RequestHandler::reply(Reply answer) {
  ReplyOptions options;
  options.request_id = context_.record.request_id;
  options.is_head_request = context_.head.method == "HEAD";
  options.keeps_alive = may_keep_alive();
  context_.record.status = answer.status;
  context_.record.error_code = answer.code;
  context_.record.error = answer.message;
  context_.record.ending = telemetry::Ending::refused;
  context_.record.first_byte = SteadyClock::now() - context_.began;
  const std::string text = format_reply(answer, options);
  context_.set_write_deadline();
  const auto written = co_await net::write_all(context_.client.stream, net::asio::buffer(text));
  context_.client.clear_deadline();
  if (!written) co_return AfterRequest::abort;
  co_return options.keeps_alive ? AfterRequest::keep_alive : AfterRequest::close;
}

void RequestHandler::settle() {
  context_.record.request_bytes = body_.received();
  context_.record.total = SteadyClock::now() - context_.began;
  if (context_.worker.on_access) context_.worker.on_access(context_.record);
}

}  // namespace spillway::gateway
