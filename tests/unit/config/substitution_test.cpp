#include "config_test_support.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway::config::testing {
namespace {

std::string first_key(const Loaded& loaded) {
  const Configuration configuration = configuration_of(loaded);
  if (configuration.clients.empty() || configuration.clients[0].keys.empty()) return "";
  return std::string(configuration.clients[0].keys[0].plain.reveal());
}

std::string with_key(std::string_view key) {
  return "listeners: [ { address: 127.0.0.1:8080 } ]\n"
         "backends: [ { name: a, url: https://a.example } ]\n"
         "clients: [ { name: app, keys: [ \"" +
         std::string(key) + "\" ] } ]\n";
}

TEST(Substitution, forms) {
  const Sources sources =
      sources_of({{"KEY", "from-env"}, {"EMPTY", ""}, {"HOST", "h"}},
                 {{"/run/k", "from-file\n"}, {"/run/crlf", "dos\r\n"}, {"/run/two", "x\n\n"}});
  EXPECT_EQ(first_key(load(with_key("${KEY}"), sources)), "from-env");
  EXPECT_EQ(first_key(load(with_key("a-${KEY}-${HOST}"), sources)), "a-from-env-h");
  EXPECT_EQ(first_key(load(with_key("${KEY:-other}"), sources)), "from-env");
  EXPECT_EQ(first_key(load(with_key("${UNSET:-other}"), sources)), "other");
  EXPECT_EQ(first_key(load(with_key("${EMPTY:-other}"), sources)), "other");
  EXPECT_EQ(first_key(load(with_key("x${UNSET:-}"), sources)), "x");
  EXPECT_EQ(first_key(load(with_key("${file:/run/k}"), sources)), "from-file");
  EXPECT_EQ(first_key(load(with_key("${file:/run/crlf}"), sources)), "dos");
  EXPECT_EQ(first_key(load(with_key("a$$b$${KEY}"), sources)), "a$b${KEY}");
}

TEST(Substitution, only_one_newline_is_taken_from_a_file) {
  const Sources sources = sources_of({}, {{"/run/two", "x\n\n"}});
  expect_problems(load(with_key("${file:/run/two}"), sources),
                  {{3, 33, "clients[0].keys[0]", "holds a line break"}});
}

TEST(Substitution, what_is_put_in_is_neither_yaml_nor_substituted_again) {
  const Sources sources = sources_of({{"A", "${B}"}, {"B", "x"}, {"C", "[1,2]:{#"}});
  EXPECT_EQ(first_key(load(with_key("${A}"), sources)), "${B}");
  EXPECT_EQ(first_key(load(with_key("${C}"), sources)), "[1,2]:{#");
}

TEST(Substitution, works_in_every_scalar) {
  const Sources sources = sources_of({{"N", "7"},
                                      {"B", "false"},
                                      {"D", "3s"},
                                      {"S", "1MiB"},
                                      {"L", "debug"},
                                      {"M", "gpt-4o"},
                                      {"URL", "https://c.example/p"},
                                      {"ADDRESS", "[::1]:9000"},
                                      {"P", "50%"}});
  const Loaded loaded = load(
      "listeners: [ { address: \"${ADDRESS}\" } ]\n"
      "backends: [ { name: \"b-${N}\", url: \"${URL}\", deployments: { \"${M}\": \"${M}-ptu\" } } "
      "]\n"
      "pools: [ { name: p, retry: { budget: \"${P}\" }, members: [ { backend: b-7, weight: "
      "\"${N}\" } ] } ]\n"
      "clients: [ { name: app, keys: [ k ], pool: \"${X:-p}\" } ]\n"
      "limits: { header_timeout: \"${D}\", max_request_body: \"${S}\" }\n"
      "log: { level: \"${L}\", access: \"${B}\" }\n",
      sources);
  const Configuration c = configuration_of(loaded);
  ASSERT_EQ(c.listeners.size(), 1U);
  EXPECT_EQ(c.listeners[0].address, (Address{"::1", 9000}));
  EXPECT_EQ(c.backends[0].name, "b-7");
  EXPECT_EQ(c.backends[0].url.host, "c.example");
  EXPECT_EQ(c.backends[0].deployments.at("gpt-4o"), "gpt-4o-ptu");
  EXPECT_EQ(c.pools[0].members[0].weight, 7U);
  EXPECT_EQ(c.pools[0].retry.budget_percent, 50U);
  EXPECT_EQ(c.limits.header_timeout, std::chrono::seconds(3));
  EXPECT_EQ(c.limits.max_request_body, 1U << 20U);
  EXPECT_EQ(c.log.level, LogLevel::debug);
  EXPECT_FALSE(c.log.access);
}

TEST(Substitution, keys_of_settings_are_not_substituted) {
  expect_problems(load_after_prelude("\"${L}\": { level: info }\n", sources_of({{"L", "log"}})),
                  {{4, 1, "${L}", "unknown key"}});
}

TEST(Substitution, what_is_missing_is_named) {
  expect_problems(load(with_key("${NO_SUCH}"), sources_of({})),
                  {{3, 33, "clients[0].keys[0]",
                    "the environment variable NO_SUCH, which is not set; set it or write"}});
  expect_problems(load(with_key("${file:/run/none}"), sources_of({})),
                  {{3, 33, "clients[0].keys[0]", "the file /run/none, which cannot be read"}});
  expect_problems(load(with_key("${NO_SUCH}"), {}),
                  {{3, 33, "clients[0].keys[0]", "NO_SUCH, which is not set"}});
}

TEST(Substitution, malformed_forms) {
  for (const std::string_view key : {"${}", "${1A}", "${A-B}", "${A B}", "${:-x}"}) {
    SCOPED_TRACE(key);
    expect_problems(load(with_key(key), {}),
                    {{3, 33, "clients[0].keys[0]", "malformed substitution; write ${NAME}"}});
  }
  for (const std::string_view key : {"$", "a$b", "${A", "$(A)"}) {
    SCOPED_TRACE(key);
    expect_problems(load(with_key(key), {}),
                    {{3, 33, "clients[0].keys[0]", "$$ for a dollar sign"}});
  }
  expect_problems(load(with_key("${A:-${B}}"), {}),
                  {{3, 33, "clients[0].keys[0]", "substitution inside the default"}});
  expect_problems(load(with_key("${file:}"), {}), {{3, 33, "clients[0].keys[0]", "names no file"}});
}

TEST(Substitution, a_few_bytes_cannot_grow_to_many) {
  const Sources sources = sources_of({{"BIG", std::string(600'000, 'x')}});
  expect_problems(load(with_key("${BIG}${BIG}"), sources),
                  {{3, 33, "clients[0].keys[0]", "above 1MiB"}});
}

TEST(Substitution, a_source_that_throws_is_a_problem) {
  Sources sources;
  sources.environment = [](const std::string&) -> std::optional<std::string> {
    throw std::runtime_error("no environment today");
  };
  expect_problems(load(with_key("${A}"), sources), {{0, 0, "", "no environment today"}});
  sources.environment = [](const std::string&) -> std::optional<std::string> { throw 1; };
  expect_problems(load(with_key("${A}"), sources), {{0, 0, "", "could not be read"}});
}

// The value of every variable is the same word: it must be in no message, wherever it was put.
TEST(Substitution, no_message_shows_what_was_put_in) {
  const std::string secret = "hunter2 hunter2";
  const std::vector<std::string> texts = {
      "listeners: [ { address: \"${S}\" } ]\nadmin: { address: \"${S}\" }\n",
      "listeners: [ { address: \"h:1\", tls: { certificate_file: \"${S}\", x: \"${S}\" } } ]\n",
      "credentials: [ { name: \"${S}\", api_key: \"${S}\" } ]\n",
      "credentials: [ { name: c, client_secret: { tenant_id: \"${S}\", client_id: \"${S}\", "
      "secret: \"${S}\" }, authority_host: \"${S}\", scope: \"${S}\" } ]\n",
      "credentials: [ { name: c, managed_identity: { client_id: \"${S}\" } } ]\n",
      "backends: [ { name: \"${S}\", url: \"${S}\", credential: \"${S}\", max_connections: "
      "\"${S}\" } ]\n",
      "backends: [ { name: a, url: \"https://${S}@x\", deployments: { \"${S}\": \"${S}\" }, tls: { "
      "server_name: \"${S}\" } } ]\n",
      "pools: [ { name: \"${S}\", balance: \"${S}\", members: [ { backend: \"${S}\", priority: "
      "\"${S}\", weight: \"${S}\" } ] } ]\n",
      "pools: [ { name: p, retry: { budget: \"${S}\" }, timeouts: { idle: \"${S}\" }, "
      "circuit_breaker: { faults: { failure_condition: { statuses: [ \"${S}\" ], error_reasons: [ "
      "\"${S}\" ] } } } } ]\n",
      "clients: [ { name: \"${S}\", keys: [ \"${S}\", \"sha256:${S}\" ], pool: \"${S}\", "
      "deployments: [ \"${S}\" ], operations: [ \"${S}\" ] } ]\n",
      "limits: { max_headers: \"${S}\", max_request_body: \"${S}\" }\nlog: { level: \"${S}\", "
      "access: \"${S}\" }\n",
      "\"x\": \"${S}\"\n",
  };
  for (const std::string& text : texts) {
    const Loaded loaded = load(text, sources_of({{"S", secret}}));
    EXPECT_FALSE(loaded.problems.empty()) << text;
    EXPECT_EQ(all_of(loaded).find("hunter2"), std::string::npos) << all_of(loaded);
  }
}

TEST(Substitution, a_dangling_reference_does_not_show_the_names_that_were_put_in) {
  const Loaded loaded = load(
      "listeners: [ { address: 127.0.0.1:8080 } ]\n"
      "backends: [ { name: \"${S}\", url: https://a.example } ]\n"
      "pools: [ { name: default, members: [ { backend: hunter3 } ] } ]\n"
      "clients: [ { name: app, keys: [ k ] } ]\n",
      sources_of({{"S", "hunter2"}}));
  expect_problems(loaded, {{3, 49, "pools[0].members[0].backend",
                            "\"hunter3\" is not a defined backend; defined: ${S}"}});
}

TEST(Substitution, the_written_form_stands_in_for_the_value) {
  expect_problems(
      load_after_prelude("server: { threads: \"${N}\" }\n", sources_of({{"N", "many"}})),
      {{4, 20, "server.threads", "\"${N}\" (after substitution) is not a whole number"}});
}

}  // namespace
}  // namespace spillway::config::testing
