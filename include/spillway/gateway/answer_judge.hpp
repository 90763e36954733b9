#pragma once
// What a backend's answer means for the attempt: the status, and as much of the body as must be
// looked at for it. Of a refusal the code; of a stream everything before its first output, so that
// an error event behind it can still be answered by another backend (behaviour §5, `commit_hold`).
// What was read is held for the caller, who gets every byte of it in the end.

#include <spillway/gateway/answer_observer.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/routing/outcome.hpp>

#include <string>
#include <string_view>

namespace spillway::gateway {

class Attempt;

class AnswerJudge {
 public:
  /// Judges the answer whose head `attempt` has.
  AnswerJudge(RequestContext& context, Attempt& attempt, AnswerObserver& observer)
      : context_(context), attempt_(attempt), observer_(observer) {}

  /// What the head says.
  [[nodiscard]] routing::Outcome judge_head() const;
  /// Whether it may mean something else because of its body.
  [[nodiscard]] bool needs_body(const routing::Outcome& of_head) const;
  net::Task<routing::Outcome> judge_body(routing::Outcome of_head);

  /// The beginning of the body, observed already.
  [[nodiscard]] std::string_view held() const { return held_; }
  /// What was wrong, in words, where the outcome comes of the body.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  net::Task<routing::Outcome> judge_refusal(routing::Outcome outcome);
  net::Task<routing::Outcome> judge_stream(routing::Outcome outcome);
  net::Task<void> read_code();
  [[nodiscard]] bool may_hold_more(base::SteadyTime until) const;
  void hold(std::string_view bytes);
  routing::Outcome outcome_of_stream_error();
  routing::Outcome outcome_of_break(const base::Error& error);
  [[nodiscard]] bool is_missing_deployment() const;
  [[nodiscard]] bool is_unknown_id() const;

  RequestContext& context_;
  Attempt& attempt_;
  AnswerObserver& observer_;
  std::string held_;
  std::string detail_;
};

}  // namespace spillway::gateway
