#include <spillway/identity/key_table.hpp>

#include <openssl/crypto.h>

#include <cstring>

namespace spillway::identity {

bool KeyTable::Equal::operator()(const TextDigest& a, const TextDigest& b) const {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void KeyTable::add(const std::string& sha256, const config::Client& client) {
  TextDigest digest{};
  if (sha256.size() != digest.size()) return;
  std::memcpy(digest.data(), sha256.data(), digest.size());
  clients_.try_emplace(digest, &client);
}

const config::Client* KeyTable::find(const TextDigest& digest) const {
  const auto found = clients_.find(digest);
  return found == clients_.end() ? nullptr : found->second;
}

}  // namespace spillway::identity
