#pragma once
// `spillway healthcheck`: asks the admin port of a running gateway for /livez, so that a container
// needs no other program for its health check.

#include <spillway/base/result.hpp>
#include <spillway/config/configuration.hpp>

namespace spillway::daemon {

/// Nothing wrong if the gateway answers 200 within two seconds. Blocking.
base::Result<void> check_health(const config::Configuration& configuration);

}  // namespace spillway::daemon
