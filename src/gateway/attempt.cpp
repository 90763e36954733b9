#include <spillway/aoai/rate_limit_headers.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/gateway/accounting.hpp>
#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/body_edits.hpp>
#include <spillway/gateway/client_pause.hpp>
#include <spillway/gateway/hops.hpp>
#include <spillway/gateway/upload.hpp>
#include <spillway/gateway/upstream_request.hpp>
#include <spillway/http/websocket_handshake.hpp>
#include <spillway/identity/callers_token.hpp>

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

constexpr std::size_t kDiscardBytes = 64U << 10U;
constexpr unsigned kExpectationFailed = 417;  // of a server that does not know 100-continue
// How long a refused request waits for another token, and how often it looks.
constexpr auto kRenewalPatience = std::chrono::seconds(2);
constexpr auto kRenewalLook = std::chrono::milliseconds(20);

}  // namespace

Attempt::Attempt(RequestContext& context, RequestBody& body, routing::Choice choice)
    : context_(context),
      body_(body),
      choice_(std::move(choice)),
      member_(context.pool->members()[choice_.member]),
      runtime_(context.snapshot->backends[member_.backend]) {}

// The client is watched on behalf of this exchange only.
Attempt::~Attempt() {
  context_.client.ahead.ignore();
}

const config::Backend& Attempt::backend() const {
  return *member_.configured;
}

void Attempt::set_deadline(base::Duration after, std::string_view phase) {
  set_deadline(SteadyClock::now(), after, phase);
}

void Attempt::set_deadline(base::SteadyTime from, base::Duration after, std::string_view phase) {
  const base::SteadyTime when = from + after;
  const bool is_total = context_.total_deadline < when;
  exchange_->set_deadline(is_total ? context_.total_deadline : when, is_total ? "total" : phase);
}

void Attempt::set_total_deadline() {
  exchange_->set_deadline(context_.total_deadline, "total");
}

void Attempt::watch_client() {
  context_.client.ahead.watch(when_client_goes());
}

std::function<void()> Attempt::when_client_goes() {
  return [this] {
    const Error gone(Fault::client_gone, Side::client, "the client closed its connection");
    exchange_->close(context_.client.stream.failure().value_or(gone));
  };
}

net::Task<routing::Outcome> Attempt::run(upstream::Source source, base::SteadyTime now) {
  began_ = now;
  judge_.reset();
  observer_.reset();
  answer_.reset();
  client_error_.reset();
  authorization_ = find_authorization();
  if (!authorization_) {
    routing::Outcome outcome;
    outcome.kind = routing::OutcomeKind::no_credential;
    if (is_pass_through()) context_.is_callers_token_missing = true;
    note(outcome, explain_missing_credential());
    co_return outcome;
  }
  exchange_.emplace(context_.worker.transport, runtime_.target);
  is_body_asked_for_ = body_.is_streamed() && Upload::is_worth_asking(body_.length());
  auto exchanged = co_await exchange_heads(source);
  if (exchanged && is_body_asked_for_ && answer_->status == kExpectationFailed) {
    is_body_asked_for_ = false;
    exchange_.emplace(context_.worker.transport, runtime_.target);
    exchanged = co_await exchange_heads(upstream::Source::fresh);
  }
  if (!exchanged) {
    const Error error = exchanged.error();
    co_return fail(error);
  }
  routing::Outcome outcome = judge_head();
  if (judge_->needs_body(outcome)) outcome = co_await judge_->judge_body(outcome);
  co_return conclude(outcome);
}

routing::Outcome Attempt::fail(const Error& error) {
  routing::Outcome outcome = routing::outcome_of_fault(error.fault());
  // A slow or malformed upload is no news about the backend.
  if (error.side() == Side::client) {
    outcome.kind = routing::OutcomeKind::cancelled;
    client_error_ = error;
  }
  note(outcome, error.detail());
  return outcome;
}

std::optional<identity::Authorization> Attempt::find_authorization() const {
  if (!is_pass_through()) return runtime_.credential->current();
  const auto fields = context_.head.fields.views();
  return identity::callers_token(fields, context_.snapshot->configuration);
}

std::string Attempt::explain_missing_credential() const {
  const std::string who = "credential " + runtime_.credential->name();
  if (!is_pass_through()) return who + " has no valid token";
  return who + " forwards the caller's own token, and the request has none";
}

// Sends and reads step by step: nearly every request goes out in one write, and the head of its
// answer comes in one read, without a coroutine for either.
net::Task<Result<void>> Attempt::exchange_heads(upstream::Source source) {
  const config::Timeouts& timeouts = context_.pool->configured().timeouts;
  // A streamed body is still being read off the client's stream.
  if (body_.is_streamed()) {
    context_.client.ahead.watch_without_reading(when_client_goes());
  } else {
    watch_client();
  }
  base::SteadyTime connected_at = began_;
  if (!take_connection(source)) {
    set_deadline(timeouts.connect, upstream::Exchange::kConnectPhase);
    const auto connected = co_await exchange_->connect();
    if (!connected) co_return connected.error();
    connected_at = SteadyClock::now();
  }
  set_deadline(connected_at, timeouts.first_byte, "first_byte");
  std::string head = make_head();
  std::optional<Result<void>> sent;
  if (body_.is_streamed()) {
    sent = co_await upload(head);
  } else {
    net::Stream& stream = exchange_->stream();
    net::Pieces pieces = pieces_of_request(head);
    net::TryResult tried;
    const bool was_tried = stream.try_write_now(pieces, tried);
    if (!was_tried) co_await stream.try_write_later(pieces, tried);
    sent = net::take_written(stream, pieces, tried);
    if (!sent) sent = co_await net::write_all(stream, pieces);
  }
  base::wipe(head);
  head.shrink_to_fit();  // it is long until the answer, and others send meanwhile
  if (!*sent) co_return sent->error();
  if (!body_.is_streamed()) {
    if (exchange_->has_to_wait_for_head()) co_await exchange_->stream().wait_readable();
    if (auto taken = take_received_answer()) co_return std::move(*taken);
  }
  auto answered = co_await exchange_->read_head(context_.head.method);
  co_return take_answer(answered);
}

// Nothing: the head has not come whole.
std::optional<Result<void>> Attempt::take_received_answer() {
  auto received = exchange_->receive_head(context_.head.method);
  if (!received) return std::nullopt;
  return take_answer(*received);
}

Result<void> Attempt::take_answer(Result<http::ResponseHead>& head) {
  if (exchange_->closed()) return *exchange_->closed();
  if (!head) return head.error();
  if (auto refusal = refusal_of_switch(head.value())) return std::move(*refusal);
  answer_ = std::move(head.value());
  return {};
}

bool Attempt::take_connection(upstream::Source source) {
  return source == upstream::Source::idle_or_fresh && exchange_->take_idle();
}

// A 101 is good only as the answer to this attempt's own handshake.
std::optional<Error> Attempt::refusal_of_switch(const http::ResponseHead& answer) const {
  if (answer.status != 101) return std::nullopt;
  if (!context_.upgrade) {
    return Error(Fault::upstream_malformed, Side::upstream,
                 "the backend switched protocols unasked");
  }
  const http::WebSocketOffer offer{websocket_key_, context_.upgrade->protocols};
  const auto verdict = http::check_websocket_answer(answer, offer);
  if (!verdict) return verdict.error().to_error(Side::upstream);
  return std::nullopt;
}

std::string Attempt::make_head() {
  edits_ = body_edits(context_, body_, choice_.upstream_deployment);
  const std::string target = aoai::upstream_target(
      context_.path, member_.configured->url.path_prefix, choice_.upstream_deployment);
  UpstreamRequest request;
  request.target = target;
  request.authority = runtime_.target->authority;
  request.credential_name = authorization_->name;
  request.credential_value = authorization_->value->reveal();
  const auto length = body_.length();
  if (length) request.body_length = edited_length(*length, edits_);
  request.is_chunked = context_.head.body.kind == http::Framing::chunked;
  request.expects_continue = is_body_asked_for_;
  const std::string via = via_for_backend(context_.head);
  request.via = via;
  request.forwarded =
      forwarded_fields(context_.arrival, context_.head, context_.snapshot->configuration.forwarded);
  if (context_.upgrade) {
    base::Random& random = context_.worker.random;
    websocket_key_ = http::make_websocket_key(random.next(), random.next());
    request.websocket_key = websocket_key_;
    request.websocket_protocols = context_.upgrade->protocols;
  }
  return format_upstream_head(context_.head, request);
}

// `head` lives until it is sent. It has room for a small body, which goes out in one piece with it.
net::Pieces Attempt::pieces_of_request(std::string& head) {
  std::string_view body = body_.held();
  if (!edits_.empty()) body = edited_body_ = aoai::apply_edits(body, edits_);
  if (body.size() <= kSmallBody) head += std::exchange(body, {});
  return {net::asio::buffer(head), net::asio::const_buffer(body.data(), body.size())};
}

net::Task<Result<void>> Attempt::upload(std::string_view head) {
  const auto asked = is_body_asked_for_ ? Upload::Asked::yes : Upload::Asked::no;
  Upload upload(*this, context_, body_);
  const auto sent = co_await upload.run(head, edits_, asked);
  if (sent && body_.is_consumed()) watch_client();
  co_return sent;
}

routing::Outcome Attempt::judge_head() {
  observer_.emplace(context_, *answer_, backend().name);
  judge_.emplace(context_, *this, *observer_);
  if (context_.pool->configured().balance == config::Balance::headroom) {
    const auto fields = answer_->fields.views();
    choice_.lease.learn_headroom(aoai::read_rate_limits(fields), SteadyClock::now());
  }
  return judge_->judge_head();
}

routing::Outcome Attempt::conclude(const routing::Outcome& outcome) {
  if (outcome.kind == routing::OutcomeKind::credential_refused) {
    runtime_.credential->report_refused();
  }
  note(outcome, judge_->detail());
  return outcome;
}

std::string_view Attempt::held() const {
  return judge_ ? judge_->held() : std::string_view();
}

bool Attempt::is_pass_through() const {
  return runtime_.credential->is_pass_through();
}

bool Attempt::has_renewable_credential() const {
  return authorization_ && authorization_->name == "authorization" && !is_pass_through();
}

net::Task<bool> Attempt::wait_for_new_token() {
  const base::SteadyTime give_up = SteadyClock::now() + kRenewalPatience;
  const std::shared_ptr<const base::Secret> refused = authorization_->value;
  for (;;) {
    const auto now = runtime_.credential->current();
    const bool is_renewed = now && now->value != refused;
    // Metadata services give the same token again and again.
    if (is_renewed) co_return now->value->reveal() != refused->reveal();
    if (SteadyClock::now() >= give_up) co_return false;
    const bool is_client_there = co_await pause_for(context_, kRenewalLook);
    if (!is_client_there) co_return false;
  }
}

void Attempt::note(const routing::Outcome& outcome, const std::string& detail) {
  telemetry::AttemptRecord attempt;
  attempt.backend = backend().name;
  attempt.deployment = choice_.upstream_deployment;
  attempt.outcome = routing::name_of(outcome.kind);
  attempt.status = outcome.status;
  if (outcome.fault) attempt.fault = base::name_of(*outcome.fault);
  attempt.reason = detail;
  if (outcome.delay.source != routing::DelaySource::none) {
    attempt.delay_source = routing::name_of(outcome.delay.source);
    attempt.delay = outcome.delay.duration;
  }
  // What is known by now: a guess is made at the end of the answer, from all of it.
  if (observer_) attempt.tokens = token_counts_of(observer_->reader().usage());
  ended_ = SteadyClock::now();
  attempt.duration = ended_ - began_;
  attempt.is_reused = was_reused();
  context_.record.attempts.push_back(std::move(attempt));
}

void Attempt::record(const routing::Outcome& outcome, base::SteadyTime now) {
  for (const auto& transition : choice_.lease.record(outcome, now)) {
    if (context_.worker.on_transition) context_.worker.on_transition(transition);
  }
}

void Attempt::discard() {
  context_.client.ahead.ignore();
  if (!exchange_) return;
  std::size_t dropped = 0;
  while (answer_ && !exchange_->is_body_done() && dropped < kDiscardBytes) {
    const auto piece = exchange_->take_buffered_body();
    if (!piece || piece.value().empty()) break;
    dropped += piece.value().size();
  }
  if (answer_) exchange_->finish(*answer_);
  exchange_.reset();
}

}  // namespace spillway::gateway
