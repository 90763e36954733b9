#pragma once
// Tokens that were verified, by the SHA-256 of their text, so that a caller's token is checked once
// and not with every request. Only verified tokens get in: whoever has none cannot push out those
// of others. Refusals are not kept: they are cheap, or else cost what any handshake costs.

#include <spillway/base/time.hpp>
#include <spillway/identity/access_token.hpp>
#include <spillway/identity/text_digest.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace spillway::identity {

/// Any thread. Sharded by digest; a shard's lock is held for one look-up.
class VerifiedTokenCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 8192;

  /// At least one token a shard; the least recently used of a full shard goes.
  explicit VerifiedTokenCache(std::size_t capacity = kDefaultCapacity);

  /// Null: not there, or verified with an older generation of keys than `generation` (then it is
  /// dropped). Whether it has expired is the caller's to ask.
  std::shared_ptr<const AccessToken> find(const TextDigest& digest, std::uint64_t generation);
  void insert(const TextDigest& digest, std::uint64_t generation,
              std::shared_ptr<const AccessToken> token);
  void erase(const TextDigest& digest);
  /// For tests and /status; takes every lock in turn.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    TextDigest digest;
    std::uint64_t generation;
    std::shared_ptr<const AccessToken> token;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // most recently used first
    std::unordered_map<TextDigest, std::list<Entry>::iterator, TextDigestHash> by_digest;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const TextDigest& digest) { return shards_[digest[31] % kShards]; }

  std::size_t capacity_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace spillway::identity
