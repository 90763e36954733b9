#include <spillway/base/field.hpp>

#include <gtest/gtest.h>

#include <array>

namespace spillway::base {
namespace {

constexpr std::array kFields = {Field{"Retry-After", "1"}, Field{"x-ms-region", "East US"},
                                Field{"retry-after", "2"}, Field{"empty", ""}};

TEST(FindField, compares_names_without_case) {
  EXPECT_EQ(find_field(kFields, "X-MS-Region"), "East US");
}

TEST(HasName, tells_names_of_one_length_apart) {
  EXPECT_TRUE(has_name({"Host", "h"}, "host"));
  EXPECT_FALSE(has_name({"Post", "h"}, "host"));
  EXPECT_FALSE(has_name({"Hosu", "h"}, "host"));
  EXPECT_FALSE(has_name({"Hosts", "h"}, "host"));
  EXPECT_FALSE(has_name({"@ame", "h"}, "`ame"));
  EXPECT_FALSE(has_name({"\xC8ost", "h"}, "host"));
}

TEST(FindField, gives_the_first_of_several) {
  EXPECT_EQ(find_field(kFields, "RETRY-AFTER"), "1");
}

TEST(FindField, tells_an_empty_value_from_an_absent_field) {
  EXPECT_EQ(find_field(kFields, "empty"), "");
  EXPECT_EQ(find_field(kFields, "retry"), std::nullopt);
  EXPECT_EQ(find_field({}, "retry-after"), std::nullopt);
}

}  // namespace
}  // namespace spillway::base
