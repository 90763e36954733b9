#include "simulator/base64url.hpp"

#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

TEST(Base64url, WritesTheAlphabetOfUrlsWithoutPadding) {
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url(""), "");
}

TEST(Base64url, ReadsWhatItWrote) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(from_base64url(base64url(bytes)), bytes);
  }
}

TEST(Base64url, RefusesWhatIsNotStrict) {
  for (const char* text : {"-_8=", "+/8", "a", "-_9", "aaaaa", "a b", "YQ=="})
    EXPECT_FALSE(from_base64url(text)) << text;
}

}  // namespace
}  // namespace spillway::simulator
