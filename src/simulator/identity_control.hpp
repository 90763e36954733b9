#pragma once
// The part of the control API that is about tokens: minting, the steps of a key rollover, the
// authority's clock. Throws std::invalid_argument on a mistake of the caller's.

#include "simulator/issuer.hpp"
#include "simulator/request.hpp"

#include <string>
#include <string_view>

namespace spillway::simulator {

/// JSON to answer; of `/control/tokens`.
std::string mint_by_request(const Request& request, Issuer& issuer);

/// The same of `/control/identity/` and `action`.
std::string act_on_issuer(const Request& request, std::string_view action, Issuer& issuer);

}  // namespace spillway::simulator
