#pragma once
// Patterns of the configuration: `*` for any characters, `?` for exactly one byte, all else for
// itself, capitals included.

#include <string_view>

namespace spillway::identity {

/// The whole text must match. Time at most pattern times text, whatever they are.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace spillway::identity
