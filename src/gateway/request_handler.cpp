#include <spillway/aoai/creating_call.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/accounting.hpp>
#include <spillway/gateway/body_edits.hpp>
#include <spillway/gateway/client_pause.hpp>
#include <spillway/gateway/client_writing.hpp>
#include <spillway/gateway/hops.hpp>
#include <spillway/gateway/ownership.hpp>
#include <spillway/gateway/request_handler.hpp>
#include <spillway/gateway/request_id.hpp>
#include <spillway/gateway/tunnel.hpp>
#include <spillway/http/date.hpp>
#include <spillway/routing/exhaustion.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::SteadyClock;

namespace {

unsigned retry_count_of(const http::FieldList& fields) {
  const auto text = fields.find("x-stainless-retry-count");
  const auto count = text ? base::parse_unsigned(*text) : std::nullopt;
  return count ? static_cast<unsigned>(std::min<std::uint64_t>(*count, 1000)) : 0;
}

bool is_repeat(routing::Decision decision) {
  return decision == routing::Decision::repeat_on_fresh_connection ||
         decision == routing::Decision::repeat_with_new_token ||
         decision == routing::Decision::repeat_after_pause;
}

}  // namespace

RequestHandler::RequestHandler(WorkerState& worker, const ClientSide& client,
                               http::RequestHead head, const Arrival& arrival)
    : context_(worker, client, std::move(head), arrival),
      body_(client, context_.head, context_.snapshot->configuration.limits, worker.process,
            context_.began),
      admission_(context_, body_) {
  telemetry::AccessRecord& record = context_.record;
  record.time = worker.wall_clock.at(context_.began);
  record.request_id = request_id_of(context_.head.fields, worker.random);
  record.peer = arrival.peer;
  const config::Forwarded& rules = context_.snapshot->configuration.forwarded;
  const bool is_through_proxy = !rules.trusted_proxies.empty();
  if (is_through_proxy) {
    record.client_address = client_address(arrival, context_.head.fields, rules);
  }
  record.method = context_.head.method;
  if (is_access_logged()) record.target = aoai::redacted_target(context_.head.target);
  record.client_retry_count = retry_count_of(context_.head.fields);
  worker.requests_in_flight.add(1);
  worker.requests_total.add(1);
}

RequestHandler::~RequestHandler() {
  context_.worker.requests_in_flight.subtract(1);
}

bool RequestHandler::is_access_logged() const {
  return context_.snapshot->configuration.log.access;
}

// No coroutine of its own: a request whose body has come with its head waits for nothing here.
net::Task<AfterRequest> RequestHandler::run() {
  if (is_for_gateway(context_.head)) return answer_options();
  if (auto refusal = refusal_before_body()) return reply(std::move(*refusal));
  if (auto refusal = admission_.take_place()) return refuse_a_place(std::move(*refusal));
  const auto received = admission_.take_body();
  if (!received) return read_body();
  return *received ? answer(context_.began) : refuse(received->error());
}

net::Task<AfterRequest> RequestHandler::refuse_a_place(Reply refusal) {
  co_await body_.drop();
  co_return co_await reply(std::move(refusal));
}

net::Task<AfterRequest> RequestHandler::read_body() {
  const auto received = co_await admission_.read_body();
  if (received) co_return co_await answer(SteadyClock::now());
  Error error = received.error();
  co_return co_await refuse(std::move(error));
}

net::Task<AfterRequest> RequestHandler::answer(base::SteadyTime now) {
  if (auto refusal = admission_.find_pool()) return reply(std::move(*refusal));
  return attempt_until_answered(now);
}

std::optional<Reply> RequestHandler::refusal_before_body() {
  if (auto refusal = refusal_of_loop(context_.head)) return refusal;
  if (auto refusal = admission_.authenticate()) return refusal;
  return admission_.recognise_path();
}

net::Task<AfterRequest> RequestHandler::attempt_until_answered(base::SteadyTime now) {
  find_owner(context_);
  context_.is_usage_added = is_usage_to_be_added(context_);
  for (;; now = SteadyClock::now()) {
    auto choice =
        context_.pool->select(context_.demand(), tried_, now, context_.worker.random.next());
    if (!choice) co_return co_await answer_exhausted();
    tried_.push_back(choice->member);
    Attempt& attempt = attempt_.emplace(context_, body_, std::move(*choice));
    routing::Outcome outcome = co_await attempt.run(upstream::Source::idle_or_fresh, now);
    routing::Decision decision = routing::decide(outcome, progress_after(attempt, outcome));
    if (is_repeat(decision)) decision = co_await repeat(attempt, decision, outcome);
    note_outcome(attempt, decision, outcome);
    if (context_.client.ahead.is_client_gone() || context_.client.stream.is_closed()) {
      context_.record.ending = ending_without_answer();
      co_return AfterRequest::abort;
    }
    if (attempt.client_error()) {
      attempt.discard();
      Error error = *attempt.client_error();
      co_return co_await refuse(std::move(error));
    }
    if (decision == routing::Decision::deliver) co_return co_await deliver(attempt);
    attempt.discard();
    if (decision == routing::Decision::give_up) co_return co_await answer_exhausted();
    attempt_.reset();  // in flight no more when the next backend is chosen
  }
}

net::Task<AfterRequest> RequestHandler::deliver(Attempt& attempt) {
  if (attempt.answer().status == 101) return run_tunnel(attempt);
  const bool is_success = attempt.answer().status >= 200 && attempt.answer().status < 300;
  if (is_success) forget_deleted(context_);
  const AfterRequest when_complete =
      may_keep_alive() ? AfterRequest::keep_alive : AfterRequest::close;
  relay_.emplace(context_, attempt, when_complete);
  return relay_->run();
}

// Apart: a tunnel is large, and its coroutine's frame would be that of every answer.
net::Task<AfterRequest> RequestHandler::run_tunnel(Attempt& attempt) {
  Tunnel tunnel(context_, attempt, *context_.upgrade);
  co_return co_await tunnel.run();
}

telemetry::Ending RequestHandler::ending_without_answer() const {
  const auto& closed = context_.client.stream.failure();
  return closed && closed->fault() == Fault::shutting_down ? telemetry::Ending::shutting_down
                                                           : telemetry::Ending::client_gone;
}

// The repeats on one member, which cost nobody anything. `outcome` becomes that of the last run.
net::Task<routing::Decision> RequestHandler::repeat(Attempt& attempt, routing::Decision decision,
                                                    routing::Outcome& outcome) {
  routing::Progress progress = progress_after(attempt, outcome);
  while (is_repeat(decision)) {
    const bool is_ready = co_await prepare_repeat(attempt, decision, progress);
    if (is_ready) {
      const bool is_fresh = decision == routing::Decision::repeat_on_fresh_connection;
      const auto source = is_fresh ? upstream::Source::fresh : upstream::Source::idle_or_fresh;
      outcome = co_await attempt.run(source, SteadyClock::now());
    }
    const routing::Progress before = progress;
    progress = progress_after(attempt, outcome);
    progress.has_repeated = before.has_repeated;
    progress.has_renewed_token = before.has_renewed_token;
    progress.has_paused = before.has_paused;
    decision = routing::decide(outcome, progress);
  }
  co_return decision;
}

void RequestHandler::note_outcome(Attempt& attempt, routing::Decision decision,
                                  const routing::Outcome& outcome) {
  if (decision == routing::Decision::try_next && outcome.kind == routing::OutcomeKind::fault) {
    context_.pool->retry_budget().take_retry(SteadyClock::now());
  }
  attempt.record(outcome, attempt.ended());
  outcomes_.push_back(outcome);
}

// False: there is no use in it, what came of the last run stands.
net::Task<bool> RequestHandler::prepare_repeat(Attempt& attempt, routing::Decision decision,
                                               routing::Progress& progress) {
  if (decision == routing::Decision::repeat_on_fresh_connection) {
    progress.has_repeated = true;
    co_return true;
  }
  attempt.discard();
  if (decision == routing::Decision::repeat_with_new_token) {
    progress.has_renewed_token = true;
    co_return co_await attempt.wait_for_new_token();
  }
  progress.has_paused = true;
  co_return co_await pause_for(context_, routing::kReplicationPause);
}

routing::Progress RequestHandler::progress_after(const Attempt& attempt,
                                                 const routing::Outcome& outcome) const {
  routing::Progress progress;
  const auto used = std::count_if(outcomes_.begin(), outcomes_.end(), [&](const auto& earlier) {
    return routing::uses_attempt(earlier, context_.ownership);
  });
  progress.attempts = static_cast<unsigned>(used) + 1;
  progress.max_attempts = context_.pool->configured().retry.max_attempts;
  progress.is_replayable = body_.is_replayable();
  progress.is_creating = aoai::is_creating(context_.path, context_.head.method, context_.facts);
  progress.was_connection_reused = attempt.was_reused();
  progress.was_answer_begun = attempt.has_answer_begun();
  const base::SteadyTime now = attempt.ended();
  progress.has_time_left = now < context_.total_deadline;
  progress.ownership = context_.ownership;
  // What follows is asked for only where it can matter: not on the way of a plain success.
  if (outcome.kind == routing::OutcomeKind::success) return progress;
  progress.has_renewed_token = !attempt.has_renewable_credential();
  progress.has_other_member = context_.pool->has_another(context_.demand(), tried_, now);
  progress.has_budget = context_.pool->retry_budget().has_retry(now);
  progress.is_search_incomplete = is_search_incomplete();
  return progress;
}

// Whether a member that serves the deployment has not said that it does not know the id.
bool RequestHandler::is_search_incomplete() const {
  if (context_.ownership != routing::Ownership::unknown) return false;
  const bool has_failed = std::any_of(outcomes_.begin(), outcomes_.end(),
                                      [](const auto& earlier) { return !earlier.is_unknown_id; });
  const routing::Exhausted::Out out =
      context_.pool->explain(context_.demand(), SteadyClock::now(), tried_).out;
  return has_failed || out.throttled + out.faulty + out.refusing + out.missing > 0;
}

net::Task<AfterRequest> RequestHandler::answer_exhausted() {
  const base::SteadyTime now = SteadyClock::now();
  const routing::Exhausted exhausted = context_.pool->explain(context_.demand(), now, tried_);
  const routing::Exhaustion why = routing::describe_exhaustion(
      context_.pool->configured().name, context_.deployment, outcomes_, exhausted, now);
  Reply answer;
  answer.status = why.status;
  answer.code = why.code;
  answer.message = why.message;
  if (!context_.owner.empty()) {
    answer.message += " Only backend '" + context_.owner + "' knows what the request names.";
  }
  answer.retry_after = why.retry_after;
  answer.should_not_retry = why.should_not_retry;
  if (context_.is_callers_token_missing && why.code == "spillway_no_credential") {
    answer.message =
        "The backend is called with the caller's own token (pass_through), and this request has "
        "none. Send an Entra token for Azure OpenAI, once, as 'Authorization: Bearer TOKEN'.";
    answer.should_not_retry = true;
  }
  co_return co_await reply(std::move(answer));
}

net::Task<AfterRequest> RequestHandler::refuse(Error error) {
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

ReplyOptions RequestHandler::reply_options() const {
  ReplyOptions options;
  const bool is_id_shown = context_.snapshot->configuration.server.response_headers.request_id;
  if (is_id_shown) options.request_id = context_.record.request_id;
  options.is_head_request = context_.head.method == "HEAD";
  options.keeps_alive = may_keep_alive();
  options.client_version = context_.head.version;
  options.date = context_.worker.date.at(std::chrono::system_clock::now());
  return options;
}

net::Task<AfterRequest> RequestHandler::reply(Reply answer) {
  const ReplyOptions options = reply_options();
  context_.record.status = answer.status;
  context_.record.error_code = answer.code;
  context_.record.error = answer.log_detail.empty() ? answer.message : answer.log_detail;
  const std::string text = format_reply(answer, options);
  const auto after = options.keeps_alive ? AfterRequest::keep_alive : AfterRequest::close;
  co_return co_await write_own(text, after);
}

net::Task<AfterRequest> RequestHandler::answer_options() {
  const ReplyOptions options = reply_options();
  context_.record.status = kOptionsStatus;
  const std::string text = format_options_reply(options);
  const auto after = options.keeps_alive ? AfterRequest::keep_alive : AfterRequest::close;
  co_return co_await write_own(text, after);
}

net::Task<AfterRequest> RequestHandler::write_own(const std::string& text,
                                                  AfterRequest when_written) {
  context_.record.ending = telemetry::Ending::refused;
  context_.record.first_byte = SteadyClock::now() - context_.began;
  const auto written = co_await write_to_client(context_, net::asio::buffer(text));
  if (!written) co_return AfterRequest::abort;
  co_return when_written;
}

void RequestHandler::settle() {
  relay_.reset();
  attempt_.reset();
  context_.record.request_bytes += body_.received();
  context_.record.total = SteadyClock::now() - context_.began;
  account(context_);
  if (is_access_logged() && context_.worker.on_access) {
    context_.worker.on_access(context_.record);
  }
}

}  // namespace spillway::gateway
