#include <spillway/http/message.hpp>

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

FieldList three_fields() {
  FieldList fields;
  fields.add("Accept", "a/b");
  fields.add("X-Many", "1");
  fields.add("x-many", "2");
  return fields;
}

TEST(FieldList, KeepsOrderAndSpelling) {
  const FieldList fields = three_fields();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].name, "Accept");
  EXPECT_EQ(fields[2].name, "x-many");
  EXPECT_EQ(fields[2].value, "2");
}

TEST(FieldList, FindsTheFirstWithoutCase) {
  const FieldList fields = three_fields();
  EXPECT_EQ(fields.find("X-MANY"), "1");
  EXPECT_EQ(fields.find("X-Man"), std::nullopt);
  EXPECT_EQ(fields.count("x-Many"), 2U);
  EXPECT_EQ(fields.count("nothing"), 0U);
  EXPECT_EQ(fields.find_only("x-Many"), std::nullopt);
  EXPECT_EQ(fields.find_only("nothing"), std::nullopt);
}

TEST(FieldList, JoinsAllValues) {
  const FieldList fields = three_fields();
  EXPECT_EQ(fields.join("x-many"), "1, 2");
  EXPECT_EQ(fields.join("nothing"), "");
}

TEST(FieldList, ReplaceLeavesOneInTheFirstPlace) {
  FieldList fields = three_fields();
  fields.add("Last", "z");
  fields.replace("X-Many", "only");
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[1].name, "X-Many");
  EXPECT_EQ(fields[1].value, "only");
  EXPECT_EQ(fields[2].name, "Last");
  EXPECT_EQ(fields[2].value, "z");
}

TEST(FieldList, ReplaceAddsWhatWasMissing) {
  FieldList fields = three_fields();
  fields.replace("Host", "h");
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields.find("host"), "h");
}

TEST(FieldList, ViewsSeeEveryField) {
  const FieldList fields = three_fields();
  const auto views = fields.views();
  ASSERT_EQ(views.size(), 3U);
  EXPECT_EQ(views[1].name, "X-Many");
  EXPECT_EQ(views[1].value, "1");
}

TEST(FieldList, SurvivesMovingAndGrowing) {
  FieldList fields;
  for (int i = 0; i < 300; ++i)
    fields.add("name-" + std::to_string(i), std::string(100, 'v'));
  const FieldList moved = std::move(fields);
  EXPECT_EQ(moved[299].name, "name-299");
  EXPECT_EQ(moved.find("NAME-7"), std::string(100, 'v'));
}

}  // namespace
}  // namespace spillway::http
