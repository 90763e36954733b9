#include <spillway/identity/verified_token_cache.hpp>

#include <algorithm>
#include <utility>

namespace spillway::identity {
VerifiedTokenCache::VerifiedTokenCache(std::size_t capacity)
    : capacity_per_shard_(std::max<std::size_t>(capacity / kShards, 1)) {}

std::shared_ptr<const AccessToken> VerifiedTokenCache::find(const TextDigest& digest,
                                                            std::uint64_t generation) {
  Shard& shard = shard_of(digest);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_digest.find(digest);
  if (found == shard.by_digest.end()) return nullptr;
  const auto entry = found->second;
  if (entry->generation != generation) {
    shard.by_digest.erase(found);
    shard.entries.erase(entry);
    return nullptr;
  }
  shard.entries.splice(shard.entries.begin(), shard.entries, entry);
  return entry->token;
}

void VerifiedTokenCache::insert(const TextDigest& digest, std::uint64_t generation,
                                std::shared_ptr<const AccessToken> token) {
  Shard& shard = shard_of(digest);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_digest.find(digest);
  if (found != shard.by_digest.end()) {  // two requests at once
    found->second->generation = generation;
    found->second->token = std::move(token);
    return;
  }
  if (shard.entries.size() >= capacity_per_shard_) {
    shard.by_digest.erase(shard.entries.back().digest);
    shard.entries.pop_back();
  }
  shard.entries.push_front({digest, generation, std::move(token)});
  shard.by_digest.emplace(digest, shard.entries.begin());
}

void VerifiedTokenCache::erase(const TextDigest& digest) {
  Shard& shard = shard_of(digest);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_digest.find(digest);
  if (found == shard.by_digest.end()) return;
  shard.entries.erase(found->second);
  shard.by_digest.erase(found);
}

std::size_t VerifiedTokenCache::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.entries.size();
  }
  return size;
}

}  // namespace spillway::identity
