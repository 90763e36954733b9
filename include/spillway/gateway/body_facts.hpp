#pragma once
// What is known of a request's body, JSON or form: read in the part that is held, and where it
// matters watched in the part that is streamed. Used by whoever admits a request and by
// gateway::Upload; sends nothing.

#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>

#include <string_view>

namespace spillway::gateway {

/// Fills `context.facts` from the held part of a POST. A form that goes on behind it stays open in
/// `context.form`, so that the rest can be watched.
void read_body_facts(RequestContext& context, const RequestBody& body);

/// Whether a deployment may be named in the part of the body that nobody has read. `context` has
/// path, facts and deployment.
[[nodiscard]] bool is_deployment_unread(const RequestContext& context, const RequestBody& body);

/// `piece` is about to be sent, behind the held part of a form that is watched. Fault::bad_request
/// if it names a model again, or if readers would differ on where: a backend could then serve
/// another deployment than the one that was allowed.
base::Result<void> watch_form(RequestContext& context, const RequestBody& body,
                              std::string_view piece);

}  // namespace spillway::gateway
