#pragma once
// Everything that is written to a client while its request is served goes through here: a client
// that takes nothing (limits.write_timeout), or too little (limits.min_write_rate), is closed.

#include <spillway/base/result.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>

#include <optional>

namespace spillway::gateway {

/// What the client takes at once comes off `pieces`. Nothing: the rest has to wait, for it or
/// for the end of the turn.
std::optional<base::Result<void>> try_write_to_client(RequestContext& context, net::Pieces& pieces);
/// Whether these pieces wait for the end of the turn (docs/decisions/0016).
[[nodiscard]] bool is_for_end_of_turn(const RequestContext& context, const net::Pieces& pieces);
/// As net::take_written(), of pieces that were tried at the end of the turn.
std::optional<base::Result<void>> take_written(RequestContext& context, net::Pieces& pieces,
                                               const net::TryResult& tried);
/// All of it. No clock is looked at while the client takes what comes. `tried`: what came of the
/// try just before, if there was one that left something.
net::Task<base::Result<void>> write_to_client(RequestContext& context, net::Pieces pieces,
                                              net::Try tried = net::Try::done);
net::Task<base::Result<void>> write_to_client(RequestContext& context,
                                              net::asio::const_buffer bytes);

}  // namespace spillway::gateway
