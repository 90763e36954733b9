#pragma once
// One attempt on one backend, up to where its answer can be judged: credential, connection,
// request, head, what of the body must be seen, outcome. While it runs the client is watched; if it
// goes, the exchange is closed at once.

#include <spillway/aoai/body_edit.hpp>
#include <spillway/gateway/answer_judge.hpp>
#include <spillway/gateway/answer_observer.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/routing/outcome.hpp>
#include <spillway/routing/pool.hpp>
#include <spillway/upstream/exchange.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::gateway {

class Attempt {
 public:
  Attempt(RequestContext& context, RequestBody& body, routing::Choice choice);
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// May be run again, for the repeats that routing::decide asks for.
  net::Task<routing::Outcome> run(upstream::Source source, base::SteadyTime now);

  /// Ends when the credential has another token than the one that was refused, or gives up soon.
  net::Task<bool> wait_for_new_token();

  /// Teaches the breaker. Once per run(), and once more if the answer breaks off later.
  void record(const routing::Outcome& outcome, base::SteadyTime now);
  /// When the last run() had its outcome.
  [[nodiscard]] base::SteadyTime ended() const { return ended_; }

  /// For what the backend is waited for next; the end of `timeouts.total` if that comes first.
  void set_deadline(base::Duration after, std::string_view phase);
  /// While it is not the backend that keeps us waiting.
  void set_total_deadline();

  /// The answer is not wanted: the connection is kept if its body is there already, else closed.
  void discard();

  [[nodiscard]] const http::ResponseHead& answer() const { return *answer_; }
  [[nodiscard]] upstream::Exchange& exchange() { return *exchange_; }
  /// The beginning of the answer's body, where it had to be looked at; observed already.
  [[nodiscard]] std::string_view held() const;
  [[nodiscard]] AnswerObserver& observer() { return *observer_; }
  [[nodiscard]] const config::Backend& backend() const;
  /// Whether its credential is one that is fetched, and may have been renewed elsewhere.
  [[nodiscard]] bool has_renewable_credential() const;
  /// Whether the backend gets the caller's own token, whose refusal is then the caller's affair.
  [[nodiscard]] bool is_pass_through() const;

  [[nodiscard]] bool was_reused() const { return exchange_ && exchange_->was_reused(); }
  [[nodiscard]] bool has_answer_begun() const { return exchange_ && exchange_->has_answer_begun(); }
  /// What was wrong with the rest of a streamed body, if that ended the attempt.
  [[nodiscard]] const std::optional<base::Error>& client_error() const { return client_error_; }

 private:
  net::Task<base::Result<void>> exchange_heads(upstream::Source source);
  [[nodiscard]] net::Pieces pieces_of_request(std::string& head);
  std::optional<base::Result<void>> take_received_answer();
  base::Result<void> take_answer(base::Result<http::ResponseHead>& head);
  net::Task<base::Result<void>> upload(std::string_view head);
  routing::Outcome judge_head();
  routing::Outcome conclude(const routing::Outcome& outcome);
  routing::Outcome fail(const base::Error& error);
  [[nodiscard]] std::optional<identity::Authorization> find_authorization() const;
  [[nodiscard]] std::string explain_missing_credential() const;
  [[nodiscard]] std::string make_head();
  [[nodiscard]] std::optional<base::Error> refusal_of_switch(
      const http::ResponseHead& answer) const;
  [[nodiscard]] bool take_connection(upstream::Source source);
  void set_deadline(base::SteadyTime from, base::Duration after, std::string_view phase);
  void watch_client();
  std::function<void()> when_client_goes();
  void note(const routing::Outcome& outcome, const std::string& detail);

  RequestContext& context_;
  RequestBody& body_;
  routing::Choice choice_;
  const routing::PoolMember& member_;
  const BackendRuntime& runtime_;
  std::optional<identity::Authorization> authorization_;
  std::optional<upstream::Exchange> exchange_;
  std::optional<http::ResponseHead> answer_;
  std::optional<AnswerObserver> observer_;
  std::optional<AnswerJudge> judge_;
  std::optional<base::Error> client_error_;
  std::vector<aoai::BodyEdit> edits_;  // of the held part, for this backend
  std::string edited_body_;            // what is sent instead of the caller's own bytes
  bool is_body_asked_for_ = false;     // Expect: 100-continue
  std::string websocket_key_;          // ours, of this run's handshake
  base::SteadyTime began_;
  base::SteadyTime ended_;  // the run, with an outcome
};

}  // namespace spillway::gateway
