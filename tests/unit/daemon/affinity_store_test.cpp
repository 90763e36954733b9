#include <spillway/daemon/affinity_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sqlite3.h>
#include <string>
#include <thread>
#include <vector>

namespace spillway::daemon {
namespace {

using namespace std::chrono_literals;
using routing::Affinity;
using routing::Sharing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AffinityStoreTest : public ::testing::Test {
 protected:
  AffinityStoreTest() {
    std::string pattern = ::testing::TempDir() + "spillway-store-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    settings_.directory = directory_;
    settings_.lock_patience = 0ms;
    settings_.now = [this] { return now_; };
  }
  ~AffinityStoreTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string file() const { return settings_.directory + "/affinity.sqlite"; }

  base::Result<std::unique_ptr<AffinityStore>> try_open(Affinity& affinity) {
    return AffinityStore::open(settings_, affinity,
                               [this](telemetry::LogLevel, std::string_view name, const auto&) {
                                 const std::lock_guard lock(mutex_);
                                 events_.emplace_back(name);
                               });
  }

  // A gateway's life: with what earlier ones kept, until the destructor.
  struct Life {
    Affinity affinity;
    std::unique_ptr<AffinityStore> store;

    void learn(std::string_view client, std::string_view id, std::string_view backend) {
      affinity.learn({client, id}, backend, base::SteadyClock::now());
    }
    std::string find(std::string_view id) {
      const auto owner = affinity.find({"someone", id}, base::SteadyClock::now());
      return owner ? *owner->backend : "";
    }
  };

  std::unique_ptr<Life> start() {
    auto life = std::make_unique<Life>();
    auto store = try_open(life->affinity);
    if (!store) {
      ADD_FAILURE() << store.error().detail();
      return life;
    }
    life->store = std::move(store.value());
    life->affinity.set_listener(life->store.get());
    return life;
  }

  std::string open_error() {
    Affinity affinity;
    const auto store = try_open(affinity);
    return store ? "" : store.error().detail();
  }

  void execute(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  std::vector<std::string> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  std::string directory_;
  AffinityStoreSettings settings_;
  base::WallTime now_ = base::WallTime(std::chrono::hours(24 * 20'000));

 private:
  std::mutex mutex_;
  std::vector<std::string> events_;
};

TEST_F(AffinityStoreTest, ARestartKeepsWhatWasLearnt) {
  {
    const auto life = start();
    life->learn("a", "resp_1", "eastus");
    life->learn("b", "resp_2", "eastus");
    life->learn("b", "resp_2", "sweden");
    life->learn("b", "file-3", "sweden");
    life->affinity.forget({"b", "file-3"});
  }
  const auto life = start();
  EXPECT_EQ(life->affinity.size(), 2U);
  EXPECT_EQ(life->find("resp_1"), "eastus");
  EXPECT_EQ(life->find("resp_2"), "sweden");
  EXPECT_EQ(life->find("file-3"), "");
  EXPECT_TRUE(life->affinity.find({"a", "resp_1", Sharing::own_client}, base::SteadyClock::now()));
  EXPECT_FALSE(life->affinity.find({"b", "resp_1", Sharing::own_client}, base::SteadyClock::now()));
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(AffinityStoreTest, WhatWasFlushedSurvivesAKill) {
  const auto life = start();
  life->learn("a", "resp_1", "eastus");
  life->store->flush();
  // What is on the disk at this moment, without an orderly end.
  const std::string after_kill = directory_ + "/copy";
  std::filesystem::create_directory(after_kill);
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.is_regular_file()) std::filesystem::copy(entry.path(), after_kill);
  }
  settings_.directory = after_kill;
  EXPECT_EQ(start()->find("resp_1"), "eastus");
}

TEST_F(AffinityStoreTest, AReleasedFileIsTheSuccessorsWithAllThatWasLearnt) {
  const auto life = start();
  life->learn("a", "resp_1", "eastus");
  ASSERT_TRUE(life->store->release(10s));
  life->learn("a", "resp_2", "eastus");
  const auto successor = start();
  EXPECT_EQ(successor->find("resp_1"), "eastus");
  EXPECT_EQ(successor->find("resp_2"), "") << "it will be searched for";
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(AffinityStoreTest, WhatWasLearntInBetweenIsWrittenIfNobodyTakesOver) {
  {
    const auto life = start();
    life->learn("a", "resp_1", "eastus");
    ASSERT_TRUE(life->store->release(10s));
    EXPECT_EQ(start()->find("resp_1"), "eastus") << "a successor that ends again";
    life->learn("a", "resp_2", "eastus");
    life->store->resume();
    life->store->flush();
  }
  const auto later = start();
  EXPECT_EQ(later->find("resp_1"), "eastus");
  EXPECT_EQ(later->find("resp_2"), "eastus");
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(AffinityStoreTest, AnOrderlyEndLeavesOneFile) {
  start()->learn("a", "resp_1", "eastus");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(AffinityStoreTest, IsolatedClientsForgetForThemselves) {
  {
    const auto life = start();
    for (const char* client : {"a", "b"})
      life->affinity.learn({client, "x", Sharing::own_client}, "eastus", base::SteadyClock::now());
    life->affinity.forget({"a", "x", Sharing::own_client});
  }
  const auto life = start();
  EXPECT_FALSE(life->affinity.find({"a", "x", Sharing::own_client}, base::SteadyClock::now()));
  EXPECT_TRUE(life->affinity.find({"b", "x", Sharing::own_client}, base::SteadyClock::now()));
}

TEST_F(AffinityStoreTest, WhatIsUnusedForAMonthGoes) {
  start()->learn("a", "old", "eastus");
  now_ += 24h * 20;
  start()->learn("a", "young", "eastus");
  now_ += 24h * 11;
  const auto life = start();
  EXPECT_EQ(life->find("old"), "");
  EXPECT_EQ(life->find("young"), "eastus");
}

TEST_F(AffinityStoreTest, UseKeepsAnIdAlive) {
  start()->learn("a", "x", "eastus");
  for (int i = 0; i < 4; ++i) {
    now_ += 24h * 20;
    EXPECT_EQ(start()->find("x"), "eastus");
  }
}

TEST_F(AffinityStoreTest, OfEachClientTheLatestUsedAreKept) {
  settings_.bounds = {3, 100};
  {
    const auto life = start();
    for (int i = 0; i < 10; ++i) {
      now_ += 1s;
      life->learn("a", "a" + std::to_string(i), "eastus");
    }
    life->learn("b", "b0", "eastus");
  }
  const auto life = start();
  EXPECT_EQ(life->affinity.size(), 4U);
  EXPECT_EQ(life->find("a6"), "");
  EXPECT_EQ(life->find("a7"), "eastus");
  EXPECT_EQ(life->find("b0"), "eastus");
}

TEST_F(AffinityStoreTest, WhereAllTogetherAreTooManyThoseWithMostGiveWay) {
  settings_.bounds = {100, 20};
  {
    const auto life = start();
    for (int i = 0; i < 50; ++i) {
      now_ += 1s;
      life->learn("a", "a" + std::to_string(i), "eastus");
      life->learn("b", "b" + std::to_string(i), "eastus");
      if (i < 4) life->learn("c", "c" + std::to_string(i), "eastus");
    }
  }
  const auto life = start();
  EXPECT_EQ(life->affinity.size(), 20U);
  EXPECT_EQ(life->find("c0"), "eastus");
  EXPECT_EQ(life->find("a41"), "");
  EXPECT_EQ(life->find("a42"), "eastus");
  EXPECT_EQ(life->find("b42"), "eastus");
}

TEST_F(AffinityStoreTest, TheOrderOfUseSurvives) {
  {
    const auto life = start();
    for (const char* id : {"1", "2", "3"}) {
      now_ += 1s;
      life->learn("a", id, "eastus");
    }
  }
  Affinity small({3, 3});
  const auto store = try_open(small);
  small.learn({"a", "4"}, "eastus", base::SteadyClock::now());
  EXPECT_FALSE(small.find({"a", "1"}, base::SteadyClock::now()));
  EXPECT_TRUE(small.find({"a", "2"}, base::SteadyClock::now()));
}

TEST_F(AffinityStoreTest, ADamagedFileIsSetAside) {
  start()->learn("a", "resp_1", "eastus");
  std::ofstream(file(), std::ios::binary) << std::string(10'000, '\x5A');
  {
    const auto life = start();
    EXPECT_THAT(events(), ElementsAre("affinity_file_corrupt"));
    EXPECT_EQ(life->find("resp_1"), "");
    life->learn("a", "resp_2", "eastus");
  }
  EXPECT_TRUE(std::filesystem::exists(file() + ".corrupt"));
  EXPECT_EQ(start()->find("resp_2"), "eastus");
}

TEST_F(AffinityStoreTest, DamageInTheMiddleIsSetAsideToo) {
  {
    const auto life = start();
    for (int i = 0; i < 5'000; ++i)
      life->learn("a", "resp_" + std::to_string(i), "eastus");
  }
  {
    std::fstream damaged(file(), std::ios::binary | std::ios::in | std::ios::out);
    for (int page = 2; page < 60; ++page) {
      damaged.seekp(4096 * page);
      damaged << std::string(2'000, '\xFF');
    }
  }
  start()->learn("a", "new", "eastus");
  EXPECT_THAT(events(), ElementsAre("affinity_file_corrupt"));
  EXPECT_EQ(start()->find("new"), "eastus");
}

TEST_F(AffinityStoreTest, AFileOfOursWithoutItsTableIsSetAside) {
  start();
  execute("DROP TABLE ids");
  start()->learn("a", "new", "eastus");
  EXPECT_THAT(events(), ElementsAre("affinity_file_corrupt"));
  EXPECT_EQ(start()->find("new"), "eastus");
}

TEST_F(AffinityStoreTest, AnEmptyFileIsANewOne) {
  std::ofstream(file(), std::ios::binary).flush();
  start()->learn("a", "x", "eastus");
  EXPECT_THAT(events(), IsEmpty());
  EXPECT_EQ(start()->find("x"), "eastus");
}

TEST_F(AffinityStoreTest, AnotherVersionsFileIsLeftAlone) {
  start()->learn("a", "x", "eastus");
  execute("PRAGMA user_version=2");
  EXPECT_THAT(open_error(), HasSubstr("schema 2, this one knows 1"));
  execute("PRAGMA user_version=1");
  EXPECT_EQ(start()->find("x"), "eastus");
}

TEST_F(AffinityStoreTest, AnotherProgramsFileIsLeftAlone) {
  execute("CREATE TABLE recipes (name TEXT)");
  EXPECT_THAT(open_error(), HasSubstr("another program"));
  execute("INSERT INTO recipes VALUES ('soup')");
}

TEST_F(AffinityStoreTest, ASecondGatewayOnTheSameFileIsRefused) {
  const auto life = start();
  EXPECT_THAT(open_error(), HasSubstr("in use by another process"));
  EXPECT_THAT(open_error(), HasSubstr(file()));
  life->learn("a", "x", "eastus");
  life->store->flush();
  EXPECT_EQ(life->store->lost_count(), 0U);
}

TEST_F(AffinityStoreTest, ADirectoryThatIsNotThereIsAnErrorThatNamesIt) {
  settings_.directory = directory_ + "/nowhere";
  EXPECT_THAT(open_error(), HasSubstr("server.state_directory " + directory_ + "/nowhere"));
  EXPECT_THAT(open_error(), HasSubstr("make it"));
}

TEST_F(AffinityStoreTest, AFileThatCannotBeOpenedIsAnErrorThatNamesIt) {
  std::filesystem::create_directory(file());
  EXPECT_THAT(open_error(), HasSubstr(file() + " cannot be used"));
}

TEST_F(AffinityStoreTest, AFullQueueDropsCountsAndSaysSoOnce) {
  settings_.queue_size = 0;
  {
    const auto life = start();
    for (int i = 0; i < 100; ++i)
      life->learn("a", std::to_string(i), "eastus");
    life->store->flush();
    EXPECT_EQ(life->store->lost_count(), 100U);
    EXPECT_EQ(life->find("99"), "eastus");
  }
  EXPECT_THAT(events(), ElementsAre("affinity_queue_full", "affinity_lost"));
}

TEST_F(AffinityStoreTest, ManyThreadsMayLearn) {
  {
    const auto life = start();
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
      threads.emplace_back([&life, number] {
        const std::string client = "c" + std::to_string(number);
        for (int i = 0; i < 1'000; ++i)
          life->learn(client, client + "_" + std::to_string(i), "eastus");
      });
    }
    for (auto& thread : threads)
      thread.join();
    life->store->flush();
    EXPECT_EQ(life->store->lost_count(), 0U);
  }
  EXPECT_EQ(start()->affinity.size(), 4'000U);
}

}  // namespace
}  // namespace spillway::daemon
