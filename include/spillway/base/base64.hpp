#pragma once
// Bytes as text, for header fields and the like.

#include <string>
#include <string_view>

namespace spillway::base {

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view bytes);

}  // namespace spillway::base
