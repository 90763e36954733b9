#pragma once
// The token that a caller presented for itself, where the configuration says that it goes on to the
// backend (`pass_through`). Pure.

#include <spillway/base/field.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/credential_source.hpp>

#include <optional>

namespace spillway::identity {

/// The one `Authorization: Bearer` field of the request if it holds what looks like a JWT. Not
/// where there are two, nor where it is a key of the gateway: that one goes nowhere.
std::optional<Authorization> callers_token(base::FieldView headers,
                                           const config::Configuration& configuration);

}  // namespace spillway::identity
