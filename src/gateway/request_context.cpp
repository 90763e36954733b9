#include <spillway/gateway/request_context.hpp>

#include <functional>

namespace spillway::gateway {
namespace {

// By the key that the caller gives for it, else by how the prompt begins (behaviour §2.5).
std::optional<std::uint64_t> prompt_cache_hash(const aoai::RequestFacts& facts) {
  if (!facts.prompt_cache_key.empty()) {
    return std::hash<std::string_view>{}(facts.prompt_cache_key);
  }
  if (facts.prompt_hash != 0) return facts.prompt_hash;
  return std::nullopt;
}

}  // namespace

routing::Demand RequestContext::demand() const {
  routing::Demand demand;
  demand.deployment = deployment;
  demand.backend = owner;
  demand.is_deployment_unread = is_deployment_unread;
  if (pool->configured().affinity.prompt_cache) demand.affinity = prompt_cache_hash(facts);
  return demand;
}

routing::NamedId RequestContext::named_id(std::string_view id) const {
  const bool is_isolated = pool != nullptr && pool->configured().affinity.isolate_clients;
  return {caller.name, id,
          is_isolated ? routing::Sharing::own_client : routing::Sharing::all_clients};
}

}  // namespace spillway::gateway
