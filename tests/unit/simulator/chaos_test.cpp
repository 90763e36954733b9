#include "simulator/chaos.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway::simulator {
namespace {

TEST(Chaos, DrawsTheSameFaultsForTheSameSeed) {
  const Chaos chaos{7, 300, {"503", "reset_mid_stream"}};
  ChaosSource first(chaos);
  ChaosSource second(chaos);
  unsigned faults = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto a = first.draw();
    const auto b = second.draw();
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a) continue;
    ++faults;
    EXPECT_EQ(a->kind, b->kind);
  }
  EXPECT_GT(faults, 240U);
  EXPECT_LT(faults, 360U);
}

TEST(Chaos, ReadsItsNotation) {
  const auto chaos =
      parse_chaos(R"({"seed":3,"per_mille":10,"kinds":["503",{"kind":"drip","delay":1}]})");
  EXPECT_EQ(chaos.seed, 3U);
  EXPECT_EQ(chaos.per_mille, 10U);
  ASSERT_EQ(chaos.kinds.size(), 2U);
  EXPECT_EQ(parse_fault(chaos.kinds[1]).kind, FaultKind::drip);
}

TEST(Chaos, RefusesWhatItCannotDo) {
  EXPECT_THROW(parse_chaos("[]"), std::invalid_argument);
  EXPECT_THROW(parse_chaos(R"({"often":1})"), std::invalid_argument);
  const Chaos down{1, 10, {"down"}};
  EXPECT_THROW(ChaosSource{down}, std::invalid_argument);
  const Chaos unknown{1, 10, {"explode"}};
  EXPECT_THROW(ChaosSource{unknown}, std::invalid_argument);
  const Chaos always{1, 1'001, {}};
  EXPECT_THROW(ChaosSource{always}, std::invalid_argument);
}

}  // namespace
}  // namespace spillway::simulator
