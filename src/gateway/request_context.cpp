#include <spillway/gateway/request_context.hpp>

#include <functional>

namespace spillway::gateway {
namespace {

// By the key that the caller gives for it, else by how the prompt begins (behaviour §2.5).
std::optional<std::uint64_t> hash_of_prompt(const aoai::RequestFacts& facts,
                                            std::string_view json_body) {
  if (!facts.prompt_cache_key.empty()) {
    return std::hash<std::string_view>{}(facts.prompt_cache_key);
  }
  const std::uint64_t hash = aoai::measure_prompt(json_body).hash;
  return hash != 0 ? std::optional(hash) : std::nullopt;
}

}  // namespace

routing::Demand RequestContext::demand() const {
  routing::Demand demand;
  demand.deployment = deployment;
  demand.backend = owner;
  demand.is_deployment_unread = is_deployment_unread;
  demand.affinity = prompt_cache_hash;
  return demand;
}

void RequestContext::note_prompt() {
  if (!pool->configured().affinity.prompt_cache) return;
  prompt_cache_hash = hash_of_prompt(facts, json_body);
}

routing::NamedId RequestContext::named_id(std::string_view id) const {
  const bool is_isolated = pool != nullptr && pool->configured().affinity.isolate_clients;
  return {caller.name, id,
          is_isolated ? routing::Sharing::own_client : routing::Sharing::all_clients};
}

}  // namespace spillway::gateway
