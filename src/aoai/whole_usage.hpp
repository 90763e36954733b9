#pragma once
// The usage of an answer that lies whole in memory, as most do: an object that is walked through
// once, member by member, or at its last one only.

#include <spillway/aoai/usage.hpp>

#include <optional>
#include <string_view>

namespace spillway::aoai {

/// The same as json::Scanner would find. Nothing: it has to be asked, as this is not a whole
/// object, is malformed or too deep, has an escape in a name that matters, or is wrapped in
/// `response`. Allocates nothing.
std::optional<Usage> read_whole_usage(std::string_view json);

/// The same for an object whose last member is `usage`, as Azure OpenAI writes most: what stands
/// before it is not looked at. Nothing: it has to be read from its beginning. Only for text that is
/// known to end here; of text that is no JSON, or is nested too deep, it may find usage where
/// reading all of it does not.
std::optional<Usage> read_usage_at_end(std::string_view json);

}  // namespace spillway::aoai
