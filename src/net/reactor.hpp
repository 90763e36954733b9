#pragma once
// Asks epoll for all sockets of one event loop, tells each what changed, and makes the writes that
// came of it together (docs/decisions/0016). An EventLoop waits here; on any other io_context Asio
// waits for this epoll beside whatever else it does.
//
// Why not Asio's own waits: each of them is an epoll_ctl, and they do not tell an end that came
// together with the last bytes, so every read must be followed by one that finds nothing. For a
// small request those were 3 of 8 system calls (docs/benchmarks.md).

#include <spillway/base/descriptor.hpp>
#include <spillway/base/time.hpp>
#include <spillway/net/continuation.hpp>
#include <spillway/net/readiness.hpp>
#include <spillway/net/stream.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <sys/epoll.h>
#include <vector>

namespace spillway::net {

/// A write that waits for the end of the turn.
struct LateWrite {
  Stream* stream;
  const Pieces* pieces;
  TryResult* result;
  Continuation go_on;
};

class Reactor final : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;

  explicit Reactor(asio::execution_context& context);
  ~Reactor() override = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// The one of this event loop; made when first asked for. Throws std::system_error if the system
  /// has no descriptor for it.
  static Reactor& of(const Executor& executor);

  /// False: the system will not.
  bool add(Readiness& readiness);
  /// Nothing is told to it from here on. Its descriptor may still be watched by epoll, until it is
  /// closed or stop_watching() was called.
  void remove(Readiness& readiness);
  void stop_watching(int descriptor);

  /// One more waits, or one less: only while somebody waits does Asio.
  void count_waiter();
  void discount_waiter();

  /// From here on an EventLoop calls wait() and tell(); Asio does not.
  void drive();
  /// Waits so long for something to tell.
  void wait(std::chrono::milliseconds most);
  /// Tells it.
  void tell();
  /// Whether this turn has more to tell; and then: a write that is tried when all on the same side
  /// were told, or when enough wait, or after some milliseconds.
  [[nodiscard]] bool has_more_to_tell() const { return is_turning_ && next_ < count_; }
  void write_later(LateWrite write);
  /// Ends the wait() under way, or else the next. Any thread, after drive().
  void wake() const;

 private:
  using Watched = asio::posix::basic_stream_descriptor<Executor>;
  struct NextTurn;

  void shutdown() override;
  void arm();
  static bool is_of_backend(const epoll_event& event);
  [[nodiscard]] bool is_anything_left() const {
    return next_ < count_ || !late_.empty() || !written_.empty();
  }
  [[nodiscard]] bool is_late_enough();
  void write_and_go_on();
  void go_on();

  Executor executor_;
  base::Descriptor epoll_;
  std::optional<Watched> watched_;  // the same epoll, in Asio's hands
  base::Descriptor alarm_;          // an eventfd; of an EventLoop's
  std::array<epoll_event, 128> events_{};
  std::size_t next_ = 0;  // of the events: to be told
  std::size_t count_ = 0;
  std::size_t first_client_ = 0;  // those before it are of backends (docs/decisions/0020)
  std::vector<LateWrite> late_;   // bounded: one event brings few, and enough are written at once
  base::SteadyTime late_since_;
  unsigned told_since_ = 0;         // events
  std::vector<LateWrite> written_;  // from next_written_ on: to be told
  std::size_t next_written_ = 0;
  Readiness* first_ = nullptr;
  std::size_t waiters_ = 0;
  bool is_armed_ = false;
  bool is_turning_ = false;
};

}  // namespace spillway::net
