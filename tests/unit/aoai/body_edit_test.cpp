#include <spillway/aoai/body_edit.hpp>

#include <gtest/gtest.h>

#include <array>

namespace spillway::aoai {
namespace {

TEST(BodyEdit, ReplacesInsertsAndRemovesInOneGo) {
  const std::array edits{BodyEdit{0, 0, "<"}, BodyEdit{2, 3, "x"}, BodyEdit{5, 1, ""},
                         BodyEdit{10, 0, ">"}};
  EXPECT_EQ(apply_edits("0123456789", edits), "<01x6789>");
}

TEST(BodyEdit, NoEditsChangeNothing) {
  EXPECT_EQ(apply_edits("body", {}), "body");
  EXPECT_EQ(apply_edits("", {}), "");
}

}  // namespace
}  // namespace spillway::aoai
