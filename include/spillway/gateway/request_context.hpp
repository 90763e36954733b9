#pragma once
// What is known of the request being handled; filled step by step by RequestHandler, read by its
// attempts and by the relay.

#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/multipart_form.hpp>
#include <spillway/aoai/request_facts.hpp>
#include <spillway/base/time.hpp>
#include <spillway/gateway/client_address.hpp>
#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/pace.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/websocket_upgrade.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/http/message.hpp>
#include <spillway/identity/authenticator.hpp>
#include <spillway/routing/affinity.hpp>
#include <spillway/routing/pool.hpp>
#include <spillway/routing/retry_policy.hpp>
#include <spillway/telemetry/access_record.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

struct RequestContext {
  RequestContext(WorkerState& on, const ClientSide& from, http::RequestHead received,
                 const Arrival& arrived)
      : worker(on),
        client(from),
        snapshot(on.snapshot),
        head(std::move(received)),
        arrival(arrived),
        began(base::SteadyClock::now()) {}

  /// What the pool is asked for. Views into this.
  [[nodiscard]] routing::Demand demand() const;
  /// Once the pool is known.
  void note_prompt();
  /// An id as this caller names it. `id` and this outlive it.
  [[nodiscard]] routing::NamedId named_id(std::string_view id) const;

  WorkerState& worker;
  const ClientSide& client;
  std::shared_ptr<const Snapshot> snapshot;  // the configuration that this request began under
  http::RequestHead head;
  const Arrival& arrival;
  base::SteadyTime began;
  base::SteadyTime total_deadline = base::SteadyTime::max();
  WritePace write_pace;  // of what is written to the client
  identity::Caller caller;
  aoai::ApiPath path;
  aoai::RequestFacts facts;
  std::string_view json_body;  // that they were read from, held as long as the request lasts
  /// How the prompt begins, where the pool wants to know.
  std::optional<std::uint64_t> prompt_cache_hash;
  // Few requests need these, and each in work has room for what lies in it.
  std::unique_ptr<const WebSocketUpgrade> upgrade;  // set: the caller asks for a WebSocket
  std::unique_ptr<aoai::MultipartForm> form;  // that goes on behind the held part, and is watched
  std::string deployment;                     // as the caller named it, in path or body
  bool is_deployment_unread = false;          // it may stand behind the held part of the body
  routing::Pool* pool = nullptr;
  /// Whether the request names what only one backend knows, and that backend if it is known.
  routing::Ownership ownership = routing::Ownership::none;
  std::string owner;
  bool is_callers_token_missing = false;  // a backend that wants it was passed over
  bool is_usage_added = false;            // we ask for a stream's usage, the caller did not
  telemetry::AccessRecord record;
};

}  // namespace spillway::gateway
