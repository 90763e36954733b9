#include <spillway/upstream/connection_pool.hpp>

#include <algorithm>
#include <utility>

namespace spillway::upstream {
namespace {

bool is_fresh(const Connection& connection, base::SteadyTime now) {
  return now - connection.idle_since < ConnectionPool::kMaxIdle &&
         now - connection.connected_at < ConnectionPool::kMaxAge;
}

void close_politely(Connection& connection) {
  connection.stream().shutdown_write();
  connection.stream().close(
      base::Error(base::Fault::upstream_closed, base::Side::gateway, "idle connection closed"));
}

}  // namespace

std::unique_ptr<Connection> ConnectionPool::take(const std::shared_ptr<const Target>& target,
                                                 base::SteadyTime now) {
  const auto entry = idle_.find(target.get());
  if (entry == idle_.end()) return nullptr;
  Idle& idle = entry->second;
  while (!idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle.back());
    idle.pop_back();
    if (is_fresh(*connection, now) && connection->is_quiet(now)) return connection;
    close_politely(*connection);
  }
  return nullptr;
}

void ConnectionPool::put(std::unique_ptr<Connection> connection, base::SteadyTime now) {
  Idle& idle = idle_[&connection->target()];
  if (idle.size() >= kMaxIdleUnderLoad || now - connection->connected_at >= kMaxAge) {
    close_politely(*connection);
    return;
  }
  connection->idle_since = now;
  connection->reader().release_memory();
  idle.push_back(std::move(connection));
}

// The surplus is at the front: those that nobody has wanted for longest.
void ConnectionPool::sweep(base::SteadyTime now) {
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::size_t surplus = entry->second.size() - std::min(entry->second.size(), kMaxIdlePerTarget);
    std::erase_if(entry->second, [&](const std::unique_ptr<Connection>& connection) {
      const bool is_surplus = surplus > 0 && now - connection->idle_since >= kMaxSurplusIdle;
      if (surplus > 0) --surplus;
      if (!is_surplus && is_fresh(*connection, now) && connection->is_quiet(now)) return false;
      close_politely(*connection);
      return true;
    });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
}

void ConnectionPool::keep_only(const std::unordered_set<const Target*>& targets) {
  std::erase_if(idle_, [&](const auto& entry) {
    if (targets.contains(entry.first)) return false;
    for (const auto& connection : entry.second)
      close_politely(*connection);
    return true;
  });
}

void ConnectionPool::close_all() {
  keep_only({});
}

std::size_t ConnectionPool::idle_count() const {
  std::size_t count = 0;
  for (const auto& [target, idle] : idle_)
    count += idle.size();
  return count;
}

}  // namespace spillway::upstream
