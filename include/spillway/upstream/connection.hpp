#pragma once
// One connection to a backend, with the reader that knows what of its bytes is consumed. Owned by
// an Exchange while in use and by the ConnectionPool while idle.

#include <spillway/base/time.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/upstream/target.hpp>

#include <memory>

namespace spillway::upstream {

class Connection {
 public:
  Connection(std::shared_ptr<const Target> target, std::unique_ptr<net::Stream> stream,
             base::SteadyTime now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Target& target() const { return *target_; }
  [[nodiscard]] net::Stream& stream() { return *stream_; }
  [[nodiscard]] http::MessageReader& reader() { return reader_; }

  /// Nothing was said by the backend since its last answer: no byte left over, none waiting, not
  /// closed. An answer nobody asked for must never meet the next request. The system is asked
  /// unless it was idle for no longer than the event loop takes to hear of it by itself.
  [[nodiscard]] bool is_quiet(base::SteadyTime now);

  base::SteadyTime connected_at;
  base::SteadyTime idle_since;

 private:
  std::shared_ptr<const Target> target_;
  std::unique_ptr<net::Stream> stream_;
  http::MessageReader reader_;
};

}  // namespace spillway::upstream
