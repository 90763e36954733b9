#include <spillway/daemon/version.hpp>

namespace spillway::daemon {

const std::string_view kVersion = SPILLWAY_VERSION;

}  // namespace spillway::daemon
