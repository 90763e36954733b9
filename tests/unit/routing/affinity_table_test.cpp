#include "support.hpp"
#include <spillway/base/random.hpp>
#include <spillway/routing/affinity_table.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace spillway::routing::test {
namespace {

NamedId shared(std::string_view client, std::string_view id) {
  return {client, id, Sharing::all_clients};
}

NamedId isolated(std::string_view client, std::string_view id) {
  return {client, id, Sharing::own_client};
}

std::string backend_of(AffinityTable& table, const NamedId& named, SteadyTime now = at(0s)) {
  const auto found = table.find(named, now);
  return found ? *found->owner.backend : "";
}

TEST(AffinityTable, GivesBackWhatItLearnt) {
  AffinityTable table({10, 10});
  EXPECT_EQ(backend_of(table, shared("a", "resp_1")), "");
  table.learn(shared("a", "resp_1"), "eastus", at(1s));
  table.learn(shared("a", "resp_2"), "sweden", at(2s));
  const auto found = table.find(shared("a", "resp_1"), at(4s));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->owner.backend, "eastus");
  EXPECT_EQ(found->owner.age, 3s);
  EXPECT_EQ(backend_of(table, shared("a", "resp_2")), "sweden");
  EXPECT_EQ(backend_of(table, shared("a", "resp_")), "");
  EXPECT_EQ(table.size(), 2U);
}

TEST(AffinityTable, TheLastOneTaughtCounts) {
  AffinityTable table({10, 10});
  table.learn(shared("a", "x"), "eastus", at(0s));
  table.learn(shared("a", "x"), "sweden", at(5s));
  const auto found = table.find(shared("a", "x"), at(6s));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->owner.backend, "sweden");
  EXPECT_EQ(found->owner.age, 1s);
  EXPECT_EQ(table.size(), 1U);
}

TEST(AffinityTable, OneClientsIdIsFoundByAnotherUnlessIsolated) {
  AffinityTable table({10, 10});
  table.learn(shared("a", "x"), "eastus", at(0s));
  EXPECT_EQ(backend_of(table, shared("b", "x")), "eastus");
  EXPECT_EQ(backend_of(table, isolated("b", "x")), "");
  EXPECT_EQ(backend_of(table, isolated("a", "x")), "eastus");
}

TEST(AffinityTable, ASharedIdStaysOnTheAccountOfTheFirst) {
  AffinityTable table({10, 10});
  table.learn(shared("a", "x"), "eastus", at(0s));
  table.learn(shared("b", "x"), "sweden", at(1s));
  EXPECT_EQ(table.size_of("a"), 1U);
  EXPECT_EQ(table.size_of("b"), 0U);
  EXPECT_EQ(backend_of(table, shared("a", "x")), "sweden");
}

TEST(AffinityTable, AnIsolatedClientCannotMoveWhatAnotherLearnt) {
  AffinityTable table({10, 10});
  table.learn(isolated("a", "x"), "eastus", at(0s));
  table.learn(isolated("b", "x"), "sweden", at(1s));
  EXPECT_EQ(backend_of(table, isolated("a", "x")), "eastus");
  EXPECT_EQ(backend_of(table, isolated("b", "x")), "sweden");
  table.forget(isolated("b", "x"));
  EXPECT_EQ(backend_of(table, isolated("a", "x")), "eastus");
  EXPECT_EQ(backend_of(table, isolated("b", "x")), "");
}

TEST(AffinityTable, OfSeveralASharedLookUpPrefersItsOwnThenTheLatest) {
  AffinityTable table({10, 10});
  table.learn(isolated("a", "x"), "eastus", at(1s));
  table.learn(isolated("b", "x"), "sweden", at(3s));
  table.learn(isolated("c", "x"), "france", at(2s));
  EXPECT_EQ(backend_of(table, shared("a", "x")), "eastus");
  EXPECT_EQ(backend_of(table, shared("z", "x")), "sweden");
  EXPECT_TRUE(table.forget(shared("z", "x")));
  EXPECT_EQ(table.size(), 0U);
}

TEST(AffinityTable, ForgottenIsForgotten) {
  AffinityTable table({10, 10});
  table.learn(shared("a", "x"), "eastus", at(0s));
  EXPECT_TRUE(table.forget(shared("b", "x")));
  EXPECT_FALSE(table.forget(shared("a", "x")));
  EXPECT_EQ(backend_of(table, shared("a", "x")), "");
  table.learn(shared("c", "x"), "sweden", at(0s));
  EXPECT_EQ(backend_of(table, shared("a", "x")), "sweden");
}

TEST(AffinityTable, TheLeastRecentlyUsedIdOfTheClientGoesFirst) {
  AffinityTable table({3, 100});
  for (const char* id : {"1", "2", "3"})
    table.learn(shared("a", id), "eastus", at(0s));
  backend_of(table, shared("b", "1"));              // a use, by whomever
  table.learn(shared("a", "2"), "eastus", at(1s));  // another
  table.learn(shared("a", "4"), "eastus", at(2s));
  EXPECT_EQ(backend_of(table, shared("a", "3")), "");
  EXPECT_EQ(table.size_of("a"), 3U);
  table.learn(shared("a", "5"), "eastus", at(3s));
  EXPECT_EQ(backend_of(table, shared("a", "1")), "");
  EXPECT_EQ(backend_of(table, shared("a", "2")), "eastus");
}

TEST(AffinityTable, AFloodPushesOutNothingOfAnybodyElse) {
  AffinityTable table({1000, 1500});
  for (int i = 0; i < 500; ++i)
    table.learn(shared("quiet", "q" + std::to_string(i)), "eastus", at(0s));
  for (int i = 0; i < 10'000; ++i)
    table.learn(shared("flood", "f" + std::to_string(i)), "sweden", at(1s));
  EXPECT_EQ(table.size_of("quiet"), 500U);
  EXPECT_EQ(table.size_of("flood"), 1000U);
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(backend_of(table, shared("quiet", "q" + std::to_string(i))), "eastus");
}

TEST(AffinityTable, WhereAllTogetherAreTooManyTheLargestGivesWay) {
  AffinityTable table({80, 100});
  for (int i = 0; i < 80; ++i)
    table.learn(shared("large", "l" + std::to_string(i)), "eastus", at(0s));
  for (int i = 0; i < 50; ++i)
    table.learn(shared("new", "n" + std::to_string(i)), "eastus", at(1s));
  EXPECT_EQ(table.size(), 100U);
  EXPECT_EQ(table.size_of("new"), 50U);
  // Of equals it is the one that asks for more.
  table.learn(shared("new", "n50"), "eastus", at(2s));
  EXPECT_EQ(table.size_of("new"), 50U);
  EXPECT_EQ(table.size_of("large"), 50U);
  EXPECT_EQ(backend_of(table, shared("new", "n0")), "");
}

TEST(AffinityTable, TellsNewsAndOnceADayWhatIsOfUse) {
  AffinityTable table({10, 10});
  EXPECT_TRUE(table.learn(shared("a", "x"), "eastus", at(0s)));
  EXPECT_FALSE(table.learn(shared("a", "x"), "eastus", at(1s)));
  EXPECT_TRUE(table.learn(shared("a", "x"), "sweden", at(2s)));
  EXPECT_EQ(table.find(shared("b", "x"), at(3h))->tell_client, nullptr);
  const auto found = table.find(shared("b", "x"), at(25h));
  ASSERT_NE(found->tell_client, nullptr);
  EXPECT_EQ(*found->tell_client, "a");
  EXPECT_EQ(table.find(shared("b", "x"), at(26h))->tell_client, nullptr);
  EXPECT_FALSE(table.learn(shared("a", "x"), "sweden", at(27h)));
  EXPECT_TRUE(table.learn(shared("a", "x"), "sweden", at(50h)));
}

TEST(AffinityTable, WhatIsRestoredIsOldAndItsFirstUseIsTold) {
  AffinityTable table({10, 10});
  table.restore(isolated("a", "x"), "eastus", at(5s));
  const auto found = table.find(shared("a", "x"), at(6s));
  ASSERT_TRUE(found);
  EXPECT_GE(found->owner.age, 24h);
  EXPECT_NE(found->tell_client, nullptr);
  EXPECT_EQ(table.find(shared("a", "x"), at(7s))->tell_client, nullptr);
}

TEST(AffinityTable, NamesOfClientsAndBackendsThatAreGoneMakeRoom) {
  AffinityTable table({1, 1});
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    table.learn(shared("client" + number, "id" + number), "backend" + number, at(0s));
    EXPECT_EQ(backend_of(table, shared("client" + number, "id" + number)), "backend" + number);
    EXPECT_EQ(table.size_of("client" + std::to_string(i - 1)), 0U);
  }
  EXPECT_EQ(table.size(), 1U);
}

// What the table must do, written the slow way: for each client its ids, latest used first.
class ModelTable {
 public:
  explicit ModelTable(Affinity::Bounds bounds) : bounds_(bounds) {}

  void learn(const std::string& client, const std::string& id, const std::string& backend) {
    const auto owner = owner_of(client, id);
    if (owner.empty()) {
      make_room(client);
      clients_[client].emplace_front(id, backend);
    } else {
      use(owner, id)->second = backend;
    }
  }

  std::string find(const std::string& client, const std::string& id) {
    const auto owner = owner_of(client, id);
    return owner.empty() ? "" : use(owner, id)->second;
  }

  void forget(const std::string& client, const std::string& id) {
    const auto owner = owner_of(client, id);
    if (!owner.empty())
      clients_[owner].remove_if([&](const auto& entry) { return entry.first == id; });
  }

  std::size_t size_of(const std::string& client) { return clients_[client].size(); }

 private:
  using Ids = std::list<std::pair<std::string, std::string>>;

  std::string owner_of(const std::string&, const std::string& id) {
    for (auto& [client, ids] : clients_) {
      if (find_in(ids, id) != ids.end()) return client;
    }
    return "";
  }
  static Ids::iterator find_in(Ids& ids, const std::string& id) {
    return std::find_if(ids.begin(), ids.end(),
                        [&](const auto& entry) { return entry.first == id; });
  }
  Ids::iterator use(const std::string& owner, const std::string& id) {
    Ids& ids = clients_[owner];
    ids.splice(ids.begin(), ids, find_in(ids, id));
    return ids.begin();
  }
  void make_room(const std::string& client) {
    if (clients_[client].size() >= bounds_.ids_per_client) clients_[client].pop_back();
  }

  Affinity::Bounds bounds_;
  std::map<std::string, Ids> clients_;
};

TEST(AffinityTable, DoesWhatTheSlowWayDoesUnderRandomOperations) {
  base::Random random(17);
  const Affinity::Bounds bounds{20, 1000};
  AffinityTable table(bounds);
  ModelTable model(bounds);
  for (int i = 0; i < 50'000; ++i) {
    const std::string client = "c" + std::to_string(random.below(4));
    const std::string id = "id" + std::to_string(random.below(200));
    const std::string backend = "b" + std::to_string(random.below(3));
    const auto what = random.below(10);
    if (what < 5) {
      table.learn(shared(client, id), backend, at(1ms * i));
      model.learn(client, id, backend);
    } else if (what < 9) {
      ASSERT_EQ(backend_of(table, shared(client, id), at(1ms * i)), model.find(client, id)) << i;
    } else {
      table.forget(shared(client, id));
      model.forget(client, id);
    }
    ASSERT_EQ(table.size_of(client), model.size_of(client)) << i;
  }
}

TEST(AffinityTable, BoundsHoldUnderRandomOperations) {
  base::Random random(18);
  const Affinity::Bounds bounds{30, 100};
  constexpr std::size_t kClients = 8;
  AffinityTable table(bounds);
  std::vector<std::size_t> before(kClients);
  for (int i = 0; i < 50'000; ++i) {
    // Skewed: the first clients flood, the last ones ask rarely.
    const std::size_t number = random.below(kClients) * random.below(kClients) / kClients;
    const std::string client = "c" + std::to_string(number);
    const std::string id = "id" + std::to_string(random.below(1000));
    const Sharing sharing = random.below(2) == 0 ? Sharing::all_clients : Sharing::own_client;
    if (random.below(20) == 0) {
      table.forget({client, id, sharing});
      for (std::size_t c = 0; c < kClients; ++c)
        before[c] = table.size_of("c" + std::to_string(c));
      continue;
    }
    table.learn({client, id, sharing}, "b", at(1ms * i));
    ASSERT_LE(table.size(), bounds.ids);
    for (std::size_t c = 0; c < kClients; ++c) {
      const std::size_t size = table.size_of("c" + std::to_string(c));
      ASSERT_LE(size, bounds.ids_per_client);
      // Nobody loses to another what is within its fair share.
      if (c != number && before[c] <= bounds.ids / kClients) {
        ASSERT_GE(size, before[c]);
      }
      before[c] = size;
    }
  }
}

}  // namespace
}  // namespace spillway::routing::test
