#pragma once
// What answers cost, read-only (behaviour §6): into the access record of the request and the totals
// of its client. Guesses and exact numbers never meet in one sum.

#include <spillway/aoai/usage.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/telemetry/access_record.hpp>

namespace spillway::gateway {

telemetry::TokenCounts token_counts_of(const aoai::Usage& usage);

/// Adds up the request's attempts in its client's totals. Once, when the request has ended.
void account(const RequestContext& context);

}  // namespace spillway::gateway
