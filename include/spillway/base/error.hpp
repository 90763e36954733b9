#pragma once
// What went wrong and on whose side: the one error vocabulary of Spillway (docs/architecture.md
// §6). Fault decides the status a caller sees (gateway/reply) and whether another backend may be
// tried (routing/retry_policy). `detail` is for the operator's log; it never holds a secret.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::base {

enum class Fault : std::uint8_t {
  client_gone,         // the caller closed or reset its connection
  bad_request,         // the caller's message is not acceptable HTTP
  too_large,           // a size limit of `limits` was passed
  unauthorized,        // no or wrong credential
  no_route,            // unknown path, pool or deployment
  no_capacity,         // nobody can serve now, or a bound of ours is reached
  dns_failed,          // the backend's name has no address
  connect_failed,      // TCP connect refused, unreachable or reset
  tls_failed,          // handshake or certificate verification
  upstream_closed,     // the backend closed or reset an established connection
  upstream_malformed,  // the backend's bytes are not acceptable HTTP
  timed_out,           // a deadline passed; `detail` names which
  shutting_down,       // closed by drain
  internal,            // a defect of ours
};

enum class Side : std::uint8_t { client, upstream, gateway };

/// The lower-case name as it appears in logs, e.g. "connect_failed".
std::string_view name_of(Fault fault);
std::string_view name_of(Side side);

/// A value, cheap to move. Not an aggregate on purpose: GCC 12 miscompiles aggregate temporaries
/// inside expressions with co_await (docs/toolchain-notes.md).
class Error {
 public:
  /// Only because boost::system::result asks for it: what error() of a success gives.
  Error() : fault_(Fault::internal), side_(Side::gateway) {}
  /// Cold: the compiler takes the ways that lead here for the rare ones, and puts their code aside.
  [[gnu::cold]] Error(Fault fault, Side side, std::string detail);

  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] Side side() const { return side_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  std::string detail_;
  Fault fault_;
  Side side_;
};

}  // namespace spillway::base
