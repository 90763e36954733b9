#include "files_for_tests.hpp"
#include <spillway/identity/arc_challenge.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using testing::HasSubstr;

base::Result<std::filesystem::path> read(const std::string& challenge) {
  const base::Field field{"WWW-Authenticate", challenge};
  return read_arc_challenge({&field, 1}, kArcTokenDirectory);
}

TEST(ArcChallenge, NamesAFileOfTheAgent) {
  const std::string file = "/var/opt/azcmagent/tokens/11111111-2222-4333-8444-555555555555.key";
  for (const std::string& challenge :
       {"Basic realm=" + file, "basic Realm=" + file, "Basic realm=\"" + file + "\"",
        "  Basic realm=" + file + " "}) {
    const auto read_file = read(challenge);
    ASSERT_TRUE(read_file) << challenge;
    EXPECT_EQ(*read_file, file);
  }
}

TEST(ArcChallenge, AnythingElseIsNotRead) {
  for (const auto* challenge :
       {"", "Basic", "Basic realm=", "Basic realm=\"\"", "Bearer realm=/x.key", "Negotiate"}) {
    const auto file = read(challenge);
    ASSERT_FALSE(file) << challenge;
    EXPECT_THAT(file.error().detail(), HasSubstr("without naming a key file")) << challenge;
  }
  for (const auto* path :
       {"/etc/shadow", "/etc/passwd.key", "/var/opt/azcmagent/tokens/../tokens/a.key",
        "/var/opt/azcmagent/tokens/../../../../etc/a.key", "/var/opt/azcmagent/tokens//a.key",
        "/var/opt/azcmagent/tokens/./a.key", "/var/opt/azcmagent/tokens/sub/a.key",
        "/var/opt/azcmagent/tokens/a.key/", "/var/opt/azcmagent/tokens/a.KEY",
        "/var/opt/azcmagent/tokens/a.key.txt", "/var/opt/azcmagent/tokens/.key",
        "/var/opt/azcmagent/tokens", "/var/opt/azcmagent/tokens2/a.key", "a.key",
        "var/opt/azcmagent/tokens/a.key", "/var/opt/azcmagent/a.key"}) {
    const auto file = read(std::string("Basic realm=") + path);
    ASSERT_FALSE(file) << path;
    EXPECT_THAT(file.error().detail(), HasSubstr("it was not read")) << path;
  }
  EXPECT_FALSE(read_arc_challenge({}, kArcTokenDirectory));
}

TEST(ArcKey, IsTrimmedAndBounded) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "a.key";
  write_file(file, "S2V5\n");
  EXPECT_EQ(read_arc_key(file)->reveal(), "S2V5");
  write_file(file, std::string(kMaxArcKeyBytes, 'k'));
  EXPECT_EQ(read_arc_key(file)->reveal().size(), kMaxArcKeyBytes);
  write_file(file, std::string(kMaxArcKeyBytes + 1, 'k'));
  EXPECT_THAT(read_arc_key(file).error().detail(), HasSubstr("larger than 4096 bytes"));
  write_file(file, "two words");
  EXPECT_THAT(read_arc_key(file).error().detail(), HasSubstr("holds no key"));
  EXPECT_THAT(read_arc_key(directory.path() / "b.key").error().detail(), HasSubstr("group himds"));
}

TEST(ArcKey, ALinkIsNotFollowedOutOfTheDirectory) {
  const test::TemporaryDirectory directory;
  const std::string outside = write_file(directory.path() / "outside", "S2V5");
  const auto link = directory.path() / "a.key";
  std::filesystem::create_symlink(outside, link);
  EXPECT_THAT(read_arc_key(link).error().detail(), HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace spillway::identity
