#pragma once
// A connection in the loop: what comes is handed on, what cannot be written yet waits.

#include "bench/wire/conduit.hpp"
#include "bench/wire/poller.hpp"

#include <string>
#include <string_view>

namespace spillway::bench {

/// Belongs to the poller (Poller::adopt) and leaves it with close().
class Channel : public Watched {
 public:
  /// Whether the bytes stay where they are until they are written.
  enum class Bytes { lasting, passing };

  Channel(Poller& poller, Conduit conduit);

  /// Everything is taken; has_backlog() tells whether some of it waits.
  void send(std::string_view bytes, Bytes kind);
  void pause_reading();
  void resume_reading();
  void close();

  [[nodiscard]] bool is_open() const { return conduit_.is_open(); }
  [[nodiscard]] bool has_backlog() const { return !waiting_.empty(); }
  [[nodiscard]] Poller& poller() const { return poller_; }

  void on_ready(std::uint32_t events) final;

 protected:
  virtual void on_bytes(std::string_view bytes) = 0;
  /// The other end is gone; the channel is still open.
  virtual void on_end() = 0;
  /// Nothing waits any more.
  virtual void on_drained() {}

 private:
  void flush();
  void update_interest();

  Poller& poller_;
  Conduit conduit_;
  std::string kept_;
  std::string_view waiting_;  // of kept_ or of the sender
  bool is_reading_ = true;
  std::uint32_t interest_;
};

}  // namespace spillway::bench
