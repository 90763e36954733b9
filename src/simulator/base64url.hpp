#pragma once
// Base64 as JSON web tokens use it: the URL alphabet without padding, and the common one for
// certificates. Pure; strict when reading.

#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);

/// Nothing for padding, other characters, an impossible length, or bits left over.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace spillway::simulator
