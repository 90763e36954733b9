#pragma once
// The OpenID discovery documents of the simulated Entra, in the forms of versions 1 and 2. Pure.

#include "simulator/mint_request.hpp"

#include <string>
#include <string_view>

namespace spillway::simulator {

/// `common`, `organizations` and `consumers` stand for whatever tenant a token is of.
bool is_any_tenant(std::string_view tenant);

/// What issuers in documents say for `tenant`: for the three above, literally `{tenantid}`.
std::string issuer_tenant(std::string_view tenant);

std::string openid_configuration(const std::string& authority, std::string_view tenant,
                                 TokenVersion version);

}  // namespace spillway::simulator
