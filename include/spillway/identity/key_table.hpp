#pragma once
// The gateway's keys, by digest: whose a presented key is, in the same time however many there are.
// Filled once, then read by any thread.

#include <spillway/identity/text_digest.hpp>

#include <string>
#include <unordered_map>

namespace spillway::config {
struct Client;
}

namespace spillway::identity {

class KeyTable {
 public:
  /// `sha256` is 32 bytes, else it is nobody's; `client` outlives this. The first of two equal
  /// digests counts.
  void add(const std::string& sha256, const config::Client& client);

  /// Null: nobody's. What is looked up is a digest, so how long the search takes tells nothing of a
  /// key: who could choose a digest at will would still have no key that gives it. The whole digest
  /// is compared in constant time.
  [[nodiscard]] const config::Client* find(const TextDigest& digest) const;
  [[nodiscard]] bool empty() const { return clients_.empty(); }

 private:
  struct Equal {
    bool operator()(const TextDigest& a, const TextDigest& b) const;
  };

  std::unordered_map<TextDigest, const config::Client*, TextDigestHash, Equal> clients_;
};

}  // namespace spillway::identity
