#include <spillway/gateway/answer_judge.hpp>
#include <spillway/gateway/attempt.hpp>

#include <chrono>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Side;
using base::SteadyClock;
using routing::Outcome;

namespace {

// An error's code stands at its beginning; more of a body is not read for it.
constexpr std::size_t kMaxCodeBytes = 8U << 10U;

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

}  // namespace

Outcome AnswerJudge::judge_head() const {
  const http::ResponseHead& answer = attempt_.answer();
  // The date is for a Retry-After, which a success is not asked for.
  const bool may_delay = answer.status >= 400;
  const base::WallTime now = may_delay ? std::chrono::system_clock::now() : base::WallTime();
  return routing::outcome_of_answer(answer.status, answer.fields.views(), now,
                                    /*is_own_credential=*/!attempt_.is_pass_through(),
                                    /*is_deployment_missing=*/false);
}

bool AnswerJudge::needs_body(const Outcome& of_head) const {
  const unsigned status = attempt_.answer().status;
  if (status == 404 || status == 400) return true;
  return of_head.kind == routing::OutcomeKind::success && observer_.is_event_stream();
}

net::Task<Outcome> AnswerJudge::judge_body(Outcome of_head) {
  const unsigned status = attempt_.answer().status;
  if (status == 404 || status == 400) return judge_refusal(of_head);
  return judge_stream(of_head);
}

net::Task<Outcome> AnswerJudge::judge_refusal(Outcome outcome) {
  const bool is_mapped = !attempt_.backend().deployments.empty();
  const bool names_ids = context_.ownership != routing::Ownership::none;
  if (!names_ids && (!is_mapped || outcome.status != 404)) co_return outcome;
  co_await read_code();
  if (is_mapped && is_missing_deployment()) {
    outcome.kind = routing::OutcomeKind::deployment_missing;
  } else {
    outcome.is_unknown_id = names_ids && is_unknown_id();
  }
  co_return outcome;
}

net::Task<void> AnswerJudge::read_code() {
  while (held_.size() < kMaxCodeBytes && !attempt_.exchange().is_body_done()) {
    const auto piece = co_await attempt_.exchange().read_body_piece();
    if (!piece || piece.value().empty()) break;
    hold(piece.value());
  }
}

// A 404 is the caller's affair unless it says that the deployment we mapped is not there.
bool AnswerJudge::is_missing_deployment() const {
  return attempt_.answer().status == 404 && contains(held_, "DeploymentNotFound");
}

bool AnswerJudge::is_unknown_id() const {
  if (contains(held_, "DeploymentNotFound")) return false;
  return attempt_.answer().status == 404 || contains(held_, "_not_found\"");
}

void AnswerJudge::hold(std::string_view bytes) {
  observer_.observe(bytes);
  held_ += bytes;
}

// Until output comes, or an end, or a bound: then the answer is the caller's.
net::Task<Outcome> AnswerJudge::judge_stream(Outcome outcome) {
  const config::Pool& pool = context_.pool->configured();
  const base::SteadyTime until = SteadyClock::now() + pool.commit_hold.time;
  upstream::Exchange& exchange = attempt_.exchange();
  attempt_.set_deadline(pool.timeouts.idle, "idle");
  while (may_hold_more(until)) {
    const auto piece = co_await exchange.read_body_piece_until(until);
    if (exchange.closed()) co_return outcome_of_break(*exchange.closed());
    if (!piece) co_return outcome_of_break(piece.error());
    hold(piece.value());
    const aoai::StreamError* error = observer_.reader().error();
    if (error != nullptr && error->came_before_output) co_return outcome_of_stream_error();
    if (!exchange.is_body_done()) continue;
    if (observer_.reader().is_complete()) break;
    const Error truncated(Fault::upstream_closed, Side::upstream,
                          "the stream ended before any output");
    co_return outcome_of_break(truncated);
  }
  co_return outcome;
}

bool AnswerJudge::may_hold_more(base::SteadyTime until) const {
  const config::CommitHold& most = context_.pool->configured().commit_hold;
  const aoai::AnswerReader& reader = observer_.reader();
  if (reader.has_output() || attempt_.exchange().is_body_done()) return false;
  return held_.size() < most.size && reader.event_count() < most.events &&
         SteadyClock::now() < until;
}

// As the status it names (behaviour §3).
Outcome AnswerJudge::outcome_of_stream_error() {
  const aoai::StreamError& error = *observer_.reader().error();
  std::vector<base::Field> fields;
  fields.reserve(error.headers.size());
  for (const auto& header : error.headers)
    fields.push_back({header.name, header.value});
  Outcome outcome =
      routing::outcome_of_answer(error.status, fields, std::chrono::system_clock::now(),
                                 /*is_own_credential=*/false, /*is_deployment_missing=*/false);
  outcome.is_in_stream = true;
  detail_ = "error event before output: " + (error.code.empty() ? error.type : error.code);
  return outcome;
}

Outcome AnswerJudge::outcome_of_break(const Error& error) {
  detail_ = error.detail();
  Outcome outcome = routing::outcome_of_fault(error.fault());
  if (outcome.fault) outcome.status = 0;
  return outcome;
}

}  // namespace spillway::gateway
