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

TEST(Published, readers_and_the_writer_may_meet) {
  Published<int> published(std::make_shared<const int>(0));
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (last < 1000) {
        const int now = *published.get();
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

}  // namespace
}  // namespace spillway::base
