#pragma once
// What is changed in a caller's body for one attempt (behaviour §1, §6): the deployment's name
// where the body names it and the backend calls it otherwise, and a stream's usage where it must be
// asked for. Everything else goes byte for byte.

#include <spillway/aoai/body_edit.hpp>
#include <spillway/gateway/request_body.hpp>
#include <spillway/gateway/request_context.hpp>

#include <string_view>
#include <vector>

namespace spillway::gateway {

/// Whether a stream's usage is to be asked for on the caller's behalf.
bool is_usage_to_be_added(const RequestContext& context);

/// Sorted; empty: the body goes as it came.
std::vector<aoai::BodyEdit> body_edits(const RequestContext& context, const RequestBody& body,
                                       std::string_view upstream_deployment);

}  // namespace spillway::gateway
