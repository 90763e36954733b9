#include <spillway/gateway/limit_report.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::gateway {
namespace {

LimitStatus status_of(const ProcessState& process, const config::Limits& limits, Limit limit) {
  return report_limits(limits, process).at(static_cast<std::size_t>(limit));
}

TEST(LimitReport, ThereIsOneOfEachInOrder) {
  const ProcessState process;
  const auto report = report_limits(config::Limits(), process);
  ASSERT_EQ(report.size(), kLimits);
  for (std::size_t i = 0; i < kLimits; ++i)
    EXPECT_EQ(report[i].limit, static_cast<Limit>(i));
}

TEST(LimitReport, WhatIsOnByDefaultSaysItsValue) {
  const ProcessState process;
  for (const LimitStatus& status : report_limits(config::Limits(), process)) {
    const bool is_off = status.limit == Limit::max_connections_per_address ||
                        status.limit == Limit::max_requests || status.limit == Limit::max_memory ||
                        status.limit == Limit::descriptors;
    EXPECT_EQ(status.configured == 0, is_off) << name_of(status.limit);
  }
}

TEST(LimitReport, EachKindHasItsUnit) {
  ProcessState process;
  process.memory_ceiling.store(1'000);
  process.memory_in_use.store(900);
  process.client_connections.store(3);
  process.limit_hits.count(Limit::max_connections);
  const config::Limits limits;
  EXPECT_EQ(status_of(process, limits, Limit::header_timeout).configured, 10'000U);
  EXPECT_EQ(status_of(process, limits, Limit::max_header_bytes).configured, 32U << 10U);
  EXPECT_EQ(status_of(process, limits, Limit::max_memory).configured, 1'000U);
  EXPECT_EQ(status_of(process, limits, Limit::max_memory).current, 900U);
  const LimitStatus connections = status_of(process, limits, Limit::max_connections);
  EXPECT_EQ(connections.configured, 8'192U);
  EXPECT_EQ(connections.current, 3U);
  EXPECT_EQ(connections.hits, 1U);
  EXPECT_FALSE(status_of(process, limits, Limit::header_timeout).current);
}

}  // namespace
}  // namespace spillway::gateway
