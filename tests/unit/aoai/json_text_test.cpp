#include <spillway/aoai/json_text.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai::json {
namespace {

// How much of the text is the token; -1: none.
std::ptrdiff_t length_of(std::string_view text, const char* (*find_end)(const char*, const char*)) {
  const char* stop = find_end(text.data(), text.data() + text.size());
  return stop == nullptr ? -1 : stop - text.data();
}

TEST(JsonText, Numbers) {
  for (const std::string_view whole : {"0", "-0", "1", "10", "-12", "0.5", "1.25", "1e5", "1E+5",
                                       "1e-05", "-0.0e0", "123456789012345678901234567890"}) {
    EXPECT_EQ(length_of(whole, find_number_end), static_cast<std::ptrdiff_t>(whole.size()))
        << whole;
  }
  for (const std::string_view bad :
       {"", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-x", "a", "Infinity", "NaN", "-.5"}) {
    EXPECT_EQ(length_of(bad, find_number_end), -1) << bad;
  }
  EXPECT_EQ(length_of("01", find_number_end), 1);
  EXPECT_EQ(length_of("1,2", find_number_end), 1);
}

TEST(JsonText, StringsEndAtTheirQuoteWhereverItStands) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string token = '"' + std::string(length, 'x') + '"';
    EXPECT_EQ(length_of(token + "\"tail", find_string_end),
              static_cast<std::ptrdiff_t>(token.size()));
    EXPECT_EQ(length_of(token.substr(0, token.size() - 1), find_string_end), -1);
  }
}

TEST(JsonText, EveryByteIsJudgedAtEveryOffset) {
  for (std::size_t offset = 0; offset < 20; ++offset) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string token = '"' + std::string(20, 'x') + '"';
      token[offset + 1] = static_cast<char>(byte);
      std::ptrdiff_t expected = 22;
      if (byte < 0x20 || byte == '\\') expected = -1;  // \x is no escape
      if (byte == '\\' && offset == 19) expected = -1;
      if (byte == '"') expected = static_cast<std::ptrdiff_t>(offset) + 2;
      EXPECT_EQ(length_of(token, find_string_end), expected) << byte << " at " << offset;
    }
  }
}

TEST(JsonText, Escapes) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"("")", ""},
      {R"("a\"b\\c\/d")", "a\"b\\c/d"},
      {R"("\b\f\n\r\t")", "\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {R"("\ud83d")", "\xEF\xBF\xBD"},
      {R"("\ud83dx")", "\xEF\xBF\xBDx"},
      {R"("\ude00")", "\xEF\xBF\xBD"},
      {R"("\ud83d\u0041")",
       "\xEF\xBF\xBD"
       "A"},
      {R"("\ud83d\ud83d\ude00")", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
      {R"("\ud83d\n")", "\xEF\xBF\xBD\n"},
  };
  for (const auto& [token, text] : rows) {
    EXPECT_EQ(length_of(token, find_string_end), static_cast<std::ptrdiff_t>(token.size()));
    EXPECT_EQ(decode_string(token), text) << token;
    EXPECT_TRUE(string_says(token, text)) << token;
  }
  EXPECT_EQ(decode_string(R"("\u0000")"), std::string(1, '\0'));
}

TEST(JsonText, MalformedStrings) {
  for (const std::string_view bad :
       {"", "x", "\"", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"",
        "\"\\u123", "\"\n\"", "\"\t\"", "\"\x01\"", "'a'"}) {
    EXPECT_EQ(length_of(bad, find_string_end), -1) << bad;
  }
}

TEST(JsonText, StringSaysComparesDecoded) {
  EXPECT_TRUE(string_says(R"("model")", "model"));
  EXPECT_TRUE(string_says(R"("mod\u0065l")", "model"));
  EXPECT_TRUE(string_says(R"("\u006d\u006f\u0064\u0065\u006c")", "model"));
  EXPECT_FALSE(string_says(R"("models")", "model"));
  EXPECT_FALSE(string_says(R"("mode\u006cs")", "model"));
  EXPECT_FALSE(string_says(R"("\u006d\u006f\u0064\u0065\u006c\u006c")", "model"));
  EXPECT_FALSE(string_says(R"("")", "model"));
}

TEST(JsonText, Literals) {
  const std::string_view text = "trueish";
  const char* end = text.data() + text.size();
  EXPECT_EQ(find_literal_end(text.data(), end, "true"), text.data() + 4);
  EXPECT_EQ(find_literal_end(text.data(), text.data() + 3, "true"), nullptr);
  EXPECT_EQ(find_literal_end(text.data(), end, "false"), nullptr);
}

}  // namespace
}  // namespace spillway::aoai::json
