#pragma once
// A compact JSON web token out of a MintRequest: claims and header in Entra's form and order, what
// the request changes of them, and the signature it asks for.

#include "simulator/key_ring.hpp"
#include "simulator/mint_request.hpp"

#include <chrono>
#include <string>

namespace spillway::simulator {

struct MintPlace {
  /// Of the issuer of version 2, e.g. `https://127.0.0.1:18180`.
  std::string authority;
  std::chrono::system_clock::time_point now;
  /// Makes two tokens of the same second differ: claim `uti`.
  std::string unique_id;
};

/// Who signs tokens of that version for that tenant. Version 1 names a host that nobody asks.
std::string issuer_of(const std::string& authority, std::string_view tenant, TokenVersion version);

/// Throws std::invalid_argument for a request that cannot be met.
std::string mint(const MintRequest& request, KeyRing& keys, const MintPlace& place);

}  // namespace spillway::simulator
