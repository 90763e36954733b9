#pragma once
// SHA-256, for the digest of the file and of callers' keys.

#include <string>
#include <string_view>

namespace spillway::config {

/// 32 raw bytes.
std::string sha256(std::string_view text);

}  // namespace spillway::config
