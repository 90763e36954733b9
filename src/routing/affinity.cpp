#include <spillway/routing/affinity.hpp>
#include <spillway/routing/affinity_table.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>

namespace spillway::routing {
namespace {

constexpr std::size_t kMaxIdBytes = 128;

// Small bounds are kept exactly, by one shard.
std::size_t shards_for(const Affinity::Bounds& bounds) {
  constexpr std::size_t kShards = 16;
  constexpr std::size_t kLeastPerShard = 256;
  return bounds.ids_per_client / kShards >= kLeastPerShard ? kShards : 1;
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes;
}

}  // namespace

// On cache lines of its own: each is written with every use of an id.
struct alignas(64) Affinity::Shard {
  explicit Shard(Bounds bounds) : table(bounds) {}

  mutable std::mutex mutex;
  AffinityTable table;
};

Affinity::Affinity() : Affinity(Bounds{}) {}

Affinity::Affinity(Bounds bounds) : bounds_(bounds) {
  const std::size_t count = shards_for(bounds);
  const Bounds share{std::max<std::size_t>(bounds.ids_per_client / count, 1),
                     std::max<std::size_t>(bounds.ids / count, 1)};
  shards_.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    shards_.push_back(std::make_unique<Shard>(share));
}

Affinity::~Affinity() = default;

// The table takes the low bits of the same hash.
Affinity::Shard& Affinity::shard_of(std::string_view id) const {
  const std::size_t hash = std::hash<std::string_view>()(id);
  return *shards_[(hash >> 48U) % shards_.size()];
}

void Affinity::learn(const NamedId& named, std::string_view backend, base::SteadyTime now) {
  if (!is_id(named.id) || backend.empty()) return;
  Shard& shard = shard_of(named.id);
  bool is_news = false;
  {
    const std::lock_guard lock(shard.mutex);
    is_news = shard.table.learn(named, backend, now);
  }
  if (is_news && listener_ != nullptr) listener_->on_learnt(named.client, named.id, backend);
}

std::optional<Owner> Affinity::find(const NamedId& named, base::SteadyTime now) {
  if (!is_id(named.id)) return std::nullopt;
  Shard& shard = shard_of(named.id);
  std::optional<AffinityTable::Found> found;
  {
    const std::lock_guard lock(shard.mutex);
    found = shard.table.find(named, now);
  }
  if (!found) return std::nullopt;
  if (found->tell_client && listener_ != nullptr) {
    listener_->on_learnt(*found->tell_client, named.id, *found->owner.backend);
  }
  return std::move(found->owner);
}

void Affinity::forget(const NamedId& named) {
  if (!is_id(named.id)) return;
  Shard& shard = shard_of(named.id);
  bool was_known = false;
  {
    const std::lock_guard lock(shard.mutex);
    was_known = shard.table.forget(named);
  }
  if (!was_known || listener_ == nullptr) return;
  const bool is_shared = named.sharing == Sharing::all_clients;
  listener_->on_forgotten(is_shared ? std::string_view() : named.client, named.id);
}

void Affinity::restore(std::string_view client, std::string_view id, std::string_view backend,
                       base::SteadyTime now) {
  if (!is_id(id) || backend.empty()) return;
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  shard.table.restore({client, id, Sharing::own_client}, backend, now);
}

std::size_t Affinity::size() const {
  std::size_t size = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    size += shard->table.size();
  }
  return size;
}

}  // namespace spillway::routing
