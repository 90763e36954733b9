#include <spillway/base/text.hpp>
#include <spillway/daemon/memory_usage.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <unistd.h>

namespace spillway::daemon {
namespace {

// Version 1 writes "no limit" as the largest multiple of a page; nobody has so much.
constexpr std::uint64_t kUnlimited = 1ULL << 60U;

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \n"));
}

void take_least(std::optional<std::uint64_t>& least, const std::optional<std::string>& text) {
  if (!text) return;
  const auto limit = base::parse_unsigned(first_word(*text));  // not a number: "max"
  if (limit && *limit < kUnlimited) least = std::min(least.value_or(*limit), *limit);
}

// The group and all above it. In a container the path often is the host's, and only the root is
// there: what cannot be read is passed over.
std::optional<std::uint64_t> least_above(const ReadFile& read, const std::string& root,
                                         std::string path, const std::string& file) {
  std::optional<std::uint64_t> least;
  for (;;) {
    while (!path.empty() && path.back() == '/')
      path.pop_back();
    std::string name = root;
    name += path;
    name += file;
    take_least(least, read(name));
    if (path.empty()) return least;
    const auto parent = path.rfind('/');
    path.resize(parent == std::string::npos ? 0 : parent);
  }
}

bool holds_memory(std::string_view controllers) {
  while (!controllers.empty()) {
    const auto end = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, end) == "memory") return true;
    controllers.remove_prefix(std::min(end + 1, controllers.size()));
  }
  return false;
}

}  // namespace

ReadFile system_files() {
  return [](const std::string& file) -> std::optional<std::string> {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>(stream), {}};
  };
}

std::optional<std::uint64_t> resident_memory(const ReadFile& read) {
  const auto text = read("/proc/self/statm");
  if (!text) return std::nullopt;
  const std::string_view words = *text;
  const auto blank = words.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto pages = base::parse_unsigned(first_word(words.substr(blank + 1)));
  if (!pages) return std::nullopt;
  return *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Lines of /proc/self/cgroup: "0::/path" is version 2, "4:memory:/path" version 1.
std::optional<std::uint64_t> memory_limit_of_group(const ReadFile& read) {
  const auto text = read("/proc/self/cgroup");
  if (!text) return std::nullopt;
  std::optional<std::uint64_t> least;
  std::string_view left = *text;
  while (!left.empty()) {
    const auto end = std::min(left.find('\n'), left.size());
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string path(line.substr(second + 1));
    std::optional<std::uint64_t> limit;
    if (controllers.empty()) limit = least_above(read, "/sys/fs/cgroup", path, "/memory.max");
    if (holds_memory(controllers)) {
      limit = least_above(read, "/sys/fs/cgroup/memory", path, "/memory.limit_in_bytes");
    }
    if (limit) least = std::min(least.value_or(*limit), *limit);
  }
  return least;
}

std::uint64_t memory_ceiling(const std::optional<std::uint64_t>& configured,
                             const std::optional<std::uint64_t>& of_group) {
  if (configured) return *configured;
  return of_group.value_or(0) / 10 * 8;
}

}  // namespace spillway::daemon
