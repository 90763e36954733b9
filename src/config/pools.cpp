// `pools`: which backends stand in for each other, and in which order.

#include "sections.hpp"

#include <set>

namespace spillway::config {
namespace {

constexpr Range<unsigned> kPriorities = {1, 1'000'000};
constexpr Range<unsigned> kWeights = {1, 1000};
constexpr Range<Duration> kTimeouts = {1ms, std::chrono::hours(24)};

void read_members(Section& pool, std::vector<Member>& out) {
  std::set<std::string> seen;
  pool.require("members", "write at least one, such as members: [ { backend: NAME } ]");
  read_each(pool, "members", [&](Section& section) {
    Reading& reading = section.reading();
    Member member;
    const auto value = section.require("backend", "write the name of a backend");
    const auto name = value ? read_name(reading, *value) : std::nullopt;
    if (name) {
      member.backend = *name;
      reading.refer(NameKind::backend, *name, *value);
      if (!seen.insert(*name).second) {
        reading.report(*value, show(*value) + " is already a member of this pool");
      }
    }
    section.number("priority", member.priority, kPriorities);
    section.number("weight", member.weight, kWeights);
    section.finish();
    out.push_back(std::move(member));
  });
}

void read_retry(Section& pool, Retry& out) {
  const auto value = pool.find("retry");
  if (!value) return;
  Section retry(pool.reading(), *value);
  retry.number("max_attempts", out.max_attempts, {1, 10});
  retry.percent("budget", out.budget_percent);
  retry.finish();
}

void read_timeouts(Section& pool, Timeouts& out) {
  const auto value = pool.find("timeouts");
  if (!value) return;
  Section timeouts(pool.reading(), *value);
  timeouts.duration("connect", out.connect, kTimeouts);
  timeouts.duration("first_byte", out.first_byte, kTimeouts);
  timeouts.duration("idle", out.idle, kTimeouts);
  timeouts.duration("total", out.total, kTimeouts);
  timeouts.finish();
}

}  // namespace

void read_pools(Section& root, std::vector<Pool>& out) {
  if (!root.find("pools")) return;
  read_each(root, "pools", [&](Section& section) {
    Pool pool;
    pool.name = read_own_name(section, NameKind::pool);
    section.choice<Balance>("balance", pool.balance,
                            {{"random", Balance::random},
                             {"round_robin", Balance::round_robin},
                             {"least_requests", Balance::least_requests},
                             {"headroom", Balance::headroom}});
    read_members(section, pool.members);
    read_circuit_breaker(section, pool.circuit_breaker);
    read_retry(section, pool.retry);
    read_timeouts(section, pool.timeouts);
    section.finish();
    out.push_back(std::move(pool));
  });
}

}  // namespace spillway::config
