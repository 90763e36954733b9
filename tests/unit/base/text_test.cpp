#include <spillway/base/text.hpp>

#include <gtest/gtest.h>

namespace spillway::base {
namespace {

using Texts = std::vector<std::string_view>;

TEST(Lower, touches_only_ascii_letters) {
  EXPECT_EQ(to_lower('A'), 'a');
  EXPECT_EQ(to_lower('Z'), 'z');
  EXPECT_EQ(to_lower('@'), '@');
  EXPECT_EQ(to_lower('['), '[');
  EXPECT_EQ(to_lower("Api-KEY 1\xC4"), "api-key 1\xC4");
}

TEST(EqualsIgnoringCase, compares_without_case) {
  EXPECT_TRUE(equals_ignoring_case("Content-Length", "content-LENGTH"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("a", "b"));
  // These differ in the bit that differs between the cases of a letter.
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

// Every pair of bytes, in a text that is compared word by word and in one that is not.
TEST(EqualsIgnoringCase, knows_which_bytes_are_letters) {
  for (const std::size_t length : {std::size_t{3}, std::size_t{8}, std::size_t{11}}) {
    std::string a(length, 'x');
    std::string b(length, 'X');
    for (unsigned one = 0; one < 0x100; ++one) {
      for (unsigned other = 0; other < 0x100; ++other) {
        a.back() = static_cast<char>(one);
        b.back() = static_cast<char>(other);
        EXPECT_EQ(equals_ignoring_case(a, b), to_lower(a.back()) == to_lower(b.back()))
            << one << " " << other;
      }
    }
  }
}

TEST(EqualsIgnoringCase, looks_at_every_place) {
  for (std::size_t length = 1; length <= 40; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      std::string text(length, 'a');
      text[place] = 'b';
      EXPECT_FALSE(equals_ignoring_case(text, std::string(length, 'A')));
      EXPECT_TRUE(equals_ignoring_case(text, to_lower(text)));
    }
  }
}

TEST(Trim, takes_spaces_and_tabs_only) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na\r"), "\na\r");
}

TEST(ParseUnsigned, takes_digits_only) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("007"), 7U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615U);
  for (const std::string_view text :
       {"", " 1", "1 ", "+1", "-1", "0x1", "1e3", "1.0", "1_0", "18446744073709551616"}) {
    EXPECT_FALSE(parse_unsigned(text)) << text;
  }
}

TEST(SplitList, trims_members_and_leaves_out_empty_ones) {
  EXPECT_EQ(split_list("a, b ,c"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(split_list(" , ,a,,"), (Texts{"a"}));
  EXPECT_EQ(split_list("a b"), (Texts{"a b"}));
  EXPECT_TRUE(split_list("").empty());
  EXPECT_TRUE(split_list(",").empty());
}

TEST(ListContains, compares_whole_members_without_case) {
  EXPECT_TRUE(list_contains("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(list_contains("upgraded", "upgrade"));
  EXPECT_FALSE(list_contains("", "upgrade"));
}

TEST(PercentDecode, undoes_escapes) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%2f"), "a b/c/");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode(""), "");
  for (const std::string_view text : {"%", "%1", "%g0", "%0g", "a%", "%%20"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
  }
}

TEST(PercentEncode, leaves_only_unreserved_characters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?%\xFF"), "a%20b%2Fc%3F%25%FF");
}

TEST(PercentEncode, is_undone_by_decoding) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Hex, there_and_back) {
  EXPECT_EQ(to_hex(std::string("\x00\x0F\xFF", 3)), "000fff");
  EXPECT_EQ(from_hex("000fFF"), std::string("\x00\x0F\xFF", 3));
  EXPECT_EQ(from_hex(""), "");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("g0"));
}

TEST(JsonEscape, escapes_what_json_and_terminals_must_not_see) {
  EXPECT_EQ(json_escape("plain"), "plain");
  EXPECT_EQ(json_escape("\"\\\n\r\t"), "\\\"\\\\\\n\\r\\t");
  EXPECT_EQ(json_escape(std::string("\x00\x1B\x7F", 3)), "\\u0000\\u001b\\u007f");
}

TEST(JsonEscape, keeps_well_formed_utf8) {
  EXPECT_EQ(json_escape("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
}

TEST(JsonEscape, replaces_what_is_not_utf8) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(json_escape("a\xFF"), "a" + mark);
  EXPECT_EQ(json_escape("\xC3"), mark);                                   // cut short
  EXPECT_EQ(json_escape("\xC0\xAF"), mark + mark);                        // overlong
  EXPECT_EQ(json_escape("\xE0\x80\xAF"), mark + mark + mark);             // overlong
  EXPECT_EQ(json_escape("\xED\xA0\x80"), mark + mark + mark);             // surrogate
  EXPECT_EQ(json_escape("\xF4\x90\x80\x80"), mark + mark + mark + mark);  // above U+10FFFF
  EXPECT_EQ(json_escape("\xE2\x82x"), mark + mark + "x");
}

TEST(JsonEscape, cuts_long_text_and_says_so) {
  EXPECT_EQ(json_escape("abcdef", 3), "abc...");
  EXPECT_EQ(json_escape("abc", 3), "abc");
}

}  // namespace
}  // namespace spillway::base
