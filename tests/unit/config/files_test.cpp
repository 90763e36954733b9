// The part that touches the system: files that are named, the process's environment.

#include "config_test_support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace spillway::config::testing {
namespace {

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string pattern = ::testing::TempDir() + "spillway-config-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(std::string_view name) const {
    return directory_ + "/" + std::string(name);
  }

  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

  Loaded load_with_tls(const std::string& certificate, const std::string& key) const {
    return load(
        "listeners:\n  - address: 127.0.0.1:0\n    tls:\n      certificate_file: " + certificate +
            "\n      private_key_file: " + key +
            "\nbackends: [ { name: a, url: https://a.example, tls: { ca_file: " + path("ca.pem") +
            " } } ]\nanonymous: {}\n",
        {});
  }

  std::string directory_;
};

TEST_F(Files, that_are_readable_are_no_problem) {
  write("ca.pem", "x");
  const Configuration c = configuration_of(load_with_tls(write("c.pem", "x"), write("k.pem", "")));
  ASSERT_EQ(c.files.size(), 3U);
  EXPECT_EQ(c.files[0].path, "listeners[0].tls.certificate_file");
  EXPECT_EQ(c.files[2].file, path("ca.pem"));
  EXPECT_TRUE(check_files(c).empty());
}

TEST_F(Files, that_are_not_there_are_told_with_their_place) {
  const Configuration c = configuration_of(load_with_tls(path("c.pem"), directory_));
  Loaded checked;
  checked.problems = check_files(c);
  expect_problems(checked,
                  {{4, 25, "listeners[0].tls.certificate_file", "No such file or directory"},
                   {5, 25, "listeners[0].tls.private_key_file", "not a regular file"},
                   {6, 64, "backends[0].tls.ca_file", "No such file or directory"}});
}

TEST_F(Files, that_cannot_be_opened_are_told_with_the_systems_words) {
  write("ca.pem", "x");
  // Not a file without permission: root, as whom containers run tests, may read that.
  std::filesystem::create_symlink(path("loop"), path("loop"));
  Loaded checked;
  checked.problems =
      check_files(configuration_of(load_with_tls(write("c.pem", "x"), path("loop"))));
  expect_problems(checked, {{5, 25, "listeners[0].tls.private_key_file", "symbolic links"}});
}

TEST_F(Files, a_fifo_does_not_hold_up_the_check) {
  write("ca.pem", "x");
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const Configuration c = configuration_of(load_with_tls(write("c.pem", "x"), path("fifo")));
  ASSERT_EQ(check_files(c).size(), 1U);
  EXPECT_FALSE(system_sources().file(path("fifo")));
}

TEST_F(Files, are_read_whole_by_the_systems_sources) {
  const Sources sources = system_sources();
  const std::string content(10'000, 'x');
  EXPECT_EQ(sources.file(write("a", content)), content);
  EXPECT_EQ(sources.file(write("empty", "")), "");
  EXPECT_FALSE(sources.file(path("none")));
  EXPECT_FALSE(sources.file(directory_));
  EXPECT_FALSE(sources.file("/dev/zero"));
  EXPECT_FALSE(sources.file(write("big", std::string((1U << 20U) + 1, 'x'))));
}

TEST(SystemSources, read_the_environment) {
  ASSERT_EQ(::setenv("SPILLWAY_TEST_VARIABLE", "x", 1), 0);
  EXPECT_EQ(system_sources().environment("SPILLWAY_TEST_VARIABLE"), "x");
  ASSERT_EQ(::unsetenv("SPILLWAY_TEST_VARIABLE"), 0);
  EXPECT_FALSE(system_sources().environment("SPILLWAY_TEST_VARIABLE"));
}

}  // namespace
}  // namespace spillway::config::testing
