#include <spillway/base/secret.hpp>

#include <gtest/gtest.h>

#include <ostream>
#include <utility>

namespace spillway::base {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept ConvertibleToText =
    std::is_convertible_v<T, std::string> || std::is_convertible_v<T, std::string_view>;

static_assert(!Streamable<Secret>, "a secret must not get into a log by accident");
static_assert(!ConvertibleToText<Secret>, "whoever needs the characters says reveal()");

const std::string kShort = "short";
const std::string kLong(100, 'x');

TEST(Secret, reveals_what_it_holds) {
  EXPECT_EQ(Secret(kShort).reveal(), kShort);
  EXPECT_FALSE(Secret(kShort).empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret().reveal(), "");
}

TEST(Secret, copies_are_independent) {
  Secret original(kShort);
  const Secret copy = original;
  original = Secret(kLong);
  EXPECT_EQ(copy.reveal(), kShort);
  EXPECT_EQ(original.reveal(), kLong);
}

TEST(Secret, assigning_to_itself_keeps_it) {
  Secret secret(kLong);
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal(), kLong);
  secret = std::move(same);
  EXPECT_EQ(secret.reveal(), kLong);
}

TEST(Secret, a_moved_from_secret_is_empty) {
  for (const std::string& text : {kShort, kLong}) {
    Secret source(text);
    Secret target = std::move(source);
    EXPECT_EQ(target.reveal(), text);
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): that is what is promised
    Secret other(kShort);
    other = std::move(target);
    EXPECT_EQ(other.reveal(), text);
    EXPECT_TRUE(target.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST(Wipe, overwrites_the_characters_and_empties_the_text) {
  std::string text = kShort;
  const char* characters = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  // Short text lives inside the string object, which is still there to look at.
  for (std::size_t i = 1; i < kShort.size(); ++i)
    EXPECT_EQ(characters[i], '\0');
}

TEST(EqualInConstantTime, compares_content_and_length) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "xbc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

}  // namespace
}  // namespace spillway::base
