#pragma once
// The keys of the simulated Entra and the set of them that is published. A rollover has three
// steps that a test takes one by one: publish the next key, sign with it, remove the old one. Not
// thread-safe.

#include "simulator/signing_key.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

class KeyRing {
 public:
  /// What tokens are signed with; made at the first need, and published.
  const SigningKey& current();
  /// What they will be signed with; made at the first need, and not published by that.
  const SigningKey& next();
  /// Of nobody, and never published.
  const SigningKey& other();
  /// Of those above and those added, published or not. Throws std::invalid_argument for others.
  const SigningKey& find(std::string_view id);

  /// Each gives the id of the key in question.
  const std::string& publish_next();
  const std::string& use_next();
  /// Publishes a further key, which signs only what asks for it.
  const std::string& add(SignatureAlgorithm algorithm);
  /// Out of the set goes what is neither the current key nor the next.
  void remove_old();
  /// Out of the set goes this one, current or not. Throws std::invalid_argument.
  void remove(std::string_view id);
  /// As in an emergency: a new key signs from now on, and no old one is published any more.
  const std::string& replace_all();
  /// The set has so many RSA keys more, with which nobody signs.
  void set_filler(std::size_t count) { filler_ = count; }

  struct Entry {
    std::string id;
    SignatureAlgorithm algorithm;
    bool is_published;
    /// `current`, `next`, `other`, or `added` (also what was current once).
    std::string_view role;
  };
  [[nodiscard]] std::vector<Entry> list() const;

  /// The JWKS document. `issuer`: of each key, as version 2 has it; empty: as version 1.
  std::string to_json(std::string_view issuer);

 private:
  struct Held {
    std::unique_ptr<SigningKey> key;
    bool is_published;
  };

  Held& make(SignatureAlgorithm algorithm);
  Held* held(const SigningKey* key);

  std::vector<Held> keys_;
  const SigningKey* current_ = nullptr;
  const SigningKey* next_ = nullptr;
  const SigningKey* other_ = nullptr;
  std::size_t filler_ = 0;
};

}  // namespace spillway::simulator
