#pragma once
// The error answers of Entra's token endpoints and of the managed identity endpoints. Pure.

#include "simulator/errors.hpp"
#include "simulator/reply.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

/// `AADSTS{code}: {what} Trace ID: …`, with the times and ids of the samples.
ErrorText entra_error(unsigned status, std::string_view error, int code, const std::string& what);

ErrorText bad_secret(const std::string& client_id);
ErrorText expired_secret(const std::string& client_id);
ErrorText unknown_app(const std::string& client_id, const std::string& tenant);
ErrorText unknown_tenant(const std::string& tenant);
ErrorText bad_scope();
ErrorText bad_assertion();
ErrorText assertion_out_of_time();
ErrorText federation_mismatch();
/// Of a form field.
ErrorText missing_parameter(const std::string& name);

/// `{"error":…,"error_description":…}`
ErrorText metadata_error(unsigned status, std::string_view error, std::string_view what);

/// The bodies of the identity service by name, as docs/simulator.md lists them; errors.hpp asks.
std::optional<ErrorText> identity_answer_named(std::string_view name);

}  // namespace spillway::simulator
