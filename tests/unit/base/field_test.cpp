#include <spillway/base/field.hpp>
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>

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
  EXPECT_FALSE(has_name({"ho-t", "h"}, "host"));
  EXPECT_FALSE(has_name({"Retry-Afte7", "h"}, "retry-after"));
  EXPECT_FALSE(has_name({"retry.after", "h"}, "retry-after"));
}

// Of all characters of tokens (RFC 9110 §5.6.2) and of our names, at each place of a name.
TEST(HasName, knows_no_two_characters_as_one_but_the_cases_of_a_letter) {
  const std::string theirs =
      "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_`abcdefghijklmnopqrstuvwxyz|";
  const std::string ours = "-0123456789abcdefghijklmnopqrstuvwxyz_!#$%&'*+.|";
  for (const std::size_t length : {1U, 7U, 8U, 13U}) {
    for (const char their : theirs) {
      for (const char our : ours) {
        const std::string name(length - 1, 'n');
        EXPECT_EQ(has_name({name + their, "v"}, name + our), to_lower(their) == our)
            << their << our;
      }
    }
  }
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
