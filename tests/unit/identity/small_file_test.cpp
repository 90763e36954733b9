#include "files_for_tests.hpp"
#include <spillway/identity/small_file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace spillway::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal_of(const std::string& path, std::size_t most, Links links = Links::followed) {
  const auto content = read_small_file(path, most, links);
  return content ? "not refused" : content.error().detail();
}

TEST(SmallFile, IsReadWhole) {
  const test::TemporaryDirectory directory;
  const std::string file = write_file(directory.path() / "f", "content\n");
  const auto content = read_small_file(file, 8, Links::refused);
  ASSERT_TRUE(content) << content.error().detail();
  EXPECT_EQ(content->reveal(), "content\n");
  EXPECT_TRUE(read_small_file(write_file(directory.path() / "e", ""), 8, Links::refused)->empty());
}

TEST(SmallFile, WhatKeepsItFromBeingReadIsSaidWithoutItsContent) {
  const test::TemporaryDirectory directory;
  const std::string file = write_file(directory.path() / "f", "geheimnis");
  EXPECT_THAT(refusal_of(file, 8), HasSubstr("larger than 8 bytes"));
  EXPECT_THAT(refusal_of(file, 8), Not(HasSubstr("geheim")));
  EXPECT_THAT(refusal_of(file + "x", 8), HasSubstr("No such file"));
  EXPECT_THAT(refusal_of(directory.path().string(), 8), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal_of(std::string("a\0b", 3), 8), HasSubstr("NUL"));
  const std::string pipe = (directory.path() / "p").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal_of(pipe, 8), HasSubstr("not a regular file"));
}

TEST(SmallFile, LinksAreFollowedWhereTheyMayBe) {
  const test::TemporaryDirectory directory;
  write_file(directory.path() / "f", "content");
  const auto link = directory.path() / "link";
  std::filesystem::create_symlink("f", link);
  EXPECT_EQ(read_small_file(link.string(), 8, Links::followed)->reveal(), "content");
  EXPECT_THAT(refusal_of(link.string(), 8, Links::refused), HasSubstr("it is a symbolic link"));
}

TEST(SmallFile, TrimmedToWhatAHeaderCanHold) {
  const auto trimmed = [](const char* text) {
    return std::string(trimmed_visible(base::Secret(text)).reveal());
  };
  EXPECT_EQ(trimmed("\n eyJ.e30.x \r\n"), "eyJ.e30.x");
  for (const auto* bad : {"", "\n", "a b", "a\nb", "a\x7f", "\xc3\xa9"})
    EXPECT_EQ(trimmed(bad), "") << bad;
}

}  // namespace
}  // namespace spillway::identity
