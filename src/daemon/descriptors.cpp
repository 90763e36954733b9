#include <spillway/daemon/descriptors.hpp>

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <sys/resource.h>
#include <unistd.h>

namespace spillway::daemon {
namespace {

constexpr std::uint64_t kOwn = 64;  // listeners, event loops, files, the admin port
constexpr std::uint64_t kLeastConnections = 16;
constexpr std::uint64_t kMostReserved = 131'072;  // 8 bytes of the system's memory for each

std::uint64_t descriptors_for(std::uint64_t connections) {
  return 2 * connections + kOwn;
}

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

void reserve_descriptors(std::uint64_t max_connections) {
  const std::uint64_t most = std::min(descriptor_limit(), kMostReserved);
  const std::uint64_t wanted = std::min(descriptors_for(std::min(max_connections, most)), most);
  if (wanted == 0) return;
  // The table grows to the highest number that was ever in use, and does not shrink.
  const int highest = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, static_cast<int>(wanted - 1));
  if (highest >= 0) ::close(highest);
}

std::uint64_t connections_that_fit(std::uint64_t limit) {
  if (limit == 0) return std::numeric_limits<std::uint64_t>::max();
  return std::max(kLeastConnections, (limit - std::min(limit, kOwn)) / 2);
}

std::optional<std::string> descriptor_warning(std::uint64_t limit, std::uint64_t max_connections) {
  const std::uint64_t wanted = descriptors_for(max_connections);
  if (limit == 0 || limit >= wanted) return std::nullopt;
  std::string what = "this process may open " + std::to_string(limit) + " files, and ";
  what += "limits.max_connections (" + std::to_string(max_connections) + ") wants ";
  what += std::to_string(wanted) + "; from " + std::to_string(connections_that_fit(limit));
  what += " connections on further ones are refused. Raise the hard limit (LimitNOFILE= of the ";
  what += "unit, --ulimit nofile= of the container) or lower limits.max_connections";
  return what;
}

}  // namespace spillway::daemon
