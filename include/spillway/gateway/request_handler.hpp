#pragma once
// One request, from its head to its log line, in the order of docs/life-of-a-request.md. The
// attempt loop, the only one of its kind, is here.

#include <spillway/gateway/admission.hpp>
#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/relay.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/http/message.hpp>
#include <spillway/routing/retry_policy.hpp>

#include <boost/container/small_vector.hpp>

#include <optional>
#include <string>

namespace spillway::gateway {

class RequestHandler {
 public:
  RequestHandler(WorkerState& worker, const ClientSide& client, http::RequestHead head,
                 const Arrival& arrival);
  ~RequestHandler();
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;

  /// Answers the request, whatever comes.
  net::Task<AfterRequest> run();
  /// After it: accounts for the request and writes its access record.
  void settle();

 private:
  std::optional<Reply> refusal_before_body();
  net::Task<AfterRequest> refuse_a_place(Reply refusal);
  net::Task<AfterRequest> read_body();
  net::Task<AfterRequest> answer(base::SteadyTime now);
  net::Task<AfterRequest> attempt_until_answered(base::SteadyTime now);
  net::Task<routing::Decision> repeat(Attempt& attempt, routing::Decision decision,
                                      routing::Outcome& outcome);
  void note_outcome(Attempt& attempt, routing::Decision decision, const routing::Outcome& outcome);
  net::Task<AfterRequest> answer_exhausted();
  net::Task<AfterRequest> refuse(base::Error error);
  net::Task<AfterRequest> reply(Reply answer);
  net::Task<AfterRequest> answer_options();
  net::Task<AfterRequest> write_own(const std::string& text, AfterRequest when_written);
  [[nodiscard]] ReplyOptions reply_options() const;
  net::Task<AfterRequest> deliver(Attempt& attempt);
  net::Task<AfterRequest> run_tunnel(Attempt& attempt);
  net::Task<bool> prepare_repeat(Attempt& attempt, routing::Decision decision,
                                 routing::Progress& progress);
  [[nodiscard]] routing::Progress progress_after(const Attempt& attempt,
                                                 const routing::Outcome& outcome) const;
  [[nodiscard]] bool is_search_incomplete() const;
  [[nodiscard]] telemetry::Ending ending_without_answer() const;
  [[nodiscard]] bool may_keep_alive() const;
  [[nodiscard]] bool is_access_logged() const;

  RequestContext context_;
  RequestBody body_;
  Admission admission_;
  boost::container::small_vector<std::size_t, 4> tried_;
  boost::container::small_vector<routing::Outcome, 2> outcomes_;
  std::optional<Attempt> attempt_;  // the one under way
  std::optional<Relay> relay_;      // of the attempt whose answer is delivered
};

}  // namespace spillway::gateway
