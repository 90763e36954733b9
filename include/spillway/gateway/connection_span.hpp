#pragma once
// How long a client connection lasts: so many requests, and so much time. Pure. The answer to the
// last request says that it is the last, so that no request is lost to a close.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/gateway/limit_counters.hpp>

#include <cstdint>
#include <optional>

namespace spillway::gateway {

/// `most`, less up to a tenth of it by chance, so that connections that were opened together do not
/// all end together.
base::Duration jittered(base::Duration most, std::uint64_t random);

class ConnectionSpan {
 public:
  ConnectionSpan(base::SteadyTime opened, std::uint64_t random)
      : opened_(opened), random_(random) {}

  /// A request has come. The limit that makes it the last one of this connection, if any does.
  std::optional<Limit> begin_request(const config::Limits& limits, base::SteadyTime now);
  /// How many have come.
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

 private:
  base::SteadyTime opened_;
  std::uint64_t random_;
  std::uint64_t requests_ = 0;
};

}  // namespace spillway::gateway
