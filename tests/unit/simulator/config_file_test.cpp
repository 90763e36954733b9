#include "simulator/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway::simulator {
namespace {

std::string error_of(const std::string& yaml) {
  try {
    parse_config(yaml, "sim.yaml");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(ConfigFile, TheDemoIsRead) {
  const auto config = load_config(SPILLWAY_SOURCE_DIR "/config/demo-simulator.yaml");
  ASSERT_EQ(config.endpoints.size(), 3U);
  EXPECT_EQ(config.endpoints[0].name, "eastus-ptu");
  EXPECT_EQ(config.endpoints[0].port, 18101);
  const auto& chat = config.endpoints[0].deployments.at(0);
  EXPECT_EQ(chat.name, "gpt-4o-ptu");
  EXPECT_TRUE(std::holds_alternative<Ptu>(chat.mode));
  EXPECT_EQ(chat.latency.first_token, milliseconds(80));
  ASSERT_TRUE(config.identity);
  EXPECT_EQ(config.identity->port, 18180);
  EXPECT_EQ(config.identity->token_lifetime, std::chrono::seconds(60));
  ASSERT_TRUE(config.control);
  EXPECT_EQ(config.control->port, 18190);
}

TEST(ConfigFile, MistakesAreNamedWithTheirLine) {
  EXPECT_THAT(error_of("endpoints:\n  - name: a\n    prot: 1\n"),
              testing::HasSubstr("sim.yaml: line 3: endpoints: unknown key 'prot'"));
  EXPECT_THAT(error_of("endpoints:\n  - name: a\n    port: x\n"), testing::HasSubstr("port"));
  EXPECT_THAT(error_of("identity: { token_lifetime: 5 }"), testing::HasSubstr("'5' is not a dur"));
  EXPECT_THAT(error_of("endpoints: [ { port: 1 } ]"), testing::HasSubstr("needs a name"));
}

TEST(ConfigFile, AnIdentityServiceIsRead) {
  const auto config = parse_config(R"(
identity:
  tls: { certificate_file: c.pem, private_key_file: k.pem }
  apps:
    - { client_id: a, secret: s, expired_secret: old }
    - { client_id: b, certificate_file: app.pem }
    - { client_id: c, federated: { issuer: i, subject: s } }
    - { client_id: d, federated_tokens: [t], federated_token_file: f }
  managed_identities: [ m, { client_id: n, object_id: o, resource_id: r } ]
  system_assigned: false
  refresh_in: 30m
  clock_skew: -90s
  app_service: { header: h }
  arc: { key_directory: d }
)",
                                   "sim.yaml");
  const auto& identity = *config.identity;
  EXPECT_EQ(identity.tls->certificate_file, "c.pem");
  ASSERT_EQ(identity.apps.size(), 4U);
  EXPECT_EQ(identity.apps[0].expired_secret, "old");
  EXPECT_EQ(identity.apps[1].certificate_file, "app.pem");
  EXPECT_EQ(identity.apps[2].federation->audience, "api://AzureADTokenExchange");
  EXPECT_EQ(identity.apps[3].federated_tokens.at(0), "t");
  EXPECT_EQ(identity.managed_identities[0].client_id, "m");
  EXPECT_EQ(identity.managed_identities[1].resource_id, "r");
  EXPECT_FALSE(identity.has_system_identity);
  EXPECT_EQ(identity.refresh_in, std::chrono::minutes(30));
  EXPECT_EQ(identity.clock_skew, std::chrono::seconds(-90));
  EXPECT_EQ(identity.app_service_header, "h");
  EXPECT_EQ(identity.arc_key_directory, "d");
  EXPECT_THAT(error_of("identity: { token_lifetime: -5s }"), testing::HasSubstr("'-5s' is not"));
}

TEST(ConfigFile, AMissingFileIsNamed) {
  EXPECT_THROW(load_config("/nowhere/sim.yaml"), std::runtime_error);
}

}  // namespace
}  // namespace spillway::simulator
