#include <spillway/identity/base64url.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <support/token_signer.hpp>

namespace spillway::identity {
namespace {

TEST(Base64url, ReadsWhatTheStandardWrites) {  // RFC 4648 §10, without padding
  const struct {
    const char* text;
    const char* bytes;
  } rows[] = {
      {"", ""},           {"Zg", "f"},          {"Zm8", "fo"},          {"Zm9v", "foo"},
      {"Zm9vYg", "foob"}, {"Zm9vYmE", "fooba"}, {"Zm9vYmFy", "foobar"}, {"_-8", "\xFF\xEF"}};
  for (const auto& row : rows)
    EXPECT_EQ(decode_base64url(row.text), row.bytes) << row.text;
}

TEST(Base64url, RefusesEverythingElse) {
  for (const char* const text : {"Z", "Zm9vY", "Zg==", "Zg=", "Zm8=", "=", "Zh", "Zn", "Zm9", "+-8",
                                 "/w", "Zm 9v", " Zm9v", "Zm9v\n", "Zm9v.", "Zm9\xC3\xA9", "Zm9~"})
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  EXPECT_EQ(decode_base64url(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Base64url, EachSequenceOfBytesHasOneText) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::set<std::string> found;
  std::size_t accepted = 0;
  for (const char first : alphabet) {
    for (const char second : alphabet) {
      const std::string text = {first, second};
      const auto bytes = decode_base64url(text);
      if (!bytes) continue;
      ++accepted;
      found.insert(*bytes);
      EXPECT_EQ(test::to_base64url(*bytes), text);
    }
  }
  EXPECT_EQ(accepted, 256U);
  EXPECT_EQ(found.size(), 256U);
}

}  // namespace
}  // namespace spillway::identity
