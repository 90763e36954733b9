// pools and what hangs on them: members, breakers, retries, timeouts, references.

#include "config_test_support.hpp"

#include <gtest/gtest.h>

namespace spillway::config::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// One pool called default, with `rest` among its keys, from line 4, column 33 on.
std::string pool_with(std::string_view rest) {
  return "pools: [ { name: default, members: [ { backend: a } ], " + std::string(rest) + " } ]\n";
}
constexpr int kColumn = 56;  // of `rest`

Pool read_pool(std::string_view rest) {
  const Configuration c = configuration_of(load_after_prelude(pool_with(rest)));
  return c.pools.empty() ? Pool{} : c.pools.front();
}

TEST(Pools, where_none_is_written_default_holds_every_backend) {
  for (const std::string_view rest : {"", "pools: []\n"}) {
    const Configuration c = configuration_of(load_after_prelude(rest));
    ASSERT_EQ(c.pools.size(), 1U);
    EXPECT_EQ(c.pools[0].name, "default");
    EXPECT_EQ(c.pools[0].balance, Balance::round_robin);
    ASSERT_EQ(c.pools[0].members.size(), 2U);
    EXPECT_EQ(c.pools[0].members[0].backend, "a");
    EXPECT_EQ(c.pools[0].members[0].priority, 1U);
    EXPECT_EQ(c.pools[0].members[0].weight, 1U);
    EXPECT_EQ(c.pools[0].members[1].backend, "b");
    EXPECT_EQ(c.clients[0].pool, "default");
  }
}

TEST(Pools, members_and_balance) {
  const Configuration c =
      configuration_of(load_after_prelude("pools:\n"
                                          "  - name: default\n"
                                          "    balance: least_requests\n"
                                          "    members:\n"
                                          "      - { backend: a, priority: 1 }\n"
                                          "      - { backend: b, priority: 2, weight: 3 }\n"));
  ASSERT_EQ(c.pools.size(), 1U);
  EXPECT_EQ(c.pools[0].balance, Balance::least_requests);
  EXPECT_EQ(c.pools[0].members[0].weight, 1U);
  EXPECT_EQ(c.pools[0].members[1].priority, 2U);
  EXPECT_EQ(c.pools[0].members[1].weight, 3U);
  EXPECT_EQ(read_pool("balance: headroom").balance, Balance::headroom);
  EXPECT_EQ(read_pool("balance: random").balance, Balance::random);
}

TEST(Pools, rules) {
  expect_broken({
      {"pools: {}\n", {4, 8, "pools", "is a map; expected a list"}},
      {"pools: [ { members: [ { backend: a } ] }, { name: default, members: [ { backend: a } ] } "
       "]\n",
       {4, 10, "pools[0].name", "is missing"}},
      {"pools: [ { name: default } ]\n", {4, 10, "pools[0].members", "is missing; write at least"}},
      {"pools: [ { name: default, members: [] } ]\n", {4, 36, "pools[0].members", "is empty"}},
      {"pools: [ { name: default, members: [ a ] } ]\n",
       {4, 38, "pools[0].members[0]", "is a single value; expected a map"}},
      {"pools: [ { name: default, members: [ {} ] } ]\n",
       {4, 38, "pools[0].members[0].backend", "is missing; write the name of a backend"}},
      {"pools: [ { name: default, members: [ { backend: c } ] } ]\n",
       {4, 49, "pools[0].members[0].backend", "\"c\" is not a defined backend;"}},
      {"pools: [ { name: default, members: [ { backend: a }, { backend: a } ] } ]\n",
       {4, 65, "pools[0].members[1].backend", "\"a\" is already a member of this pool"}},
      {"pools: [ { name: default, members: [ { backend: a, priority: 0 } ] } ]\n",
       {4, 62, "pools[0].members[0].priority", "\"0\" is not a whole number from 1 to 1000000"}},
      {"pools: [ { name: default, members: [ { backend: a, priority: -1 } ] } ]\n",
       {4, 62, "pools[0].members[0].priority", "\"-1\" is not a whole number from 1"}},
      {"pools: [ { name: default, members: [ { backend: a, priority: 1.5 } ] } ]\n",
       {4, 62, "pools[0].members[0].priority", "\"1.5\" is not a whole number from 1"}},
      {"pools: [ { name: default, members: [ { backend: a, priority: high } ] } ]\n",
       {4, 62, "pools[0].members[0].priority", "\"high\" is not a whole number from 1"}},
      {"pools: [ { name: default, members: [ { backend: a, weight: 1001 } ] } ]\n",
       {4, 60, "pools[0].members[0].weight", "from 1 to 1000"}},
      {"pools: [ { name: default, members: [ { backend: a, prority: 2 } ] } ]\n",
       {4, 52, "pools[0].members[0].prority", "did you mean \"priority\"?"}},
      {"pools: [ { name: default, members: [ { backend: a } ] }, { name: default, members: [ { "
       "backend: a } ] } ]\n",
       {4, 66, "pools[1].name", "is already the name of another pool (line 4)"}},
      {"pools: [ { name: default, balance: fair, members: [ { backend: a } ] } ]\n",
       {4, 36, "pools[0].balance",
        "expected one of random, round_robin, least_requests, headroom"}},
      {"pools: [ { name: other, members: [ { backend: a } ] } ]\n",
       {3, 12, "clients[0]",
        "has no pool, and no pool is called default; write pool: with one of "
        "other"}},
  });
}

TEST(Pools, a_client_of_an_unknown_pool) {
  const std::string text =
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "backends: [ { name: a, url: https://a.example } ]\n"
      "clients: [ { name: app, keys: [ k1 ], pool: prodution } ]\n";
  expect_problems(load(text + "pools: [ { name: production, members: [ { backend: a } ] } ]\n", {}),
                  {{3, 45, "clients[0].pool",
                    "\"prodution\" is not a defined pool; did you mean \"production\"? defined: "
                    "production"}});
  expect_problems(load(text, {}),
                  {{3, 45, "clients[0].pool", "is not a defined pool; defined: default"}});
}

TEST(Breaker, defaults_are_those_of_the_contract) {
  const CircuitBreaker b = read_pool("balance: random").circuit_breaker;
  ASSERT_EQ(b.throttle.failure_condition.statuses.size(), 1U);
  EXPECT_EQ(b.throttle.failure_condition.statuses[0].first, 429U);
  EXPECT_EQ(b.throttle.failure_condition.count, 1U);
  EXPECT_EQ(b.throttle.failure_condition.interval, minutes(1));
  EXPECT_EQ(b.throttle.trip_duration, seconds(10));
  EXPECT_TRUE(b.throttle.accept_retry_after);
  EXPECT_EQ(b.throttle.slow_start, seconds(0));
  ASSERT_EQ(b.faults.failure_condition.statuses.size(), 2U);
  EXPECT_EQ(b.faults.failure_condition.statuses[0].first, 408U);
  EXPECT_EQ(b.faults.failure_condition.statuses[1].first, 500U);
  EXPECT_EQ(b.faults.failure_condition.statuses[1].last, 599U);
  EXPECT_TRUE(b.faults.failure_condition.error_reasons.connect);
  EXPECT_TRUE(b.faults.failure_condition.error_reasons.reset);
  EXPECT_EQ(b.faults.failure_condition.count, 5U);
  EXPECT_EQ(b.faults.failure_condition.interval, seconds(30));
  EXPECT_EQ(b.faults.trip_duration, seconds(15));
  EXPECT_TRUE(b.faults.accept_retry_after);
  EXPECT_EQ(b.faults.slow_start, seconds(10));
  EXPECT_EQ(b.min_trip_duration, milliseconds(50));
  EXPECT_EQ(b.max_trip_duration, minutes(2));
}

TEST(Breaker, what_is_not_written_keeps_its_default) {
  const CircuitBreaker b =
      read_pool(
          "circuit_breaker: { throttle: { trip_duration: 3s }, faults: { failure_condition: { "
          "statuses: [ 500, 502-504 ], interval: 1m }, accept_retry_after: false }, "
          "max_trip_duration: 1m }")
          .circuit_breaker;
  EXPECT_EQ(b.throttle.trip_duration, seconds(3));
  EXPECT_EQ(b.throttle.failure_condition.count, 1U);
  EXPECT_EQ(b.throttle.failure_condition.statuses.size(), 1U);
  ASSERT_EQ(b.faults.failure_condition.statuses.size(), 2U);
  EXPECT_EQ(b.faults.failure_condition.statuses[0].last, 500U);
  EXPECT_EQ(b.faults.failure_condition.statuses[1].first, 502U);
  EXPECT_TRUE(b.faults.failure_condition.error_reasons.timeout);
  EXPECT_EQ(b.faults.failure_condition.count, 5U);
  EXPECT_EQ(b.faults.failure_condition.interval, minutes(1));
  EXPECT_EQ(b.faults.trip_duration, seconds(15));
  EXPECT_FALSE(b.faults.accept_retry_after);
  EXPECT_EQ(b.min_trip_duration, milliseconds(50));
  EXPECT_EQ(b.max_trip_duration, minutes(1));
}

TEST(Breaker, percentage_takes_the_place_of_count) {
  const FailureCondition f = read_pool(
                                 "circuit_breaker: { faults: { failure_condition: { percentage: "
                                 "50, minimum_requests: 40 } } "
                                 "}")
                                 .circuit_breaker.faults.failure_condition;
  EXPECT_EQ(f.count, 0U);
  EXPECT_EQ(f.percentage, 50U);
  EXPECT_EQ(f.minimum_requests, 40U);
}

TEST(Breaker, error_reasons_replace_the_defaults) {
  const ErrorReasons r =
      read_pool("circuit_breaker: { faults: { failure_condition: { error_reasons: [ tls ] } } }")
          .circuit_breaker.faults.failure_condition.error_reasons;
  EXPECT_TRUE(r.tls);
  EXPECT_FALSE(r.connect || r.timeout || r.reset);
}

TEST(Breaker, a_minimum_may_be_as_short_as_a_ptu_says) {
  EXPECT_EQ(
      read_pool("circuit_breaker: { min_trip_duration: 10ms }").circuit_breaker.min_trip_duration,
      milliseconds(10));
}

TEST(Breaker, a_short_maximum_does_not_blame_the_defaults) {
  EXPECT_EQ(
      read_pool("circuit_breaker: { max_trip_duration: 5s }").circuit_breaker.max_trip_duration,
      seconds(5));
}

TEST(Breaker, rules) {
  const std::string path = "pools[0].circuit_breaker";
  const auto check = [&](const std::string& rest, int offset, const std::string& below,
                         const std::string& fragment) {
    SCOPED_TRACE(rest);
    expect_problems(load_after_prelude(pool_with("circuit_breaker: " + rest)),
                    {{4, kColumn + 17 + offset, path + below, fragment}});
  };
  check("on", 0, "", "is a single value; expected a map");
  check("{ fault: {} }", 2, ".fault", "did you mean \"faults\"?");
  check("{ faults: { trip_duration: 1 } }", 27, ".faults.trip_duration", "has no unit");
  check("{ faults: { trip_duration: 5m } }", 27, ".faults.trip_duration",
        "\"5m\" is outside min_trip_duration (50ms) and max_trip_duration (2m)");
  check("{ throttle: { trip_duration: 1ms } }", 29, ".throttle.trip_duration", "is outside");
  check("{ min_trip_duration: 3m }", 21, ".min_trip_duration", "is more than max_trip_duration");
  check("{ faults: { accept_retry_after: 1 } }", 32, ".faults.accept_retry_after",
        "is not true or false");
  check("{ faults: { slow_start: -1s } }", 24, ".faults.slow_start", "is not a duration");
}

TEST(Breaker, rules_of_failure_conditions) {
  const std::string path = "pools[0].circuit_breaker.faults.failure_condition";
  const auto check = [&](const std::string& rest, int offset, const std::string& below,
                         const std::string& fragment) {
    SCOPED_TRACE(rest);
    const std::string before = "circuit_breaker: { faults: { failure_condition: ";
    expect_problems(
        load_after_prelude(pool_with(before + rest + " } }")),
        {{4, kColumn + static_cast<int>(before.size()) + offset, path + below, fragment}});
  };
  check("{ statuses: 500 }", 12, ".statuses", "is a single value; expected a list");
  check("{ statuses: [ 5xx ] }", 14, ".statuses[0]", "\"5xx\" is not a failure status");
  check("{ statuses: [ 599-500 ] }", 14, ".statuses[0]", "\"599-500\" is not a failure status");
  check("{ statuses: [ 429, 200 ] }", 19, ".statuses[1]", "within 400 to 599");
  check("{ error_reasons: [ dns ] }", 19, ".error_reasons[0]",
        "expected one of connect, tls, timeout, reset");
  check("{ error_reasons: [ tls, tls ] }", 24, ".error_reasons[1]", "is listed twice");
  check("{ statuses: [], error_reasons: [] }", 0, "", "can never be met");
  check("{ count: 0 }", 9, ".count", "from 1 to 100000");
  check("{ percentage: 0 }", 14, ".percentage", "from 1 to 100");
  check("{ percentage: 101 }", 14, ".percentage", "from 1 to 100");
  check("{ count: 3, percentage: 50 }", 24, ".percentage", "count is written too");
  check("{ minimum_requests: 5 }", 20, ".minimum_requests", "goes with percentage");
  check("{ interval: 0s }", 12, ".interval", "allowed: 100ms to 1d");
}

TEST(Retries, all_keys_and_rules) {
  const Retry written = read_pool("retry: { max_attempts: 1, budget: 100% }").retry;
  EXPECT_EQ(written.max_attempts, 1U);
  EXPECT_EQ(written.budget_percent, 100U);
  EXPECT_EQ(read_pool("retry: {}").retry.max_attempts, 3U);
  EXPECT_EQ(read_pool("retry: {}").retry.budget_percent, 20U);
  expect_problems(load_after_prelude(pool_with("retry: { max_attempts: 0 }")),
                  {{4, kColumn + 23, "pools[0].retry.max_attempts", "from 1 to 10"}});
  expect_problems(load_after_prelude(pool_with("retry: { budget: 20 }")),
                  {{4, kColumn + 17, "pools[0].retry.budget", "\"20\" has no % sign"}});
  expect_problems(load_after_prelude(pool_with("retry: { budget: 120% }")),
                  {{4, kColumn + 17, "pools[0].retry.budget", "is more than 100%"}});
}

TEST(PoolTimeouts, all_keys_and_rules) {
  const Timeouts written =
      read_pool("timeouts: { connect: 1s, first_byte: 2s, idle: 3s, total: 4s }").timeouts;
  EXPECT_EQ(written.connect, seconds(1));
  EXPECT_EQ(written.first_byte, seconds(2));
  EXPECT_EQ(written.idle, seconds(3));
  EXPECT_EQ(written.total, seconds(4));
  const Timeouts defaults = read_pool("timeouts: {}").timeouts;
  EXPECT_EQ(defaults.connect, seconds(5));
  EXPECT_EQ(defaults.first_byte, minutes(5));
  EXPECT_EQ(defaults.idle, minutes(5));
  EXPECT_EQ(defaults.total, minutes(30));
  expect_problems(load_after_prelude(pool_with("timeouts: { conect: 1s }")),
                  {{4, kColumn + 12, "pools[0].timeouts.conect", "did you mean \"connect\"?"}});
  expect_problems(load_after_prelude(pool_with("timeouts: { idle: 0s }")),
                  {{4, kColumn + 18, "pools[0].timeouts.idle", "is out of range"}});
}

// Two members of the pool called default, with these keys.
Loaded load_members(const std::string& first, const std::string& second,
                    const std::string& rest = "") {
  return load_after_prelude("pools:\n- name: default\n  members:\n  - { backend: a" + first +
                            " }\n  - { backend: b" + second + " }\n" + rest);
}

TEST(Models, members_that_agree_or_say_nothing_are_one_pool) {
  const Configuration c = configuration_of(
      load_members(", model: gpt-4o, version: 2024-08-06", ", model: gpt-4o, version: 2024-08-06"));
  EXPECT_EQ(c.pools[0].members[0].model, "gpt-4o");
  EXPECT_EQ(c.pools[0].members[1].version, "2024-08-06");
  EXPECT_FALSE(c.pools[0].allow_mixed_models);
  configuration_of(load_members(", model: gpt-4o", ""));
  configuration_of(load_members(", model: gpt-4o", ", model: gpt-4o, version: 2024-08-06"));
  EXPECT_EQ(configuration_of(load_members("", "")).pools[0].members[0].model, "");
}

TEST(Models, that_differ_are_an_error_that_names_both_and_the_way_out) {
  const Loaded loaded = load_members(", model: gpt-4o", ", model: gpt-4.1");
  expect_problems(
      loaded, {{8, 26, "pools[0].members[1].model", "member b serves \"gpt-4.1\", but member a "}});
  EXPECT_NE(all_of(loaded).find("serves \"gpt-4o\"; "), std::string::npos);
  EXPECT_NE(all_of(loaded).find("write allow_mixed_models: true"), std::string::npos);
}

TEST(Models, versions_of_one_model_that_differ_are_an_error_too) {
  expect_problems(
      load_members(", model: gpt-4o, version: 2024-08-06", ", model: gpt-4o, version: 2024-11-20"),
      {{8, 43, "pools[0].members[1].version",
        "member b serves \"gpt-4o\" version \"2024-11-20\", but member a serves "
        "\"gpt-4o\" version \"2024-08-06\"; "}});
}

TEST(Models, may_be_mixed_where_that_is_written) {
  const Configuration c = configuration_of(
      load_members(", model: gpt-4o", ", model: gpt-4.1", "  allow_mixed_models: true\n"));
  EXPECT_TRUE(c.pools[0].allow_mixed_models);
  expect_problems(
      load_members(", model: gpt-4o", ", model: gpt-4.1", "  allow_mixed_models: false\n"),
      {{8, 26, "pools[0].members[1].model", "serves \"gpt-4.1\""}});
}

TEST(Models, of_different_pools_may_differ) {
  configuration_of(
      load_after_prelude("pools:\n"
                         "- { name: default, members: [ { backend: a, model: gpt-4o } ] }\n"
                         "- { name: other, members: [ { backend: b, model: gpt-4.1 } ] }\n"));
}

TEST(Models, rules) {
  expect_broken({
      {"pools: [ { name: default, members: [ { backend: a, model: '' } ] } ]\n",
       {4, 59, "pools[0].members[0].model", "\"\" is not a name"}},
      {"pools: [ { name: default, members: [ { backend: a, model: m, version: a b } ] } ]\n",
       {4, 71, "pools[0].members[0].version", "\"a b\" is not a name"}},
      {"pools: [ { name: default, members: [ { backend: a, version: 1 } ] } ]\n",
       {4, 61, "pools[0].members[0].version", "goes with model, which is not written"}},
      {"pools: [ { name: default, members: [ { backend: a } ], allow_mixed_models: yes } ]\n",
       {4, 76, "pools[0].allow_mixed_models", "is not true or false"}},
  });
}

TEST(CommitHoldKeys, all_keys_and_rules) {
  const CommitHold written =
      read_pool("commit_hold: { size: 1MiB, events: 10000, time: 30s }").commit_hold;
  EXPECT_EQ(written.size, 1ULL << 20U);
  EXPECT_EQ(written.events, 10'000U);
  EXPECT_EQ(written.time, seconds(30));
  const CommitHold none = read_pool("commit_hold: { size: 0B, events: 0, time: 0s }").commit_hold;
  EXPECT_EQ(none.size, 0U);
  EXPECT_EQ(none.events, 0U);
  EXPECT_EQ(none.time, seconds(0));
  const CommitHold defaults = read_pool("commit_hold: {}").commit_hold;
  EXPECT_EQ(defaults.size, 64ULL << 10U);
  EXPECT_EQ(defaults.events, 64U);
  EXPECT_EQ(defaults.time, seconds(1));
  const std::string path = "pools[0].commit_hold";
  const auto check = [&](const std::string& rest, int offset, const std::string& below,
                         const std::string& fragment) {
    SCOPED_TRACE(rest);
    expect_problems(load_after_prelude(pool_with("commit_hold: " + rest)),
                    {{4, kColumn + 13 + offset, path + below, fragment}});
  };
  check("off", 0, "", "is a single value; expected a map");
  check("{ size: 2MiB }", 8, ".size", "\"2MiB\" is out of range; allowed: 0B to 1MiB");
  check("{ size: 64 }", 8, ".size", "has no unit");
  check("{ events: 10001 }", 10, ".events", "from 0 to 10000");
  check("{ time: 31s }", 8, ".time", "\"31s\" is out of range; allowed: 0s to 30s");
  check("{ bytes: 1KiB }", 2, ".bytes", "unknown key");
}

TEST(SseKeepalive, is_off_or_between_a_second_and_five_minutes) {
  EXPECT_EQ(read_pool("balance: random").sse_keepalive, seconds(0));
  EXPECT_EQ(read_pool("sse_keepalive: 0s").sse_keepalive, seconds(0));
  EXPECT_EQ(read_pool("sse_keepalive: 1s").sse_keepalive, seconds(1));
  EXPECT_EQ(read_pool("sse_keepalive: 5m").sse_keepalive, minutes(5));
  expect_problems(load_after_prelude(pool_with("sse_keepalive: 999ms")),
                  {{4, kColumn + 15, "pools[0].sse_keepalive",
                    "\"999ms\" is out of range; allowed: 1s to 5m, or 0s for never"}});
  expect_problems(load_after_prelude(pool_with("sse_keepalive: 6m")),
                  {{4, kColumn + 15, "pools[0].sse_keepalive", "is out of range"}});
}

TEST(AffinityKeys, a_word_or_a_map) {
  EXPECT_FALSE(read_pool("balance: random").affinity.prompt_cache);
  const Affinity word = read_pool("affinity: prompt_cache").affinity;
  EXPECT_TRUE(word.prompt_cache);
  EXPECT_FALSE(word.isolate_clients);
  const Affinity both =
      read_pool("affinity: { prompt_cache: true, isolate_clients: true }").affinity;
  EXPECT_TRUE(both.prompt_cache);
  EXPECT_TRUE(both.isolate_clients);
  EXPECT_FALSE(read_pool("affinity: { isolate_clients: true }").affinity.prompt_cache);
  expect_problems(load_after_prelude(pool_with("affinity: promt_cache")),
                  {{4, kColumn + 10, "pools[0].affinity", "did you mean \"prompt_cache\"?"}});
  expect_problems(
      load_after_prelude(pool_with("affinity: [ prompt_cache ]")),
      {{4, kColumn + 10, "pools[0].affinity", "is a list; expected prompt_cache, or a map"}});
  expect_problems(load_after_prelude(pool_with("affinity: { prompt_cache: 1 }")),
                  {{4, kColumn + 26, "pools[0].affinity.prompt_cache", "is not true or false"}});
  expect_problems(load_after_prelude(pool_with("affinity: { isolate_client: true }")),
                  {{4, kColumn + 12, "pools[0].affinity.isolate_client", "did you mean"}});
}

}  // namespace
}  // namespace spillway::config::testing
