#include <spillway/gateway/limit_counters.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace spillway::gateway {
namespace {

TEST(LimitCounters, EveryLimitHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kLimits; ++i)
    names.insert(name_of(static_cast<Limit>(i)));
  EXPECT_EQ(names.size(), kLimits);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(name_of(Limit::max_connections), "max_connections");
  EXPECT_EQ(name_of(Limit::replay_memory), "replay_memory");
  EXPECT_EQ(name_of(Limit::min_write_rate), "min_write_rate");
  EXPECT_EQ(name_of(Limit::descriptors), "descriptors");
}

TEST(LimitCounters, EachIsCountedForItself) {
  LimitCounters counters;
  counters.count(Limit::idle_timeout);
  counters.count(Limit::idle_timeout);
  counters.count(Limit::descriptors);
  EXPECT_EQ(counters.hits(Limit::idle_timeout), 2U);
  EXPECT_EQ(counters.hits(Limit::descriptors), 1U);
  EXPECT_EQ(counters.hits(Limit::write_timeout), 0U);
}

TEST(LimitCounters, ABoundOfAMessageIsCountedAsItsLimit) {
  LimitCounters counters;
  for (const auto bound :
       {http::Bound::request_line, http::Bound::header_bytes, http::Bound::header_count,
        http::Bound::field_value, http::Bound::chunk_extensions, http::Bound::trailers}) {
    ASSERT_TRUE(limit_of(bound));
    counters.count(bound);
    EXPECT_EQ(counters.hits(*limit_of(bound)), 1U) << name_of(*limit_of(bound));
  }
  counters.count(http::Bound::none);
  EXPECT_FALSE(limit_of(http::Bound::none));
}

}  // namespace
}  // namespace spillway::gateway
