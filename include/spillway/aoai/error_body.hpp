#pragma once
// Error bodies in the shape that Azure OpenAI and the SDKs use:
// {"error":{"code":…,"message":…,"type":…,"param":null}}.

#include <string>
#include <string_view>

namespace spillway::aoai {

/// `code` is e.g. "spillway_pool_throttled" or "DeploymentNotFound"; `type` e.g.
/// "invalid_request_error", "too_many_requests", "server_error". Texts are escaped here.
std::string make_error_body(std::string_view code, std::string_view message, std::string_view type);

}  // namespace spillway::aoai
