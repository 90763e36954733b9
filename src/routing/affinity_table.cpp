#include <spillway/routing/affinity_table.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace spillway::routing {
namespace {

constexpr std::int64_t kTellAgainNs =
    std::chrono::duration_cast<std::chrono::nanoseconds>(Affinity::kLongAgo).count();

std::int64_t to_ns(base::SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// Ids are made by backends: nobody can choose them to collide.
std::uint32_t hash_of(std::string_view id) {
  const std::size_t hash = std::hash<std::string_view>()(id);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

}  // namespace

AffinityTable::Index AffinityTable::Parties::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

AffinityTable::Index AffinityTable::Parties::find_or_add(std::string_view name) {
  if (const Index known = find(name); known != kNone) return known;
  Index index = static_cast<Index>(parties_.size());
  if (free_.empty()) {
    parties_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  parties_[index].name = std::make_shared<const std::string>(name);
  by_name_.emplace(name, index);
  return index;
}

void AffinityTable::Parties::release(Index index) {
  by_name_.erase(*parties_[index].name);
  parties_[index].name.reset();
  free_.push_back(index);
}

AffinityTable::Index AffinityTable::Parties::largest() const {
  const auto found =
      std::max_element(parties_.begin(), parties_.end(),
                       [](const Party& a, const Party& b) { return a.count < b.count; });
  return static_cast<Index>(found - parties_.begin());
}

bool AffinityTable::learn(const NamedId& named, std::string_view backend, base::SteadyTime now) {
  const std::uint32_t hash = hash_of(named.id);
  const std::int64_t now_ns = to_ns(now);
  Index index = find_entry(named, hash);
  const bool is_new = index == kNone;
  if (is_new) {
    make_room(named.client);
    index = add_entry(named, hash);
  } else {
    take_out_of_order(index);
  }
  put_newest(index);
  Entry& entry = entries_[index];
  entry.learnt_ns = now_ns;
  const bool has_moved = is_new || *backends_[entry.backend].name != backend;
  if (has_moved) set_backend(entry, backend);
  if (!has_moved && now_ns - entry.told_ns < kTellAgainNs) return false;
  entry.told_ns = now_ns;
  return true;
}

std::optional<AffinityTable::Found> AffinityTable::find(const NamedId& named,
                                                        base::SteadyTime now) {
  const Index index = find_entry(named, hash_of(named.id));
  if (index == kNone) return std::nullopt;
  take_out_of_order(index);
  put_newest(index);
  Entry& entry = entries_[index];
  const std::int64_t now_ns = to_ns(now);
  Found found;
  found.owner.backend = backends_[entry.backend].name;
  found.owner.age = base::Duration(std::max<std::int64_t>(now_ns - entry.learnt_ns, 0));
  if (now_ns - entry.told_ns >= kTellAgainNs) {
    entry.told_ns = now_ns;
    found.tell_client = clients_[entry.client].name;
  }
  return found;
}

bool AffinityTable::forget(const NamedId& named) {
  const std::uint32_t hash = hash_of(named.id);
  bool was_known = false;
  // Shared: those that clients learnt for themselves while they were isolated go too.
  for (Index index = find_entry(named, hash); index != kNone; index = find_entry(named, hash)) {
    remove(index);
    was_known = true;
  }
  return was_known;
}

void AffinityTable::restore(const NamedId& named, std::string_view backend, base::SteadyTime now) {
  learn(named, backend, now);
  const Index index = find_entry(named, hash_of(named.id));
  if (index == kNone) return;
  entries_[index].learnt_ns -= kTellAgainNs;
  entries_[index].told_ns -= kTellAgainNs;
}

std::size_t AffinityTable::size_of(std::string_view client) const {
  const Index index = clients_.find(client);
  return index == kNone ? 0 : clients_[index].count;
}

// Shared, the client's own is preferred, then the latest learnt.
AffinityTable::Index AffinityTable::find_entry(const NamedId& named, std::uint32_t hash) {
  if (buckets_.empty()) return kNone;
  Index best = kNone;
  for (Index index = bucket_of(hash); index != kNone; index = entries_[index].next) {
    const Entry& entry = entries_[index];
    if (entry.hash != hash || id_of(entry) != named.id) continue;
    if (*clients_[entry.client].name == named.client) return index;
    if (named.sharing == Sharing::own_client) continue;
    if (best == kNone || entries_[best].learnt_ns < entry.learnt_ns) best = index;
  }
  return best;
}

AffinityTable::Index AffinityTable::add_entry(const NamedId& named, std::uint32_t hash) {
  if (buckets_.empty()) buckets_.assign(bounds_.ids, kNone);
  Index index = first_free_;
  if (index == kNone) {
    index = static_cast<Index>(entries_.size());
    entries_.emplace_back();
  } else {
    first_free_ = entries_[index].next;
  }
  Entry& entry = entries_[index];
  entry.id = std::make_unique<char[]>(named.id.size());
  std::memcpy(entry.id.get(), named.id.data(), named.id.size());
  entry.id_length = static_cast<std::uint8_t>(named.id.size());
  entry.hash = hash;
  entry.client = clients_.find_or_add(named.client);
  entry.next = std::exchange(bucket_of(hash), index);
  ++clients_[entry.client].count;
  ++size_;
  return index;
}

// After it there is room for one more id of `client`.
void AffinityTable::make_room(std::string_view client) {
  const Index own = clients_.find(client);
  if (own != kNone && clients_[own].count >= bounds_.ids_per_client) {
    remove(clients_[own].oldest);
  } else if (size_ >= bounds_.ids) {
    const Index largest = clients_.largest();
    const bool is_own = own != kNone && clients_[own].count == clients_[largest].count;
    remove(clients_[is_own ? own : largest].oldest);
  }
}

void AffinityTable::remove(Index index) {
  take_out_of_order(index);
  take_out_of_bucket(index);
  Entry& entry = entries_[index];
  clear_backend(entry);
  if (--clients_[entry.client].count == 0) clients_.release(entry.client);
  entry.id.reset();
  entry.next = std::exchange(first_free_, index);
  --size_;
}

void AffinityTable::set_backend(Entry& entry, std::string_view backend) {
  // Added before the old one is left, which may free a number.
  const Index next = backends_.find_or_add(backend);
  ++backends_[next].count;
  clear_backend(entry);
  entry.backend = next;
}

void AffinityTable::clear_backend(Entry& entry) {
  const Index old = std::exchange(entry.backend, kNone);
  if (old != kNone && --backends_[old].count == 0) backends_.release(old);
}

void AffinityTable::put_newest(Index index) {
  Entry& entry = entries_[index];
  Party& client = clients_[entry.client];
  entry.newer = kNone;
  entry.older = std::exchange(client.newest, index);
  if (entry.older == kNone) {
    client.oldest = index;
  } else {
    entries_[entry.older].newer = index;
  }
}

void AffinityTable::take_out_of_order(Index index) {
  const Entry& entry = entries_[index];
  Party& client = clients_[entry.client];
  (entry.newer == kNone ? client.newest : entries_[entry.newer].older) = entry.older;
  (entry.older == kNone ? client.oldest : entries_[entry.older].newer) = entry.newer;
}

void AffinityTable::take_out_of_bucket(Index index) {
  Index* link = &bucket_of(entries_[index].hash);
  while (*link != index)
    link = &entries_[*link].next;
  *link = entries_[index].next;
}

}  // namespace spillway::routing
