#pragma once
// One client connection: TLS if configured, then request after request until either side ends it.
// Runs as one coroutine in its worker's TaskGroup.

#include <spillway/gateway/client_address.hpp>
#include <spillway/gateway/client_connection.hpp>
#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/listener.hpp>
#include <spillway/net/read_ahead.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>
#include <spillway/net/tls_stream.hpp>

#include <memory>
#include <optional>
#include <string>

namespace spillway::gateway {

class RequestHandler;

class Session {
 public:
  /// Serves it until it ends, or waits in `worker.waiting` after a while without a request.
  static net::Task<void> run(WorkerState& worker, ClientConnection connection);
  /// The same for one that begins with a TLS handshake.
  static net::Task<void> run_tls(WorkerState& worker, net::Accepted accepted,
                                 std::shared_ptr<const net::TlsContext> tls,
                                 ConnectionPlaces places);

  /// `connection` outlives this.
  Session(WorkerState& worker, ClientConnection& connection);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Ends once idle: at once if it is idle now, else after the answer under way. With
  /// IdleClients::await: after an answer that says so, or when none is asked for within a moment.
  void drain();
  /// Ends now if no request is under way: memory is short.
  void close_if_idle();
  /// Ends now, visibly for the client, and the exchange with a backend with it.
  void cut(const base::Error& reason);

 private:
  static net::Task<void> refuse_plain(WorkerState& worker, ClientConnection connection,
                                      base::Error error);
  net::Task<void> serve();
  net::Task<void> serve_requests();
  void begin_waiting();
  [[nodiscard]] bool may_wait_elsewhere();
  void await_last_request();
  [[nodiscard]] bool is_request_awaited() const;
  void take_what_came();
  void stay();
  bool settle(RequestHandler& handler, AfterRequest after);
  net::Task<void> refuse(const base::Error& error);
  net::Task<void> linger();
  void set_deadline(base::Duration after, std::optional<Limit> limit);
  void set_head_deadline();
  void on_deadline();
  void note_request(http::RequestHead& head);

  WorkerState& worker_;
  ClientConnection& connection_;
  net::Stream& stream_;
  http::MessageReader reader_;
  net::ReadAhead ahead_;
  ClientTimer timer_;
  net::Deadline deadline_;
  Arrival arrival_;
  bool is_waiting_ = false;  // for a request
  bool is_idle_ = false;     // the same, and it is not the first
  bool is_draining_ = false;
  bool has_served_ = false;            // since it last waited
  bool is_to_wait_elsewhere_ = false;  // nothing came for a while
};

}  // namespace spillway::gateway
