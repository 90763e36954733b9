#pragma once
// The version, said once in CMakeLists.txt.

#include <string_view>

namespace spillway::daemon {

extern const std::string_view kVersion;

}  // namespace spillway::daemon
