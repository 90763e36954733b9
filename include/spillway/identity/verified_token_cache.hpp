#pragma once
// Tokens that were verified, by the SHA-256 of their text, so that a caller's token is checked once
// and not with every request. Only verified tokens get in: whoever has none cannot push out those
// of others. Refusals are not kept: they are cheap, or else cost what any handshake costs.

#include <spillway/base/time.hpp>
#include <spillway/identity/access_token.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace spillway::identity {

using TokenDigest = std::array<std::uint8_t, 32>;

/// SHA-256.
TokenDigest digest_of(std::string_view token);

/// Any thread. Sharded by digest; a shard's lock is held for one look-up.
class VerifiedTokenCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 8192;

  /// At least one token a shard; the least recently used of a full shard goes.
  explicit VerifiedTokenCache(std::size_t capacity = kDefaultCapacity);

  /// Null: not there, or verified with an older generation of keys than `generation` (then it is
  /// dropped). Whether it has expired is the caller's to ask.
  std::shared_ptr<const AccessToken> find(const TokenDigest& digest, std::uint64_t generation);
  void insert(const TokenDigest& digest, std::uint64_t generation,
              std::shared_ptr<const AccessToken> token);
  void erase(const TokenDigest& digest);
  /// For tests and /status; takes every lock in turn.
  [[nodiscard]] std::size_t size() const;

 private:
  // A digest is evenly distributed already, and of a verified token: nobody chooses it.
  struct DigestHash {
    std::size_t operator()(const TokenDigest& digest) const;
  };
  struct Entry {
    TokenDigest digest;
    std::uint64_t generation;
    std::shared_ptr<const AccessToken> token;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // most recently used first
    std::unordered_map<TokenDigest, std::list<Entry>::iterator, DigestHash> by_digest;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const TokenDigest& digest) { return shards_[digest[31] % kShards]; }

  std::size_t capacity_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace spillway::identity
