#pragma once
// The command line: what to do, and with which file.

#include <optional>
#include <string>

namespace spillway::daemon {

enum class Command { serve, check, version, healthcheck };

struct Options {
  Command command = Command::serve;
  std::string config_file;
  bool takes_over = false;  // serve: from the gateway that runs
};

struct Parsed {
  std::optional<Options> options;  // none: end with `exit_code`, everything is said already
  int exit_code = 0;
};

/// Prints help and usage errors itself. Bad usage ends with exit code 2.
Parsed parse_options(int argc, const char* const* argv);

}  // namespace spillway::daemon
