#pragma once
// Turns a Reply into the bytes and pauses that a connection plays, with a fault worked in.
// Everything a faulty backend can do to an answer is decided here, without a socket.

#include "simulator/fault.hpp"
#include "simulator/reply.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spillway::simulator {

enum class Ending {
  keep_alive,  // the message is whole, the connection may be used again
  close,       // orderly close
  reset,       // TCP reset
  hold,        // say nothing more until the client goes away
};

struct Step {
  std::chrono::milliseconds delay{0};
  /// Written with one call.
  std::string bytes;
};

struct Script {
  unsigned status = 0;
  std::vector<Step> steps;
  Ending ending = Ending::keep_alive;
  /// Of the body that the whole answer has, before content coding and chunk framing.
  std::uint64_t body_bytes = 0;
  std::string body_sha256;
};

enum class BodyUse { sent, left_out };
enum class Persistence { keep_alive, close };

/// How the request wants to be answered.
struct Framing {
  /// left_out for HEAD.
  BodyUse body = BodyUse::sent;
  Persistence persistence = Persistence::keep_alive;
};

/// Whether the fault can act on this reply: those that act inside a stream need one that succeeded.
bool concerns(const Fault& fault, const Reply& reply);

/// The reply that a fault puts in place of the service's own, if it is of that kind.
std::optional<Reply> replacement(const Fault& fault);

/// The wall clock is read for `Date` and for `{http_date+N}` in the headers of a fault.
Script make_script(Reply reply, const std::optional<Fault>& fault, Framing framing);

/// `Mon, 23 Nov 2026 09:20:00 GMT`
std::string http_date(std::chrono::system_clock::time_point time);

/// `{http_date+5}`, `{http_date-60}` replaced by the date so many seconds from `now`.
std::string fill_placeholders(std::string value, std::chrono::system_clock::time_point now);

}  // namespace spillway::simulator
