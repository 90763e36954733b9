#pragma once
// From the head of a request to the pool that serves it: who calls, what is asked, the body, which
// pool. Each step fills the RequestContext or says what the caller is told instead. Chooses no
// backend.

#include <spillway/gateway/reply.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>

#include <optional>

namespace spillway::gateway {

class Admission {
 public:
  Admission(RequestContext& context, RequestBody& body) : context_(context), body_(body) {}

  /// Before the body is read: nobody unknown makes us hold bytes.
  std::optional<Reply> authenticate();
  std::optional<Reply> recognise_path();
  /// Among the requests that the process serves at a time, held as long as this lives.
  std::optional<Reply> take_place();
  /// The body, if all of it came with the head; nothing: read_body().
  std::optional<base::Result<void>> take_body();
  net::Task<base::Result<void>> read_body();
  /// The pool, the deployment, and which backend alone knows what the request names.
  std::optional<Reply> find_pool();

 private:
  [[nodiscard]] std::optional<Reply> check_certificate() const;
  [[nodiscard]] bool is_limited_to_deployments() const;
  [[nodiscard]] bool is_deployment_hidden() const;
  [[nodiscard]] bool is_upload() const;
  [[nodiscard]] std::uint64_t max_body() const;

  RequestContext& context_;
  RequestBody& body_;
  Place place_;
};

}  // namespace spillway::gateway
