#pragma once
// Reads a configuration from YAML text: strict, every problem at once, each with its place.

#include <spillway/config/configuration.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::config {

struct Problem {
  int line = 0;         // 1-based; 0: the file as a whole
  int column = 0;       // 1-based
  std::string path;     // e.g. pools[0].members[1].priority
  std::string message;  // what is wrong and what is allowed
};

/// `file:line:column: path: message`, as shown to the operator.
std::string describe(const Problem& problem, std::string_view file_name);

/// What substitution may read. Functions so that tests need neither environment nor disk.
struct Sources {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::optional<std::string>(const std::string& path)> file;
};

/// The process's environment and file system.
Sources system_sources();

struct Loaded {
  Configuration configuration;  // meaningful only if there is no problem
  std::vector<Problem> problems;
};

/// Pure but for `sources`. Never throws; hostile input (alias bombs, nesting, size) is a Problem.
Loaded load(std::string_view yaml, const Sources& sources);

/// One problem for each file the configuration names (certificates, keys, CA files) that does not
/// exist, is not a regular file, or cannot be read by this process. What is in it is not looked at.
/// Blocking; never throws.
std::vector<Problem> check_files(const Configuration& configuration);

}  // namespace spillway::config
