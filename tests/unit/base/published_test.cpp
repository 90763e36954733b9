#include <spillway/base/published.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace spillway::base {
namespace {

TEST(Published, is_empty_until_something_is_published) {
  EXPECT_EQ(Published<int>().get(), nullptr);
  EXPECT_EQ(*Published<int>(std::make_shared<const int>(7)).get(), 7);
}

TEST(Published, a_reader_keeps_what_it_got) {
  Published<int> published(std::make_shared<const int>(1));
  const auto old = published.get();
  published.set(std::make_shared<const int>(2));
  EXPECT_EQ(*old, 1);
  EXPECT_EQ(*published.get(), 2);
}

TEST(Published, a_look_sees_what_was_published_last) {
  Published<int> published;
  EXPECT_EQ(published.look(), nullptr);
  for (int value = 1; value <= 3; ++value) {
    published.set(std::make_shared<const int>(value));
    EXPECT_EQ(*published.look(), value);
    EXPECT_EQ(*published.look(), value);
  }
  published.set(nullptr);
  EXPECT_EQ(published.look(), nullptr);
}

// More than there are places for, and each at an address where another was before.
TEST(Published, a_look_is_never_at_what_another_published) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Published<int>> many(300);
    for (std::size_t i = 0; i < 300; ++i) {
      EXPECT_EQ(many[i].look(), nullptr);
      many[i].set(std::make_shared<const int>(1000 * round + static_cast<int>(i)));
    }
    for (std::size_t i = 0; i < 300; ++i)
      EXPECT_EQ(*many[i].look(), 1000 * round + static_cast<int>(i));
  }
}

TEST(Published, what_was_replaced_goes_when_threads_forget) {
  const std::weak_ptr<const int> seen = [] {
    auto value = std::make_shared<const int>(1);
    Published<int> published(value);
    static_cast<void>(published.look());
    return std::weak_ptr<const int>(value);
  }();
  EXPECT_FALSE(seen.expired());
  Seen::forget();
  EXPECT_TRUE(seen.expired());
}

// Four threads read what a fifth publishes, from 0 to 1000: never anything older than before.
void expect_order(const auto& read) {
  Published<int> published(std::make_shared<const int>(0));
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (last < 1000) {
        const int now = read(published);
        EXPECT_GE(now, last);
        last = now;
      }
    });
  }
  for (int value = 1; value <= 1000; ++value)
    published.set(std::make_shared<const int>(value));
  for (std::thread& reader : readers)
    reader.join();
}

TEST(Published, readers_and_the_writer_may_meet) {
  expect_order([](const auto& published) { return *published.get(); });
}

TEST(Published, lookers_and_the_writer_may_meet) {
  expect_order([](const auto& published) { return *published.look(); });
}

}  // namespace
}  // namespace spillway::base
