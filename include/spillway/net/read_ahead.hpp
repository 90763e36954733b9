#pragma once
// Watches a client while its request is being served: if it goes away, somebody is told at once;
// what it sends already belongs to its next request and is kept, up to a bound.

#include <spillway/net/event.hpp>
#include <spillway/net/stream.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace spillway::net {

class ReadAhead {
 public:
  /// Pipelined bytes beyond this are left in the socket, and the client is no longer watched.
  static constexpr std::size_t kMaxBytes = 64U << 10U;

  ReadAhead(Stream& stream, Executor executor) : stream_(stream), settled_(std::move(executor)) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Begins or goes on watching. `on_gone` is called at most once, from the event loop, when the
  /// client has closed its side or the connection broke; a half-closed client counts as gone.
  void watch(std::function<void()> on_gone);
  /// As watch(), but leaves every byte to whoever reads the stream: `on_gone` is called by
  /// tell_closed() only.
  void watch_without_reading(std::function<void()> on_gone);
  /// The stream was closed on our side: whoever watches is told as if the client had gone.
  void tell_closed();
  /// Calls nobody from here on. The wait on the socket may stay outstanding.
  void ignore() { on_gone_ = nullptr; }

  /// Between two requests, to be co_awaited: ends when the stream may be readable or is closed, and
  /// reads nothing. May end early.
  auto wait() {
    begin_waiting();
    return settled_.wait();
  }
  /// Ends a wait() while nothing has come, so that nothing of this is outstanding on the stream.
  /// False: something has, or nobody waits.
  bool end_waiting();
  /// Whether the wait on the socket is outstanding.
  [[nodiscard]] bool is_waiting() const { return is_pending_; }
  /// Whoever read the stream itself found its end.
  void note_gone() { is_gone_ = true; }
  /// Ends when nothing is outstanding. The stream must have been closed before.
  Task<void> settle();

  [[nodiscard]] bool is_client_gone() const { return is_gone_; }
  /// The bytes that came; leaves none.
  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }

 private:
  void begin_waiting();
  void arm();
  void on_readable();
  [[nodiscard]] bool read_what_is_there();

  Stream& stream_;
  Event settled_;
  std::function<void()> on_gone_;
  std::string bytes_;
  bool may_read_ = true;
  bool is_pending_ = false;
  bool is_gone_ = false;
};

}  // namespace spillway::net
