#include "support.hpp"
#include <spillway/base/random.hpp>
#include <spillway/routing/affinity.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace spillway::routing::test {
namespace {

class Told final : public AffinityListener {
 public:
  void on_learnt(std::string_view client, std::string_view id, std::string_view backend) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back("+" + std::string(client) + " " + std::string(id) + " " +
                     std::string(backend));
  }
  void on_forgotten(std::string_view client, std::string_view id) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back("-" + std::string(client) + " " + std::string(id));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

TEST(Affinity, LearnsFindsAndForgets) {
  Affinity affinity;
  EXPECT_FALSE(affinity.find({"a", "resp_1"}, at(0s)));
  affinity.learn({"a", "resp_1"}, "eastus", at(1s));
  const auto owner = affinity.find({"b", "resp_1"}, at(1500ms));
  ASSERT_TRUE(owner);
  EXPECT_EQ(*owner->backend, "eastus");
  EXPECT_EQ(owner->age, 500ms);
  EXPECT_FALSE(affinity.find({"b", "resp_1", Sharing::own_client}, at(2s)));
  affinity.forget({"a", "resp_1"});
  EXPECT_FALSE(affinity.find({"a", "resp_1"}, at(2s)));
  EXPECT_EQ(affinity.size(), 0U);
}

TEST(Affinity, WhatIsNoIdIsIgnored) {
  Affinity affinity;
  affinity.learn({"a", ""}, "eastus", at(0s));
  affinity.learn({"a", "x"}, "", at(0s));
  const std::string longest(128, 'x');
  const std::string too_long(129, 'x');
  affinity.learn({"a", too_long}, "eastus", at(0s));
  EXPECT_EQ(affinity.size(), 0U);
  EXPECT_FALSE(affinity.find({"a", too_long}, at(0s)));
  EXPECT_FALSE(affinity.find({"a", ""}, at(0s)));
  affinity.forget({"a", ""});
  affinity.learn({"a", longest}, "eastus", at(0s));
  EXPECT_TRUE(affinity.find({"a", longest}, at(0s)));
}

TEST(Affinity, TheListenerHearsWhatIsWorthKeeping) {
  Told told;
  Affinity affinity;
  affinity.set_listener(&told);
  affinity.learn({"a", "x"}, "eastus", at(0s));
  affinity.learn({"b", "x"}, "eastus", at(1s));
  affinity.find({"b", "x"}, at(2s));
  EXPECT_EQ(told.take(), (Lines{"+a x eastus"}));
  affinity.find({"b", "x"}, at(25h));
  EXPECT_EQ(told.take(), (Lines{"+a x eastus"}));
  affinity.restore("c", "y", "sweden", at(25h));
  EXPECT_EQ(told.take(), Lines{});
  affinity.forget({"b", "x"});
  affinity.forget({"b", "x"});
  affinity.forget({"c", "y", Sharing::own_client});
  EXPECT_EQ(told.take(), (Lines{"- x", "-c y"}));
}

TEST(Affinity, WhatIsRestoredIsFoundAndWasLearntLongAgo) {
  Affinity affinity;
  affinity.restore("a", "x", "eastus", at(1s));
  const auto owner = affinity.find({"b", "x"}, at(2s));
  ASSERT_TRUE(owner);
  EXPECT_GE(owner->age, Affinity::kLongAgo);
}

TEST(Affinity, SmallBoundsAreExact) {
  Affinity affinity({10, 15});
  for (int i = 0; i < 100; ++i)
    affinity.learn({"a", "a" + std::to_string(i)}, "eastus", at(0s));
  EXPECT_EQ(affinity.size(), 10U);
  for (int i = 0; i < 100; ++i)
    affinity.learn({"b", "b" + std::to_string(i)}, "eastus", at(0s));
  EXPECT_EQ(affinity.size(), 15U);
}

TEST(Affinity, LargeBoundsAreNeverPassedAndAlmostReached) {
  Affinity affinity({8192, 16'384});
  for (const char* client : {"a", "b", "c"}) {
    for (int i = 0; i < 20'000; ++i)
      affinity.learn({client, client + std::to_string(i)}, "eastus", at(0s));
    EXPECT_LE(affinity.size(), 16'384U);
  }
  EXPECT_GE(affinity.size(), 16'000U);
}

TEST(Affinity, ThreadsShareIt) {
  Told told;
  Affinity affinity({4096, 8192});
  affinity.set_listener(&told);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&affinity, &wrong, number] {
      base::Random random(number);
      const std::string client = "c" + std::to_string(number);
      for (int i = 0; i < 5'000; ++i) {
        const std::string id = "id" + std::to_string(random.below(500));
        const std::string backend = "b" + std::to_string(random.below(3));
        affinity.learn({client, id}, backend, at(1ms * i));
        const auto owner = affinity.find({client, id}, at(1ms * i));
        if (owner && owner->backend->size() != 2) wrong.fetch_add(1);
        if (random.below(10) == 0) affinity.forget({client, id});
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_LE(affinity.size(), 500U);
}

}  // namespace
}  // namespace spillway::routing::test
