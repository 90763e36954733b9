#include <spillway/base/secret.hpp>
#include <spillway/identity/key_table.hpp>

#include <openssl/sha.h>

#include <cstring>

namespace spillway::identity {

static_assert(std::tuple_size_v<KeyDigest> == SHA256_DIGEST_LENGTH);

KeyDigest digest_of_key(std::string_view key) {
  KeyDigest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// A digest is as good as a random number already.
std::size_t KeyTable::Hash::operator()(std::string_view digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), std::min(sizeof hash, digest.size()));
  return hash;
}

bool KeyTable::Equal::operator()(std::string_view a, std::string_view b) const {
  return base::equal_in_constant_time(a, b);
}

void KeyTable::add(const std::string& sha256, const config::Client& client) {
  clients_.try_emplace(sha256, &client);
}

const config::Client* KeyTable::find(const KeyDigest& digest) const {
  const auto found = clients_.find(std::string_view(digest.data(), digest.size()));
  return found == clients_.end() ? nullptr : found->second;
}

}  // namespace spillway::identity
