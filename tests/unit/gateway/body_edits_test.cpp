#include <spillway/gateway/body_edits.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace spillway::gateway {
namespace {

using aoai::BodyEdit;

TEST(BodyEdits, PieceByPieceTheyGiveTheSameAsACopy) {
  const std::string body = "0123456789";
  const std::array edits = {BodyEdit{0, 1, "ab"}, BodyEdit{4, 0, "c"}, BodyEdit{8, 2, ""}};
  const auto pieces = edited_pieces(body, edits);
  std::string joined;
  for (const auto piece : pieces)
    joined += piece;
  EXPECT_EQ(joined, aoai::apply_edits(body, edits));
  EXPECT_EQ(edited_length(body.size(), edits), joined.size());
}

TEST(BodyEdits, WithoutAnyTheBodyIsOnePiece) {
  const auto pieces = edited_pieces("body", {});
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces.front(), "body");
  EXPECT_EQ(edited_length(4, {}), 4U);
}

}  // namespace
}  // namespace spillway::gateway
