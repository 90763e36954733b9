#include "support.hpp"
#include <spillway/routing/route_table.hpp>

namespace spillway::routing::test {
namespace {

TEST(RouteTable, WhoCallsDecidesThePool) {
  config::Configuration configuration;
  configuration.backends.resize(1);
  configuration.backends[0].name = "eastus";
  for (const char* name : {"production", "standard"}) {
    config::Pool pool;
    pool.name = name;
    pool.members.push_back({"eastus", 1, 1});
    configuration.pools.push_back(std::move(pool));
  }
  for (const char* pool : {"standard", "production", "standard"}) {
    config::Client client;
    client.pool = pool;
    configuration.clients.push_back(std::move(client));
  }
  BackendStates states;
  const RouteTable closed(configuration, states);
  EXPECT_EQ(closed.pool_of_client(0)->configured().name, "standard");
  EXPECT_EQ(closed.pool_of_client(1)->configured().name, "production");
  EXPECT_EQ(closed.pool_of_client(2), closed.find_pool("standard"));
  EXPECT_EQ(closed.find_pool("nobody's"), nullptr);
  EXPECT_EQ(closed.pool_of_anonymous(), nullptr);
  EXPECT_EQ(closed.pools().size(), 2U);

  configuration.anonymous = config::Anonymous{"production"};
  const RouteTable open(configuration, states);
  EXPECT_EQ(open.pool_of_anonymous()->configured().name, "production");
}

TEST(RouteTable, IsUsableWhileOnePoolIs) {
  PoolUnderTest one({{"eastus"}}, config::Balance::round_robin);
  const RouteTable table(one.configuration, one.states);
  EXPECT_TRUE(table.has_usable_pool(at(0s)));
  for (int i = 0; i < 5; ++i)
    one.call(outcome_of_fault(Fault::connect_failed), at(0s));
  EXPECT_FALSE(table.has_usable_pool(at(0s)));
  EXPECT_TRUE(table.has_usable_pool(at(15s)));
}

}  // namespace
}  // namespace spillway::routing::test
