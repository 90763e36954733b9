#include <spillway/daemon/descriptors.hpp>

#include <algorithm>
#include <limits>
#include <sys/resource.h>

namespace spillway::daemon {
namespace {

constexpr std::uint64_t kOwn = 64;  // listeners, event loops, files, the admin port
constexpr std::uint64_t kLeastConnections = 16;

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return descriptor_limit();
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return limit.rlim_cur;  // RLIM_INFINITY is the largest number
}

std::uint64_t connections_that_fit(std::uint64_t limit) {
  if (limit == 0) return std::numeric_limits<std::uint64_t>::max();
  return std::max(kLeastConnections, (limit - std::min(limit, kOwn)) / 2);
}

std::optional<std::string> descriptor_warning(std::uint64_t limit, std::uint64_t max_connections) {
  const std::uint64_t wanted = 2 * max_connections + kOwn;
  if (limit == 0 || limit >= wanted) return std::nullopt;
  std::string what = "this process may open " + std::to_string(limit) + " files, and ";
  what += "limits.max_connections (" + std::to_string(max_connections) + ") wants ";
  what += std::to_string(wanted) + "; from " + std::to_string(connections_that_fit(limit));
  what += " connections on further ones are refused. Raise the hard limit (LimitNOFILE= of the ";
  what += "unit, --ulimit nofile= of the container) or lower limits.max_connections";
  return what;
}

}  // namespace spillway::daemon
