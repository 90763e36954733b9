#pragma once
// The gateway's keys, by digest: whose a presented key is, in the same time however many there are.
// Filled once, then read by any thread.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace spillway::config {
struct Client;
}

namespace spillway::identity {

/// SHA-256 of a text.
using KeyDigest = std::array<char, 32>;
KeyDigest digest_of_key(std::string_view key);

class KeyTable {
 public:
  /// `sha256` is 32 bytes; `client` outlives this. The first of two equal digests counts.
  void add(const std::string& sha256, const config::Client& client);

  /// Null: nobody's. What is looked up is a digest, so how long the search takes tells nothing of a
  /// key: who could choose a digest at will would still have no key that gives it. The whole digest
  /// is compared in constant time.
  [[nodiscard]] const config::Client* find(const KeyDigest& digest) const;
  [[nodiscard]] bool empty() const { return clients_.empty(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view digest) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };

  std::unordered_map<std::string, const config::Client*, Hash, Equal> clients_;
};

}  // namespace spillway::identity
