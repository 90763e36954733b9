#pragma once
// One request, from its head to its log line, in the order of docs/life-of-a-request.md. The
// attempt loop, the only one of its kind, is here.

#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/http/message.hpp>
#include <spillway/routing/retry_policy.hpp>

#include <optional>
#include <string>
#include <vector>

namespace spillway::gateway {

class RequestHandler {
 public:
  RequestHandler(WorkerState& worker, const ClientSide& client, http::RequestHead head,
                 const std::string& peer);
  ~RequestHandler();
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;

  /// Answers the request, whatever comes, and writes its access record.
  net::Task<AfterRequest> run();

 private:
  net::Task<AfterRequest> handle();
  std::optional<Reply> authenticate();
  std::optional<Reply> recognise_path();
  net::Task<base::Result<void>> read_body();
  std::optional<Reply> find_pool();
  net::Task<AfterRequest> attempt_until_answered();
  net::Task<routing::Decision> attempt_once(Attempt& attempt);
  net::Task<AfterRequest> answer_exhausted();
  net::Task<AfterRequest> refuse(const base::Error& error);
  net::Task<AfterRequest> reply(Reply answer);
  [[nodiscard]] routing::Progress progress_after(const Attempt& attempt) const;
  [[nodiscard]] bool is_limited_to_deployments() const;
  [[nodiscard]] bool is_deployment_hidden() const;
  [[nodiscard]] bool is_upload() const;
  [[nodiscard]] telemetry::Ending ending_without_answer() const;
  [[nodiscard]] bool may_keep_alive() const;
  [[nodiscard]] std::uint64_t max_body() const;
  void settle();

  RequestContext context_;
  RequestBody body_;
  identity::Caller caller_;
  std::vector<std::size_t> tried_;
  std::vector<routing::Outcome> outcomes_;
};

}  // namespace spillway::gateway
