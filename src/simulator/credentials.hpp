#pragma once
// Whether an endpoint lets a request in: api-key, bearer key on v1, or a token of the simulated
// Entra. Pure, but for the issuer's memory of its tokens.

#include "simulator/api.hpp"
#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/reply.hpp"

#include <optional>

namespace spillway::simulator {

/// Browsers cannot set headers on a WebSocket: there the query may carry `api-key` or
/// `Authorization`.
enum class Carrier { headers, headers_or_query };

/// Azure's refusal; nothing if the credential is accepted or none is asked for. `issuer` may be
/// null: then no token is accepted.
std::optional<Reply> refuse_credential(const Auth& auth, const Issuer* issuer,
                                       const Request& request, Surface surface, Carrier carrier);

}  // namespace spillway::simulator
