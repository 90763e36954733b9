#pragma once
// The parts of a Session that handling a request needs, and nothing of its loop.

#include <spillway/base/time.hpp>
#include <spillway/http/message_reader.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/read_ahead.hpp>
#include <spillway/net/stream.hpp>

#include <string_view>

namespace spillway::gateway {

class ClientSide {
 public:
  ClientSide(net::Stream& to, http::MessageReader& from, net::ReadAhead& watching,
             net::Deadline& limit, std::string_view& limit_name)
      : stream(to), reader(from), ahead(watching), deadline_(limit), phase_(limit_name) {}

  net::Stream& stream;
  http::MessageReader& reader;
  net::ReadAhead& ahead;

  /// When it passes, the client's stream is closed with timed_out and "<phase> timeout".
  void set_deadline(base::SteadyTime when, std::string_view phase) const {
    phase_ = phase;
    deadline_.set(when);
  }
  void clear_deadline() const { deadline_.clear(); }

 private:
  net::Deadline& deadline_;
  std::string_view& phase_;
};

/// What the connection is good for after a request.
enum class AfterRequest : std::uint8_t {
  keep_alive,
  close,  // politely
  abort,  // so that the client sees that its answer is not whole
};

}  // namespace spillway::gateway
