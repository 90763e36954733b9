#pragma once
// JSON as security wants it: one object, no key twice in any object, no depth to speak of. Private
// to identity, because it shows nlohmann's type; whoever calls includes that.

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace spillway::identity {

inline constexpr std::size_t kMaxJsonDepth = 16;

/// Nothing for what is not one JSON object in UTF-8, for a key that an object has twice (compared
/// after escapes are undone; parsers differ on which of the two counts), for more than
/// kMaxJsonDepth levels, and for numbers beyond a double. Never throws but std::bad_alloc. The
/// result is to be moved, not copied.
std::optional<nlohmann::json> parse_strict_object(std::string_view text);

/// The member's text; nothing where it is missing or no text. The view is into `object`.
std::optional<std::string_view> text_member(const nlohmann::json& object, const char* name);

}  // namespace spillway::identity
