// Whatever the bytes of a configuration file are, load() returns: with problems, or with a
// configuration that keeps its own promises. Substitution is part of it; its sources are fixed.

#include <spillway/config/load.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace spillway::config;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_promises(const Configuration& configuration) {
  require(!configuration.listeners.empty());
  require(!configuration.backends.empty());
  require(!configuration.pools.empty());
  require(!configuration.clients.empty() || configuration.anonymous.has_value());
  require(configuration.digest.size() == 64);
  require(configuration.limits.max_header_bytes <= 60U * 1024U);
  for (const Pool& pool : configuration.pools) {
    require(!pool.members.empty());
    for (const Member& member : pool.members)
      require(member.priority > 0 && member.weight > 0);
    const auto& condition = pool.circuit_breaker.faults.failure_condition;
    require((condition.count == 0) != (condition.percentage == 0));
  }
  for (const Client& client : configuration.clients) {
    require(!client.keys.empty());
    for (const ClientKey& key : client.keys)
      require(key.sha256.size() == 32);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Sources sources = {
      [](const std::string& name) -> std::optional<std::string> {
        return name == "A" ? std::optional<std::string>("value") : std::nullopt;
      },
      [](const std::string& path) -> std::optional<std::string> {
        return path == "/a" ? std::optional<std::string>("content\n") : std::nullopt;
      }};
  const Loaded loaded = load(std::string_view(reinterpret_cast<const char*>(bytes), size), sources);
  for (const Problem& problem : loaded.problems) {
    require(!problem.message.empty());
    require(describe(problem, "f").size() < 10'000);
  }
  if (loaded.problems.empty()) check_promises(loaded.configuration);
  return 0;
}
