#pragma once
// How long a prompt is, and which prompt it is, from its JSON text as it stands. Used by
// measure_prompt() only.

#include <cstdint>
#include <string_view>

namespace spillway::aoai {

/// Characters (code points) that a well-formed JSON string says; an escape is one, a surrogate pair
/// two. Invalid UTF-8 gives some number.
std::uint64_t count_characters(std::string_view token);

/// Of the first KiB of `instructions` followed by `prompt`. 0: both are empty.
std::uint64_t hash_prompt(std::string_view instructions, std::string_view prompt);

}  // namespace spillway::aoai
