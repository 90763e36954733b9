#pragma once
// The usage of an answer that lies whole in memory, as most do: an object that is walked through
// once, member by member. (Of a small chat's answer 4,700 instructions instead of the 7,400 that
// json::Scanner takes, which bears any pieces.)

#include <spillway/aoai/usage.hpp>

#include <optional>
#include <string_view>

namespace spillway::aoai {

/// The same as json::Scanner would find. Nothing: it has to be asked, as this is not a whole
/// object, is malformed or too deep, has an escape in a name that matters, or is wrapped in
/// `response`. Allocates nothing.
std::optional<Usage> read_whole_usage(std::string_view json);

}  // namespace spillway::aoai
