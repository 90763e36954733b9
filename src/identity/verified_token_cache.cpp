#include <spillway/identity/verified_token_cache.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace spillway::identity {
namespace {

struct DigestFree {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Looked up once: OpenSSL 3 searches its providers anew each time it is asked for "SHA256".
const EVP_MD* sha256() {
  static const std::unique_ptr<EVP_MD, DigestFree> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest.get();
}

}  // namespace

TokenDigest digest_of(std::string_view token) {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
  TokenDigest digest{};
  // They fail for want of memory only; a digest that is not one must never be looked up.
  if (!context || EVP_DigestInit_ex2(context.get(), sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), token.data(), token.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

std::size_t VerifiedTokenCache::DigestHash::operator()(const TokenDigest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

VerifiedTokenCache::VerifiedTokenCache(std::size_t capacity)
    : capacity_per_shard_(std::max<std::size_t>(capacity / kShards, 1)) {}

std::shared_ptr<const AccessToken> VerifiedTokenCache::find(const TokenDigest& digest,
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

void VerifiedTokenCache::insert(const TokenDigest& digest, std::uint64_t generation,
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

void VerifiedTokenCache::erase(const TokenDigest& digest) {
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
