#include <spillway/base/byte_scan.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace spillway::base {
namespace {

std::size_t found_in(const std::string& text) {
  const char* const end = text.data() + text.size();
  return static_cast<std::size_t>(find_control_or<'"', '\\'>(text.data(), end) - text.data());
}

// Every length around the widths that are looked at together, and every place in them.
TEST(FindControlOr, FindsTheFirstInEveryPlace) {
  for (std::size_t length = 1; length <= 40; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (const char wanted : {'"', '\\', '\n', '\x1f', '\0'}) {
        std::string text(length, 'x');
        text[place] = wanted;
        text.back() = wanted;
        EXPECT_EQ(found_in(text), place) << length << " bytes";
      }
    }
  }
}

TEST(FindControlOr, PassesOverEveryOtherByte) {
  for (unsigned code = 0x20; code < 0x100; ++code) {
    if (code == '"' || code == '\\') continue;
    const std::string text(37, static_cast<char>(code));
    EXPECT_EQ(found_in(text), text.size()) << code;
  }
  for (std::size_t length = 0; length <= 70; ++length)
    EXPECT_EQ(found_in(std::string(length, 'x')), length);
}

// A borrow from a byte must not mark the next one.
TEST(FindControlOr, NeighboursOfAFoundByteAreNotTaken) {
  EXPECT_EQ(found_in(std::string("aaaaaa!\"") + std::string(20, '!')), 7U);
  EXPECT_EQ(found_in(std::string("\x21\x20\x5d\x5b\x23 \x7f\x80\xff") + "\x1f"), 9U);
}

// The near part, the wide blocks and what is left over.
TEST(FindControlQuoteOrBackslash, FindsTheFirstInEveryPlaceOfALongText) {
  const auto found_in = [](std::string_view text) {
    const char* const end = text.data() + text.size();
    return static_cast<std::size_t>(find_control_quote_or_backslash(text.data(), end) -
                                    text.data());
  };
  for (const std::size_t length : {0, 1, 63, 64, 65, 127, 128, 129, 192, 250, 300}) {
    std::string text(length, 'x');
    EXPECT_EQ(found_in(text), length);
    for (std::size_t place = 0; place < length; ++place) {
      for (unsigned code = 0; code < 0x100; ++code) {
        text[place] = static_cast<char>(code);
        const bool is_wanted = code < 0x20 || code == '"' || code == '\\';
        ASSERT_EQ(found_in(text), is_wanted ? place : length) << code << " at " << place;
      }
      text[place] = 'x';
    }
  }
  const std::string first_counts = std::string(200, 'x') + "\"\\\n" + std::string(200, 'x');
  EXPECT_EQ(found_in(first_counts), 200U);
}

TEST(FindBracketOrQuote, FindsTheFirstInEveryPlaceAndNothingElse) {
  const auto found_in = [](const std::string& text) {
    return static_cast<std::size_t>(find_bracket_or_quote(text.data(), text.data() + text.size()) -
                                    text.data());
  };
  for (std::size_t place = 0; place < 40; ++place) {
    for (unsigned code = 0; code < 0x100; ++code) {
      std::string text(40, '5');
      text[place] = static_cast<char>(code);
      const bool is_wanted = std::string_view("\"{}[]").find(text[place]) != std::string_view::npos;
      EXPECT_EQ(found_in(text), is_wanted ? place : text.size()) << code;
    }
  }
  EXPECT_EQ(found_in(""), 0U);
}

TEST(IsVisibleAscii, KnowsBlanksControlsAndOtherBytesInEveryPlace) {
  EXPECT_TRUE(is_visible_ascii(""));
  for (std::size_t place = 0; place < 20; ++place) {
    for (unsigned code = 0; code < 0x100; ++code) {
      std::string text(20, 'x');
      text[place] = static_cast<char>(code);
      EXPECT_EQ(is_visible_ascii(text), code > 0x20 && code < 0x7F) << code;
    }
  }
}

TEST(CountContinuationBytes, CountsAllButTheFirstByteOfEachCharacter) {
  EXPECT_EQ(count_continuation_bytes(""), 0U);
  EXPECT_EQ(count_continuation_bytes("plain text, longer than a word"), 0U);
  EXPECT_EQ(count_continuation_bytes("\xC3\xA4"), 1U);
  EXPECT_EQ(count_continuation_bytes("abcdefg\xE2\x82\xAC\xF0\x9F\x98\x80"), 5U);
  std::string much;
  for (int i = 0; i < 3000; ++i)
    much += "\xE2\x82\xAC";
  EXPECT_EQ(count_continuation_bytes(much), 6000U);
}

TEST(CountContinuationBytes, CountsEachByteInEveryPlace) {
  for (std::size_t place = 0; place < 120; ++place) {
    for (unsigned code = 0; code < 0x100; ++code) {
      std::string text(120, 'x');
      text[place] = static_cast<char>(code);
      EXPECT_EQ(count_continuation_bytes(text), code >= 0x80 && code < 0xC0 ? 1U : 0U) << code;
    }
  }
}

}  // namespace
}  // namespace spillway::base
