#pragma once
// The parts of a Session that handling a request needs, and nothing of its loop.

#include <spillway/base/time.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/read_ahead.hpp>
#include <spillway/net/stream.hpp>

#include <cstdint>
#include <optional>

namespace spillway::gateway {

/// What happens when time is up: the stream is closed, and the limit named and counted.
struct ClientTimer {
  void pass();

  net::Stream& stream;
  LimitCounters& counters;
  std::optional<Limit> limit;  // nothing: no limit's time, but the moment that is left for a close
};

class ClientSide {
 public:
  ClientSide(net::Stream& to, http::MessageReader& from, net::ReadAhead& watching,
             net::Deadline& deadline, ClientTimer& timer)
      : stream(to), reader(from), ahead(watching), deadline_(deadline), timer_(timer) {}

  net::Stream& stream;
  http::MessageReader& reader;
  net::ReadAhead& ahead;

  /// When it passes, the limit is counted and the client's stream closed with timed_out.
  void set_deadline(base::SteadyTime when, Limit limit) const {
    timer_.limit = limit;
    deadline_.set(when);
  }
  void clear_deadline() const { deadline_.clear(); }
  /// The same at once.
  void close_for(Limit limit) const {
    timer_.limit = limit;
    timer_.pass();
  }

 private:
  net::Deadline& deadline_;
  ClientTimer& timer_;
};

/// What the connection is good for after a request.
enum class AfterRequest : std::uint8_t {
  keep_alive,
  close,  // politely
  abort,  // so that the client sees that its answer is not whole
};

}  // namespace spillway::gateway
