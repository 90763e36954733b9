// Whole files: who may call, everything wrong at once, the contract's example, the files in
// config/.

#include "config_test_support.hpp"
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace spillway::config::testing {
namespace {

// sha256 of "test"
constexpr std::string_view kDigestOfTest =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

Loaded load_with_clients(const std::string& clients, const Sources& sources = {}) {
  return load(
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "backends: [ { name: a, url: https://a.example } ]\n" +
          clients + "\n",
      sources);
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

TEST(Clients, keys_as_written_and_as_digest) {
  const Configuration c = configuration_of(load_with_clients(
      "clients:\n"
      "  - { name: x, keys: [ test ] }\n"
      "  - { name: y, keys: [ "
      "'sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A09' ] }"));
  ASSERT_EQ(c.clients.size(), 2U);
  EXPECT_EQ(c.clients[0].keys[0].plain.reveal(), "test");
  EXPECT_EQ(base::to_hex(c.clients[0].keys[0].sha256), kDigestOfTest);
  EXPECT_TRUE(c.clients[1].keys[0].plain.empty());
  EXPECT_EQ(c.clients[1].keys[0].sha256.size(), 32U);
  EXPECT_EQ(static_cast<unsigned char>(c.clients[1].keys[0].sha256.back()), 0x09);
}

TEST(Clients, a_digest_may_come_from_the_environment) {
  const Configuration c = configuration_of(
      load_with_clients("clients: [ { name: x, keys: [ \"${K}\" ] } ]",
                        sources_of({{"K", "sha256:" + std::string(kDigestOfTest)}})));
  EXPECT_EQ(base::to_hex(c.clients[0].keys[0].sha256), kDigestOfTest);
}

TEST(Clients, what_they_may_do) {
  const Configuration c = configuration_of(load_with_clients(
      "clients:\n"
      "  - { name: x, keys: [ k1 ] }\n"
      "  - { name: y, keys: [ k2 ], deployments: [ gpt-4o, 'text-*' ], operations: [ inference, "
      "management ], pool: default }"));
  EXPECT_TRUE(c.clients[0].operations.inference && c.clients[0].operations.stateful);
  EXPECT_FALSE(c.clients[0].operations.management);
  EXPECT_TRUE(c.clients[0].deployments.empty());
  EXPECT_EQ(c.clients[1].deployments, (std::vector<std::string>{"gpt-4o", "text-*"}));
  EXPECT_TRUE(c.clients[1].operations.inference && c.clients[1].operations.management);
  EXPECT_FALSE(c.clients[1].operations.stateful);
}

TEST(Clients, rules) {
  const std::vector<BrokenRule> rules = {
      {"clients: []", {3, 10, "clients", "is empty; write at least one"}},
      {"clients: { name: a }", {3, 10, "clients", "is a map; expected a list"}},
      {"clients: [ { keys: [ k ] } ]", {3, 12, "clients[0].name", "is missing"}},
      {"clients: [ { name: a } ]", {3, 12, "clients[0].keys", "is missing; write at least one"}},
      {"clients: [ { name: a, keys: [] } ]",
       {3, 29, "clients[0].keys", "is empty; write at least"}},
      {"clients: [ { name: a, keys: k } ]", {3, 29, "clients[0].keys", "expected a list"}},
      {"clients: [ { name: a, keys: [ '' ] } ]", {3, 31, "clients[0].keys[0]", "is not a key"}},
      {"clients: [ { name: a, keys: [ 'geheim geheim' ] } ]",
       {3, 31, "clients[0].keys[0]", "visible ASCII characters without blanks"}},
      {"clients: [ { name: a, keys: [ 'sha256:geheim' ] } ]",
       {3, 31, "clients[0].keys[0]", "64 hex digits"}},
      {"clients: [ { name: a, keys: [ geheim ] }, { name: b, keys: [ geheim ] } ]",
       {3, 62, "clients[1].keys[0]", "is the same key as clients[0].keys[0]"}},
      {"clients: [ { name: a, keys: [ test ] }, { name: b, keys: [ "
       "'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' ] } ]",
       {3, 60, "clients[1].keys[0]", "is the same key as clients[0].keys[0]"}},
      {"clients: [ { name: a, keys: [ k1, k1 ] } ]",
       {3, 35, "clients[0].keys[1]", "is the same key as clients[0].keys[0]"}},
      {"clients: [ { name: a, keys: [ k1 ] }, { name: a, keys: [ k2 ] } ]",
       {3, 47, "clients[1].name", "\"a\" is already the name of another client (line 3)"}},
      {"clients: [ { name: a, keys: [ k1 ], deployments: [] } ]",
       {3, 50, "clients[0].deployments", "is empty, which would allow nothing; leave it out"}},
      {"clients: [ { name: a, keys: [ k1 ], deployments: [ 'a b' ] } ]",
       {3, 52, "clients[0].deployments[0]", "and * and ? as wildcards"}},
      {"clients: [ { name: a, keys: [ k1 ], operations: [] } ]",
       {3, 49, "clients[0].operations", "is empty, which would allow nothing"}},
      {"clients: [ { name: a, keys: [ k1 ], operations: [ inferenc ] } ]",
       {3, 51, "clients[0].operations[0]", "did you mean \"inference\"?"}},
      {"clients: [ { name: a, keys: [ k1 ], key: k2 } ]",
       {3, 37, "clients[0].key", "unknown key; did you mean \"keys\"?"}},
      {"anonymous: { pool: x }",
       {3, 20, "anonymous.pool", "\"x\" is not a defined pool; defined: default"}},
      {"anonymous: true", {3, 12, "anonymous", "is a single value; expected a map"}},
      {"anonymous:", {3, 1, "anonymous", "has no value; expected a map"}},
      {"anonymous: { polo: x }", {3, 14, "anonymous.polo", "did you mean \"pool\"?"}},
      {"anonymous: {}\npools: [ { name: p, members: [ { backend: a } ] } ]",
       {3, 12, "anonymous",
        "has no pool, and no pool is called default; write pool: with one of p"}},
  };
  for (const BrokenRule& rule : rules) {
    SCOPED_TRACE(rule.rest);
    const Loaded loaded = load_with_clients(std::string(rule.rest));
    expect_problems(loaded, {rule.expected});
    EXPECT_EQ(all_of(loaded).find("geheim"), std::string::npos);
  }
}

TEST(AnonymousSection, is_never_a_default) {
  EXPECT_FALSE(
      configuration_of(load_with_clients("clients: [ { name: a, keys: [ k ] } ]")).anonymous);
  const Configuration c = configuration_of(load_with_clients("anonymous: {}"));
  ASSERT_TRUE(c.anonymous);
  EXPECT_EQ(c.anonymous->pool, "default");
  EXPECT_TRUE(c.clients.empty());
  EXPECT_TRUE(configuration_of(load_with_clients("anonymous: {}\nclients: []")).anonymous);
}

TEST(Load, the_required_sections) {
  expect_problems(load("log: { level: info }\n", {}),
                  {{1, 1, "backends", "is missing; write at least one"},
                   {1, 1, "clients", "is missing; write who may call"},
                   {1, 1, "listeners", "is missing; write at least one"}});
}

TEST(Load, everything_wrong_is_told_at_once_in_the_order_of_the_file) {
  expect_problems(load("listeners:\n"
                       "  - adress: 0.0.0.0:8080\n"
                       "backends:\n"
                       "  - name: eastus\n"
                       "    url: contoso\n"
                       "    max_connections: many\n"
                       "pools:\n"
                       "  - name: production\n"
                       "    members:\n"
                       "      - { backend: westus, priority: 0 }\n"
                       "clients:\n"
                       "  - name: app\n"
                       "    keys: [ \"${NOPE}\" ]\n"
                       "    pool: prod\n"
                       "limits: { idle_timeout: 75 }\n"
                       "logs: {}\n",
                       {}),
                  {{2, 5, "listeners[0].address", "is missing"},
                   {2, 5, "listeners[0].adress", "did you mean \"address\"?"},
                   {5, 10, "backends[0].url", "is not a URL"},
                   {6, 22, "backends[0].max_connections", "is not a whole number"},
                   {10, 20, "pools[0].members[0].backend", "is not a defined backend"},
                   {10, 38, "pools[0].members[0].priority", "from 1 to 1000000"},
                   {13, 13, "clients[0].keys[0]", "NOPE, which is not set"},
                   {14, 11, "clients[0].pool", "is not a defined pool"},
                   {15, 25, "limits.idle_timeout", "has no unit"},
                   {16, 1, "logs", "did you mean \"log\"?"}});
}

TEST(Load, duplicates_and_rules_are_told_together) {
  expect_problems(load_after_prelude("log: { level: x, level: info }\n"),
                  {{4, 15, "log.level", "is not allowed"}, {4, 18, "log.level", "duplicate key"}});
}

TEST(Load, the_digest_is_of_the_text_before_substitution) {
  const std::string text = std::string(kPrelude) + "server: { threads: \"${N}\" }\n";
  const Loaded one = load(text, sources_of({{"N", "1"}}));
  const Loaded two = load(text, sources_of({{"N", "2"}}));
  EXPECT_EQ(one.configuration.digest, two.configuration.digest);
  EXPECT_EQ(one.configuration.digest.size(), 64U);
  EXPECT_NE(one.configuration.digest,
            load(text + "\n", sources_of({{"N", "1"}})).configuration.digest);
}

TEST(Load, a_file_with_everything_of_the_contract_is_right) {
  expect_problems(
      load(content_of(SPILLWAY_SOURCE_DIR "/tests/unit/config/every_section.yaml"),
           sources_of({{"PARTNER_SECRET", "s"}, {"EASTUS2_KEY", "k"}, {"NIGHTLY_KEY", "n"}})),
      {});
}

Sources everything_is_set() {
  return {[](const std::string& name) { return "value-of-" + name; },
          [](const std::string& path) { return "content-of-" + path + "\n"; }};
}

TEST(ConfigFiles, every_example_is_valid) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SPILLWAY_SOURCE_DIR "/config")) {
    const auto name = entry.path().filename();
    if (entry.path().extension() != ".yaml" || name == "demo-simulator.yaml") continue;
    SCOPED_TRACE(name);
    Sources sources = everything_is_set();
    sources.environment = [](const std::string& variable) -> std::optional<std::string> {
      if (variable == "AZURE_AUTHORITY_HOST") return std::nullopt;
      return "value-of-" + variable;
    };
    EXPECT_EQ(all_of(load(content_of(entry.path()), sources)), "");
    ++count;
  }
  EXPECT_GE(count, 3);
}

Configuration example(const std::string& name) {
  Sources sources = everything_is_set();
  sources.environment = [](const std::string& variable) -> std::optional<std::string> {
    return variable + ".example";
  };
  return configuration_of(
      load(content_of(std::filesystem::path(SPILLWAY_SOURCE_DIR "/config") / name), sources));
}

TEST(ConfigFiles, the_demo_spills_from_one_ptu_to_two_regions) {
  const Configuration c = example("demo.yaml");
  EXPECT_EQ(c.listeners.at(0).address, (Address{"127.0.0.1", 8080}));
  ASSERT_TRUE(c.admin);
  EXPECT_EQ(c.admin->address, (Address{"127.0.0.1", 9901}));
  ASSERT_EQ(c.pools.size(), 1U);
  EXPECT_EQ(c.pools[0].members[0].backend, "eastus-ptu");
  EXPECT_EQ(c.pools[0].members[1].priority, 2U);
  EXPECT_EQ(c.pools[0].members[1].weight, 3U);
  EXPECT_EQ(c.server.threads, 2U);
  EXPECT_EQ(c.clients.at(0).keys.at(0).plain.reveal(), "demo-key");
}

TEST(ConfigFiles, the_defaults_that_the_full_example_shows_are_the_defaults) {
  const Configuration full = example("full.yaml");
  const Configuration plain = configuration_of(load_after_prelude(""));
  EXPECT_EQ(full.limits.max_request_body, plain.limits.max_request_body);
  EXPECT_EQ(full.limits.max_upload_body, plain.limits.max_upload_body);
  EXPECT_EQ(full.limits.replay_buffer, plain.limits.replay_buffer);
  EXPECT_EQ(full.limits.replay_memory, plain.limits.replay_memory);
  EXPECT_EQ(full.limits.max_header_bytes, plain.limits.max_header_bytes);
  EXPECT_EQ(full.limits.idle_timeout, plain.limits.idle_timeout);
  EXPECT_EQ(full.limits.write_timeout, plain.limits.write_timeout);
  EXPECT_EQ(full.limits.max_request_line_bytes, plain.limits.max_request_line_bytes);
  EXPECT_EQ(full.limits.max_field_value_bytes, plain.limits.max_field_value_bytes);
  EXPECT_EQ(full.limits.max_chunk_extension_bytes, plain.limits.max_chunk_extension_bytes);
  EXPECT_EQ(full.limits.max_trailer_bytes, plain.limits.max_trailer_bytes);
  EXPECT_EQ(full.limits.max_connections_per_address, plain.limits.max_connections_per_address);
  EXPECT_EQ(full.limits.max_handshakes, plain.limits.max_handshakes);
  EXPECT_EQ(full.limits.max_requests, plain.limits.max_requests);
  EXPECT_EQ(full.limits.max_requests_per_connection, plain.limits.max_requests_per_connection);
  EXPECT_EQ(full.limits.max_connection_age, plain.limits.max_connection_age);
  EXPECT_EQ(full.limits.handshake_timeout, plain.limits.handshake_timeout);
  EXPECT_EQ(full.limits.max_body_time, plain.limits.max_body_time);
  EXPECT_EQ(full.limits.min_write_rate, plain.limits.min_write_rate);
  EXPECT_EQ(full.limits.rate_grace, plain.limits.rate_grace);
  EXPECT_EQ(full.limits.max_memory, plain.limits.max_memory);
  EXPECT_EQ(full.server.drain_timeout, plain.server.drain_timeout);
  EXPECT_EQ(full.log.access, plain.log.access);
  const CircuitBreaker& shown = full.pools.at(0).circuit_breaker;
  const CircuitBreaker defaults;
  EXPECT_EQ(shown.faults.slow_start, defaults.faults.slow_start);
  EXPECT_EQ(shown.faults.trip_duration, defaults.faults.trip_duration);
  EXPECT_EQ(shown.faults.failure_condition.count, defaults.faults.failure_condition.count);
  EXPECT_EQ(shown.throttle.trip_duration, defaults.throttle.trip_duration);
  EXPECT_EQ(shown.max_trip_duration, defaults.max_trip_duration);
  EXPECT_EQ(full.pools.at(0).timeouts.total, Timeouts().total);
  EXPECT_EQ(full.pools.at(0).retry.max_attempts, Retry().max_attempts);
  EXPECT_EQ(full.pools.at(0).commit_hold.size, CommitHold().size);
  EXPECT_EQ(full.pools.at(0).commit_hold.events, CommitHold().events);
  EXPECT_EQ(full.pools.at(0).commit_hold.time, CommitHold().time);
  EXPECT_EQ(full.pools.at(0).sse_keepalive, Pool().sse_keepalive);
  EXPECT_EQ(full.pools.at(0).allow_mixed_models, Pool().allow_mixed_models);
  EXPECT_EQ(full.pools.at(0).affinity.isolate_clients, Affinity().isolate_clients);
  EXPECT_EQ(full.server.response_headers.backend, ResponseHeaders().backend);
}

// The text of the fenced block that begins with `fence` at or after `from`, which moves behind it.
std::string fenced_block(const std::string& text, const std::string& fence, std::size_t& from) {
  const auto begin = text.find(fence, from);
  if (begin == std::string::npos) return "";
  const auto content = begin + fence.size();
  const auto end = text.find("```\n", content);
  from = end;
  return text.substr(content, end - content);
}

TEST(Documentation, the_smallest_file_is_the_example_in_config) {
  const std::string page = content_of(SPILLWAY_SOURCE_DIR "/docs/configuration.md");
  std::size_t from = 0;
  const std::string smallest = fenced_block(page, "```yaml\n", from);
  ASSERT_FALSE(smallest.empty());
  EXPECT_TRUE(content_of(SPILLWAY_SOURCE_DIR "/config/minimal.yaml").ends_with(smallest));
}

TEST(Documentation, shows_the_messages_as_they_are) {
  const std::string page = content_of(SPILLWAY_SOURCE_DIR "/docs/configuration.md");
  std::size_t from = page.find("### When something is wrong");
  ASSERT_NE(from, std::string::npos);
  const std::string text = fenced_block(page, "```yaml\n", from);
  const std::string expected = fenced_block(page, "```text\n", from);
  std::string messages;
  for (const Problem& problem : load(text, {}).problems) {
    messages += describe(problem, "spillway.yaml") + "\n";
  }
  EXPECT_EQ(messages, expected);
}

}  // namespace
}  // namespace spillway::config::testing
