#pragma once
// What is known of one (backend, deployment): breaker and requests in flight, and of each backend as
// a whole. Process-wide, kept across reloads by name, bounded.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/outcome.hpp>

#include <memory>
#include <string_view>

namespace spillway::routing {

class BackendState;
class BackendStates;

/// See Choice. Move-only.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  /// Teaches the breaker what came of the attempt. May be called again when a fault follows a
  /// success (a stream that breaks after its head). The request stays in flight until release().
  void record(const Outcome& outcome, base::SteadyTime now);

  /// The request no longer runs. An unrecorded lease gives its half-open trial back.
  void release();
};

}  // namespace spillway::routing
