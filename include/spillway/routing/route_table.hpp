#pragma once
// Who calls decides the pool (behaviour §2.1): the pools at run time by name, and which is whose.
// Part of a snapshot; the Configuration and the BackendStates outlive it.

#include <spillway/config/configuration.hpp>
#include <spillway/routing/backend_state.hpp>
#include <spillway/routing/pool.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace spillway::routing {

class RouteTable {
 public:
  RouteTable(const config::Configuration& configuration, BackendStates& states);

  /// In the order of the configuration.
  [[nodiscard]] std::span<const std::unique_ptr<Pool>> pools() const { return pools_; }

  /// Nothing if there is no pool of that name; config::load lets no client name such a one.
  [[nodiscard]] Pool* find_pool(std::string_view name) const;

  /// The pool of `Configuration::clients[client]`.
  [[nodiscard]] Pool* pool_of_client(std::size_t client) const { return by_client_[client]; }

  /// The pool of callers without credentials; nothing if they are not let in.
  [[nodiscard]] Pool* pool_of_anonymous() const { return anonymous_; }

  /// Whether some pool could take a request now; for /readyz.
  [[nodiscard]] bool has_usable_pool(base::SteadyTime now) const;

 private:
  std::vector<std::unique_ptr<Pool>> pools_;
  std::vector<Pool*> by_client_;
  Pool* anonymous_ = nullptr;
};

}  // namespace spillway::routing
