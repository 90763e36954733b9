#pragma once
// Which backend a request must go to because it alone knows what the request names (behaviour
// §2.4): the ids in path and body, looked up in what answers have taught.

#include <spillway/gateway/request_context.hpp>

namespace spillway::gateway {

/// Fills context.ownership and context.owner. The strongest known id decides; an owner that is no
/// member of the pool any more is as good as forgotten. Needs path, facts, caller and pool.
void find_owner(RequestContext& context);

/// After a successful answer: what it deleted is forgotten.
void forget_deleted(const RequestContext& context);

}  // namespace spillway::gateway
