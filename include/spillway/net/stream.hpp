#pragma once
// A connected byte stream: TCP, TLS, memory or faulty. The primitive is "try without blocking, else
// wait for readiness"; reading and writing are built on it once, for all streams. One worker owns a
// stream; nothing here is thread-safe.
//
// Cancellation is close(): every outstanding wait ends, and every later call returns the reason
// given to the first close(). A coroutine never returns while a wait it began is outstanding.

#include <spillway/base/result.hpp>
#include <spillway/net/continuation.hpp>
#include <spillway/net/task.hpp>
#include <spillway/net/wait.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace spillway::net {

/// What a non-blocking attempt came to.
enum class Try : std::uint8_t { done, wants_read, wants_write, failed };

struct TryResult {
  Try outcome = Try::done;
  std::size_t bytes = 0;  // with `done`; reading 0 bytes is the end of the stream
};

/// What goes out in one write, in order; unused ones are empty.
using Pieces = std::array<asio::const_buffer, 3>;

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// Reads what is there, at most buffer.size() bytes (> 0). `failed`: see failure().
  virtual TryResult try_read(asio::mutable_buffer buffer) = 0;
  /// Writes as much of the pieces as goes without waiting.
  virtual TryResult try_write(std::span<const asio::const_buffer> pieces) = 0;
  /// Whether the event loop has more sockets to serve in this turn. Their writes go out one right
  /// after the other then, when all on the same side were served: whoever is at the other end, on
  /// this machine or behind a network card, is woken once for many. (Waking was a third of a small
  /// request's time, docs/decisions/0016 and 0020.)
  [[nodiscard]] virtual bool should_write_later() const { return false; }
  /// try_write() when it is time: co_await it. Only after should_write_later(); the pieces, what
  /// they are of, and the result must stay where they are meanwhile.
  auto try_write_later(const Pieces& pieces, TryResult& result) {
    return Wait([this, &pieces, &result](Continuation go_on) {
      begin_write_later(pieces, result, std::move(go_on));
    });
  }
  /// try_write(), unless it is to wait for the end of the turn: false then, and nothing was tried.
  bool try_write_now(const Pieces& pieces, TryResult& result);
  /// To be co_awaited: ends when reading (writing) may make progress or the stream is closed. At
  /// most one wait in each direction at a time.
  auto wait_readable() {
    return Wait([this](Continuation go_on) { begin_wait_readable(std::move(go_on)); });
  }
  auto wait_writable() {
    return Wait([this](Continuation go_on) { begin_wait_writable(std::move(go_on)); });
  }
  /// As wait_readable, but calls back once, always from the event loop and never from within.
  virtual void on_readable(Continuation callback) = 0;
  /// Forgets it. False: there is none, or it is on its way already.
  virtual bool take_back_readable() = 0;
  /// Whether reading may find something, as far as is known without asking the system. False: it
  /// would find nothing but what came since the event loop last looked.
  [[nodiscard]] virtual bool is_readable() const = 0;
  /// Whether to read without waiting first: something is there, and not too much was read in a row.
  /// Who has much to read waits now and then all the same, so that the others have their turn.
  [[nodiscard]] bool may_read_on();

  /// Ends everything at once, without a farewell. The first reason is kept.
  void close(base::Error reason);
  [[nodiscard]] bool is_closed() const { return failure_.has_value(); }
  /// Says goodbye where the protocol has one (TLS close_notify) and closes the sending side,
  /// without waiting. Reading goes on.
  virtual void shutdown_write() = 0;

  /// From here on close() is a reset: a peer whose message ends with its connection sees that it
  /// is not whole. What is not sent yet is lost.
  virtual void reset_on_close() {}

  /// Why the stream failed or was closed; set after Try::failed and after close().
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }

  /// Bytes written that the system still holds because the peer has not acknowledged them; 0 where
  /// that is not known.
  [[nodiscard]] virtual std::uint64_t unsent_bytes() { return 0; }

  /// Whether it is TLS.
  [[nodiscard]] virtual bool is_encrypted() const { return false; }
  /// The DNS, URI and e-mail names in the verified certificate that the peer showed, or its common
  /// name if it has none of these; empty where it showed none. Parses it anew at each call.
  [[nodiscard]] virtual std::vector<std::string> peer_certificate_names() const { return {}; }

 protected:
  void fail(base::Error reason);
  virtual void close_now() = 0;
  /// What the waits above do; `go_on` is run from the event loop.
  virtual void begin_wait_readable(Continuation go_on) = 0;
  virtual void begin_wait_writable(Continuation go_on) = 0;
  virtual void begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) = 0;

 private:
  std::optional<base::Error> failure_;
  unsigned reads_in_a_row_ = 0;
};

/// Why a stream failed; Fault::internal if it did not say.
base::Error failure_of(const Stream& stream);

/// Takes so many bytes off the front.
void consume(Pieces& pieces, std::size_t bytes);

/// The one that is not empty; null if there is none or more than one.
const asio::const_buffer* only_piece_of(std::span<const asio::const_buffer> pieces);

/// What became of the pieces that were tried with this result: all of them written, or a failure.
/// Nothing: what is left of them has to be written yet.
std::optional<base::Result<void>> take_written(const Stream& stream, Pieces& pieces,
                                               const TryResult& tried);

/// At least one byte, or 0 at the end of the stream. Waits first unless it is known that something
/// is there: a speculative read that finds nothing is the dearer way.
Task<base::Result<std::size_t>> read_some(Stream& stream, asio::mutable_buffer buffer);

/// All of it. Tries at once, or at the end of the turn, and waits only for what did not go. Empty
/// input writes nothing.
Task<base::Result<void>> write_all(Stream& stream, asio::const_buffer data);
Task<base::Result<void>> write_all(Stream& stream, Pieces pieces);
/// How far writing got. (No Result<bool>: returning a named one from a coroutine asks it whether it
/// holds a value, docs/toolchain-notes.md.)
enum class Sent : std::uint8_t { all, not_wanted };
/// As write_all, but asks before every attempt whether the rest is still wanted; of one that waits
/// for the end of the turn, before it waits.
Task<base::Result<Sent>> write_while(Stream& stream, Pieces pieces,
                                     const std::function<bool()>& is_wanted);

}  // namespace spillway::net
