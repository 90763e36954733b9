#pragma once
// One request to one backend and its answer: take an idle connection or connect, send, read the
// head, read the body, give the connection back. Knows no policy; ends at once, from whatever
// phase, when close() is called (by its own deadline, or by whoever watches the client).

#include <spillway/base/result.hpp>
#include <spillway/base/time.hpp>
#include <spillway/http/message.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/upstream/connection_pool.hpp>
#include <spillway/upstream/connector.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::upstream {

/// What exchanges of one worker share.
struct Transport {
  net::Executor executor;
  net::DeadlineWheel& wheel;
  const net::Resolver& resolver;
  ConnectionPool& pool;
};

enum class Source : std::uint8_t { idle_or_fresh, fresh };

class Exchange {
 public:
  /// `target` outlives this.
  Exchange(Transport& transport, const std::shared_ptr<const Target>& target);
  Exchange(Transport& transport, std::shared_ptr<const Target>&& target) = delete;
  /// Closes the connection unless it was given back by finish().
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  static constexpr std::string_view kConnectPhase = "connect";

  /// A deadline for what comes next; when it passes, the exchange closes with timed_out (in the
  /// connect phase: connect_failed) and a detail that names the phase: kConnectPhase, "first_byte",
  /// "idle", "total".
  void set_deadline(base::SteadyTime when, std::string_view phase);

  /// A connection that was kept, if there is one. Else connect().
  [[nodiscard]] bool take_idle();
  net::Task<base::Result<void>> connect();
  /// Head and (the first piece of) the body, in one write where it goes.
  net::Task<base::Result<void>> send(std::string_view head, std::string_view body);
  /// A piece of a body that is sent bit by bit. `not_wanted`, and not all of it sent, once the
  /// backend gives its final answer (or ends) before it has the whole request: the rest is then not
  /// worth sending, and the connection will not be reused.
  net::Task<base::Result<net::Sent>> send_unless_answered(net::Pieces pieces);
  /// The same, asked between two pieces.
  [[nodiscard]] bool is_answered_early();
  /// The same, after `Expect: 100-continue`: ends when the backend asks for the body, answers
  /// without it, or when `until` has passed (not every server knows the expectation).
  net::Task<bool> is_answered_without_body(base::SteadyTime until);
  net::Task<base::Result<http::ResponseHead>> read_head(std::string_view method);
  /// Its steps after a request that was sent as a whole: wait for stream() to be readable if
  /// has_to_wait_for_head(), then receive_head(), and if that gives nothing, read_head().
  [[nodiscard]] bool has_to_wait_for_head();
  std::optional<base::Result<http::ResponseHead>> receive_head(std::string_view method);
  /// See http::MessageReader::read_body_piece and take_buffered_body.
  net::Task<base::Result<std::string_view>> read_body_piece();
  base::Result<std::string_view> take_buffered_body();
  /// As read_body_piece, but empty (and no is_body_done) when `until` has passed, within a tick of
  /// the wheel. The exchange goes on; the next read takes up the wait.
  net::Task<base::Result<std::string_view>> read_body_piece_until(base::SteadyTime until);
  [[nodiscard]] bool is_body_done() const;

  /// Puts the connection back for reuse if the answer ended by its own framing and `head` allows
  /// it; else closes it.
  void finish(const http::ResponseHead& head);
  void close(base::Error reason);

  /// The connection: for what is sent as a whole (send() with steps), and once the answer has
  /// switched protocols (101): raw bytes both ways, those of buffered() first. It is still closed
  /// by close(), the deadline and the destructor, and after a switch never reused.
  [[nodiscard]] net::Stream& stream() { return connection_->stream(); }
  [[nodiscard]] std::string_view buffered() const { return connection_->reader().buffered(); }

  [[nodiscard]] bool was_reused() const { return was_reused_; }
  /// Whether any byte of the answer has come.
  [[nodiscard]] bool has_answer_begun() const;
  [[nodiscard]] const std::optional<base::Error>& closed() const { return closed_; }

 private:
  // A wait for bytes that may outlive the call that began it.
  struct Watch;

  [[nodiscard]] base::Fault fault_of_timeout() const;
  net::Task<bool> wait_readable_until(base::SteadyTime until);
  net::Task<base::Result<http::ResponseHead>> read_head_when_readable(std::string_view method);

  Transport& transport_;
  const std::shared_ptr<const Target>& target_;
  Connector connector_;
  std::unique_ptr<Connection> connection_;
  net::Deadline deadline_;
  std::string_view phase_;
  std::optional<base::Error> closed_;
  std::shared_ptr<Watch> watch_;  // shared with the event loop, which may hold it for longer
  bool was_reused_ = false;
  bool is_reading_answer_ = false;
  bool is_request_cut_ = false;
};

}  // namespace spillway::upstream
