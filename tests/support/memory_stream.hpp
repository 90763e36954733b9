#pragma once
// Streams over bytes in memory, for component tests: what arrives, in which pieces, where it breaks
// and how much can be written before somebody reads is scripted. Single-threaded, as all streams.

#include <spillway/net/stream.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::support {

/// One direction: bytes written at one end wait here until they are read at the other.
class BytePipe {
 public:
  enum class Ending { none, closed, reset };

  /// Queues bytes; one read gives bytes of one push at most.
  void push(std::string bytes);
  /// After what is queued, the reader finds the end of the stream (or a reset connection).
  void end(Ending ending = Ending::closed);
  /// Reads give at most so many bytes each; 1: byte at a time.
  void limit_reads(std::size_t bytes) { read_limit_ = bytes; }
  /// The reader finds `ending` once it has read `offset` bytes in all, whatever is queued.
  void break_reads_at(std::size_t offset, Ending ending);
  /// At most so many unread bytes fit; writing more waits.
  void limit_capacity(std::size_t bytes) { capacity_ = bytes; }
  /// Writing fails once `offset` bytes were written in all.
  void break_writes_at(std::size_t offset) { write_break_ = offset; }

  /// Takes all unread bytes, as a reader would.
  std::string take();
  [[nodiscard]] std::size_t unread_bytes() const { return unread_; }
  [[nodiscard]] std::size_t written_bytes() const { return written_; }
  /// Whether the writing end was closed or shut down, or end() was called.
  [[nodiscard]] bool is_ended() const { return ending_ != Ending::none; }

 private:
  friend class MemoryStream;

  [[nodiscard]] bool is_readable() const;
  [[nodiscard]] bool is_writable() const;
  [[nodiscard]] bool is_write_broken() const;
  std::size_t read(char* to, std::size_t bytes);
  std::size_t write(std::string_view bytes);
  [[nodiscard]] Ending ending_now() const;
  void abandon();
  void changed();

  std::deque<std::string> pieces_;
  std::size_t unread_ = 0;
  std::size_t read_ = 0;
  std::size_t written_ = 0;
  std::size_t read_limit_ = std::numeric_limits<std::size_t>::max();
  std::size_t read_break_ = std::numeric_limits<std::size_t>::max();
  std::size_t write_break_ = std::numeric_limits<std::size_t>::max();
  std::size_t capacity_ = std::numeric_limits<std::size_t>::max();
  Ending break_kind_ = Ending::none;
  Ending ending_ = Ending::none;
  bool is_abandoned_ = false;  // nobody will read again: writing fails
  std::function<void()> on_reader_ready_;
  std::function<void()> on_writer_ready_;
};

class MemoryStream final : public net::Stream {
 public:
  /// A stream that reads from `input` and writes to `output`. `side`: whose failures these are.
  MemoryStream(net::Executor executor, base::Side side, std::shared_ptr<BytePipe> input,
               std::shared_ptr<BytePipe> output);
  /// With pipes of its own, for a test that plays the other end by hand.
  MemoryStream(net::Executor executor, base::Side side);
  ~MemoryStream() override;

  [[nodiscard]] BytePipe& input() { return *input_; }
  [[nodiscard]] BytePipe& output() { return *output_; }
  /// How many reads found bytes or an end.
  [[nodiscard]] std::size_t reads() const { return reads_; }

  net::TryResult try_read(net::asio::mutable_buffer buffer) override;
  net::TryResult try_write(std::span<const net::asio::const_buffer> pieces) override;
  void on_readable(net::Continuation callback) override;
  bool take_back_readable() override;
  [[nodiscard]] bool is_readable() const override { return input_->is_readable(); }
  void shutdown_write() override;

 private:
  void close_now() override;
  void begin_wait_readable(net::Continuation go_on) override;
  void begin_wait_writable(net::Continuation go_on) override;
  void begin_write_later(const net::Pieces& pieces, net::TryResult& result,
                         net::Continuation go_on) override;
  net::TryResult broken();
  void reader_ready();
  void writer_ready();
  void post(net::Continuation continuation);

  net::Executor executor_;
  base::Side side_;
  std::shared_ptr<BytePipe> input_;
  std::shared_ptr<BytePipe> output_;
  net::Continuation reader_;
  net::Continuation writer_;
  net::Continuation callback_;
  std::size_t reads_ = 0;
};

/// Two streams, each reading what the other writes. `first` is seen by code whose peer is a client,
/// `second` by code whose peer is the upstream.
std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> connected_streams(
    const net::Executor& executor);

}  // namespace spillway::support
