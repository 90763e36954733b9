#include <spillway/daemon/file_watch.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <support/certificates.hpp>

namespace spillway::daemon {
namespace {

class FileWatchTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory.path() / name).string();
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  /// Looks until it stands still.
  bool has_changed() { return watch.has_changed() || watch.has_changed(); }

  test::TemporaryDirectory directory;
  FileWatch watch;
};

TEST_F(FileWatchTest, AChangeIsSaidOnceAndWhenItStandsStill) {
  write("a", "1");
  watch.watch({path("a")});
  EXPECT_FALSE(has_changed());
  write("a", "12");
  EXPECT_FALSE(watch.has_changed()) << "it may still be written";
  EXPECT_TRUE(watch.has_changed());
  EXPECT_FALSE(has_changed());
}

TEST_F(FileWatchTest, AFileThatComesOrGoesIsAChange) {
  watch.watch({path("a")});
  EXPECT_FALSE(has_changed());
  write("a", "1");
  EXPECT_TRUE(has_changed());
  std::filesystem::remove(path("a"));
  EXPECT_TRUE(has_changed());
}

// As Kubernetes replaces what a ConfigMap mounts.
TEST_F(FileWatchTest, ALinkThatPointsElsewhereIsAChange) {
  std::filesystem::create_directory(path("one"));
  std::filesystem::create_directory(path("two"));
  write("one/a", "same");
  write("two/a", "same");
  std::filesystem::create_symlink(path("one"), path("data"));
  watch.watch({path("data/a")});
  EXPECT_FALSE(has_changed());
  std::filesystem::create_symlink(path("two"), path("new"));
  std::filesystem::rename(path("new"), path("data"));
  EXPECT_TRUE(has_changed());
}

TEST_F(FileWatchTest, AnotherListForgetsNoChange) {
  write("a", "1");
  watch.watch({path("a")});
  write("a", "12");
  watch.watch({path("a"), path("b")});
  EXPECT_TRUE(has_changed());
}

}  // namespace
}  // namespace spillway::daemon
