#include <spillway/routing/route_table.hpp>

#include <algorithm>

namespace spillway::routing {

RouteTable::RouteTable(const config::Configuration& configuration, BackendStates& states) {
  for (const config::Pool& pool : configuration.pools) {
    pools_.push_back(std::make_unique<Pool>(configuration, pool, states));
  }
  for (const config::Client& client : configuration.clients) {
    by_client_.push_back(find_pool(client.pool));
  }
  if (configuration.anonymous) anonymous_ = find_pool(configuration.anonymous->pool);
}

Pool* RouteTable::find_pool(std::string_view name) const {
  const auto found = std::find_if(pools_.begin(), pools_.end(), [&](const auto& pool) {
    return pool->configured().name == name;
  });
  return found == pools_.end() ? nullptr : found->get();
}

bool RouteTable::has_usable_pool(base::SteadyTime now) const {
  return std::any_of(pools_.begin(), pools_.end(),
                     [&](const auto& pool) { return pool->has_usable_member(now); });
}

}  // namespace spillway::routing
