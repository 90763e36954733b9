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

TEST(ConfigFile, AMissingFileIsNamed) {
  EXPECT_THROW(load_config("/nowhere/sim.yaml"), std::runtime_error);
}

}  // namespace
}  // namespace spillway::simulator
