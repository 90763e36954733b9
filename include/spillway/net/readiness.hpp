#pragma once
// Whether a socket can be read and written, as far as is known. The kernel tells it once for each
// change (epoll, edge-triggered), and what reading and writing found is noted here; so a wait costs
// no system call, nor does asking whether anything came. Asio's own wait costs an epoll_ctl each.
//
// One thread: that of the executor's io_context, which must be running for a wait to end.

#include <spillway/base/error.hpp>
#include <spillway/net/continuation.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>

#include <cstdint>

namespace spillway::net {

class Reactor;

class Readiness {
 public:
  /// The descriptor must stay open until leave() or close(), and no other Readiness may have it.
  /// `side`: who is at the other end.
  Readiness(const Executor& executor, int descriptor, base::Side side);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  /// False if the system would not watch the descriptor (no memory): it is of no use then.
  [[nodiscard]] bool is_watched() const { return is_watched_; }

  /// Bytes may be there, or the end. False: nothing has come when the event loop last looked.
  [[nodiscard]] bool is_readable() const { return is_readable_; }
  /// Reading found nothing more, or less than it asked for: what comes from now on is told anew.
  /// (Once the peer has ended its side that stays readable, because it is not told a second time:
  /// epoll(7), question 9.)
  void note_drained() { is_readable_ = has_ended_; }
  /// Writing found no room.
  void note_full() { is_writable_ = false; }

  /// To be co_awaited: ends when reading (writing) may make progress, or after close(). One at a
  /// time each, and beside it one on_readable().
  auto wait_readable() {
    return Wait([this](Continuation go_on) { begin_wait_readable(std::move(go_on)); });
  }
  auto wait_writable() {
    return Wait([this](Continuation go_on) { begin_wait_writable(std::move(go_on)); });
  }
  /// The same without co_await.
  void begin_wait_readable(Continuation go_on);
  void begin_wait_writable(Continuation go_on);
  /// As wait_readable(), but calls back, always from the event loop and never from within.
  void on_readable(Continuation callback);
  /// Forgets on_readable(). False: there is none, or it is on its way already.
  bool take_back_readable() { return static_cast<bool>(taken(callback_)); }
  /// Stream::should_write_later() and try_write_later() of the stream that this is of.
  [[nodiscard]] bool has_turn_more() const;
  void begin_write_later(Stream& stream, const Pieces& pieces, TryResult& result,
                         Continuation go_on);
  /// Runs it from the event loop, in its turn.
  void post(Continuation continuation);

  /// Ends every wait, from the event loop. The descriptor is to be closed at once: what is watched
  /// is still told.
  void close();
  /// As close(), and nobody watches the descriptor any more, which may go on elsewhere.
  void leave();

 private:
  friend class Reactor;

  void wait_or_go_on(Continuation& waiting, bool is_ready, Continuation continuation);
  Continuation taken(Continuation& waiting);
  void tell(std::uint32_t events);

  Executor executor_;
  Reactor& reactor_;
  int descriptor_;
  base::Side side_;
  Continuation reader_;
  Continuation callback_;  // of on_readable
  Continuation writer_;
  Readiness* previous_ = nullptr;  // in the reactor's list
  Readiness* next_ = nullptr;
  bool is_watched_ = false;
  bool is_readable_ = false;
  bool is_writable_ = true;
  bool has_ended_ = false;
  bool is_closed_ = false;
};

}  // namespace spillway::net
