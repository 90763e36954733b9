// `pools`: which backends stand in for each other, and in which order.

#include "scalars.hpp"
#include "sections.hpp"

namespace spillway::config {
namespace {

constexpr Range<Duration> kPoolTimeouts = {1ms, std::chrono::hours(24)};

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
  timeouts.duration("connect", out.connect, kPoolTimeouts);
  timeouts.duration("first_byte", out.first_byte, kPoolTimeouts);
  timeouts.duration("idle", out.idle, kPoolTimeouts);
  timeouts.duration("total", out.total, kPoolTimeouts);
  timeouts.finish();
}

void read_commit_hold(Section& pool, CommitHold& out) {
  const auto value = pool.find("commit_hold");
  if (!value) return;
  Section hold(pool.reading(), *value);
  hold.size("size", out.size, {0, 1ULL << 20U});
  hold.number("events", out.events, {0, 10'000});
  hold.duration("time", out.time, {0s, 30s});
  hold.finish();
}

void read_sse_keepalive(Section& pool, Duration& out) {
  constexpr Range<Duration> allowed = {1s, 5min};
  pool.duration("sse_keepalive", out, {0s, allowed.most});
  if (out == 0s || out >= allowed.least) return;
  const Value written = pool.place_of("sse_keepalive");
  pool.reading().report(
      written, show(written) + " is out of range; allowed: " + format_duration(allowed.least) +
                   " to " + format_duration(allowed.most) + ", or 0s for never");
}

// A word where that says it all, a map where there is more to say.
void read_affinity(Section& pool, Affinity& out) {
  const auto value = pool.find("affinity");
  if (!value) return;
  if (value->node->kind == Node::Kind::scalar) {
    if (read_choice(pool.reading(), *value, {"prompt_cache"})) out.prompt_cache = true;
    return;
  }
  Section affinity(pool.reading(), *value, "prompt_cache, or a map");
  affinity.flag("prompt_cache", out.prompt_cache);
  affinity.flag("isolate_clients", out.isolate_clients);
  affinity.finish();
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
    read_members(section, pool);
    read_circuit_breaker(section, pool.circuit_breaker);
    read_retry(section, pool.retry);
    read_timeouts(section, pool.timeouts);
    read_commit_hold(section, pool.commit_hold);
    read_sse_keepalive(section, pool.sse_keepalive);
    read_affinity(section, pool.affinity);
    section.finish();
    out.push_back(std::move(pool));
  });
}

}  // namespace spillway::config
