#pragma once
// The environment variables as identity sees them: a function, so that tests and the daemon decide
// where they come from.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::identity {

/// The value of a variable by name; nothing if it is not set. May be called from any thread.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

}  // namespace spillway::identity
