#include <spillway/aoai/stateful_ids.hpp>
#include <spillway/gateway/ownership.hpp>

#include <algorithm>

namespace spillway::gateway {
namespace {

bool is_member(const routing::Pool& pool, std::string_view backend) {
  const auto members = pool.members();
  return std::any_of(members.begin(), members.end(),
                     [&](const auto& member) { return member.configured->name == backend; });
}

// True once the owner is found.
bool look_up(RequestContext& context, std::string_view id) {
  const base::SteadyTime now = base::SteadyClock::now();
  const auto owner = context.worker.process.affinity.find(context.named_id(id), now);
  if (!owner || !is_member(*context.pool, *owner->backend)) return false;
  context.owner = *owner->backend;
  context.ownership = owner->age <= routing::kReplicationLag ? routing::Ownership::just_learnt
                                                             : routing::Ownership::known;
  return true;
}

}  // namespace

void find_owner(RequestContext& context) {
  const std::vector<std::string> in_path = aoai::ids_in_path(context.path);
  const std::vector<std::string>& in_body = context.facts.ids;
  const auto decides = [&](const std::string& id) { return look_up(context, id); };
  if (std::any_of(in_path.begin(), in_path.end(), decides)) return;
  if (std::any_of(in_body.begin(), in_body.end(), decides)) return;
  const bool is_named = !in_path.empty() || context.facts.named_id_count > 0;
  if (is_named) context.ownership = routing::Ownership::unknown;
}

void forget_deleted(const RequestContext& context) {
  const std::string id = aoai::id_deleted_by(context.path, context.head.method);
  if (!id.empty()) context.worker.process.affinity.forget(context.named_id(id));
}

}  // namespace spillway::gateway
