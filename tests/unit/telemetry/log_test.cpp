#include "pipe.hpp"
#include <spillway/telemetry/log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <thread>
#include <vector>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { log::shut_down(); }

  void set_up(LogLevel level, LogFormat format = LogFormat::json, bool has_access = true) {
    log::Settings settings;
    settings.level = level;
    settings.format = format;
    settings.has_access = has_access;
    settings.descriptor = pipe_.writer();
    log::set_up(settings);
  }

  std::vector<std::string> lines() {
    std::istringstream text(pipe_.read_all());
    std::vector<std::string> all;
    for (std::string line; std::getline(text, line);)
      all.push_back(line);
    return all;
  }

  test::Pipe pipe_;
};

TEST_F(LogTest, JsonLineWithEveryKindOfField) {
  set_up(LogLevel::info);
  const std::string name = "eastus \"1\"";
  log::warning("breaker_opened", {{"backend", name},
                                  {"why", "429"},
                                  {"count", 3},
                                  {"size", std::size_t{9}},
                                  {"is_open", true},
                                  {"left", -2L},
                                  {"delay_ms", base::Duration(1500us)}});
  const auto all = lines();
  ASSERT_EQ(all.size(), 1U);
  const auto json = nlohmann::json::parse(all[0]);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["event"], "breaker_opened");
  EXPECT_EQ(json["backend"], name);
  EXPECT_EQ(json["why"], "429");
  EXPECT_EQ(json["count"], 3);
  EXPECT_EQ(json["size"], 9);
  EXPECT_EQ(json["is_open"], true);
  EXPECT_EQ(json["left"], -2);
  EXPECT_DOUBLE_EQ(json["delay_ms"].get<double>(), 1.5);
  EXPECT_THAT(json["time"].get<std::string>(), testing::MatchesRegex("20..-..-..T..:..:......Z"));
}

TEST_F(LogTest, TextLine) {
  set_up(LogLevel::info, LogFormat::text);
  log::info("listening", {{"url", "http://127.0.0.1:8080"}});
  const auto all = lines();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0], testing::EndsWith("Z info listening url=http://127.0.0.1:8080"));
}

TEST_F(LogTest, LevelsBelowAreDropped) {
  set_up(LogLevel::warning);
  EXPECT_FALSE(log::is_on(LogLevel::info));
  EXPECT_TRUE(log::is_on(LogLevel::warning));
  log::debug("no");
  log::info("no");
  log::warning("yes");
  log::error("yes");
  log::critical("yes");
  EXPECT_EQ(lines().size(), 3U);
}

TEST_F(LogTest, AccessLinesHaveTheirOwnSwitch) {
  set_up(LogLevel::critical);
  log::access(AccessRecord{});
  EXPECT_EQ(lines(), std::vector{format_json(AccessRecord{})});
  set_up(LogLevel::trace, LogFormat::json, false);
  log::access(AccessRecord{});
  EXPECT_TRUE(lines().empty());
  set_up(LogLevel::info, LogFormat::text);
  log::access(AccessRecord{});
  EXPECT_EQ(lines(), std::vector{format_text(AccessRecord{})});
}

TEST_F(LogTest, WithoutSetUpNothingHappens) {
  log::shut_down();
  EXPECT_FALSE(log::is_on(LogLevel::critical));
  log::critical("dropped");
  log::access(AccessRecord{});
  EXPECT_TRUE(lines().empty());
}

TEST_F(LogTest, LostLinesAreCountedInALaterOne) {
  ASSERT_EQ(pipe_.shrink(8192), 8192U);
  set_up(LogLevel::info);
  for (int i = 0; i < 12; ++i)
    log::info("full", {{"text", std::string(1000, 'x')}});
  const std::size_t kept = lines().size();
  ASSERT_LT(kept, 12U);
  log::info("after");
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  const auto report = nlohmann::json::parse(all[0]);
  EXPECT_EQ(report["event"], "log_lines_lost");
  EXPECT_EQ(report["count"], 12 - kept);
  EXPECT_EQ(nlohmann::json::parse(all[1])["event"], "after");
}

TEST_F(LogTest, ThreadsDoNotMixTheirLines) {
  set_up(LogLevel::info);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 50; ++n)
        log::info("tick", {{"n", n}});
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const auto all = lines();
  EXPECT_EQ(all.size(), 200U);
  for (const std::string& line : all)
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

}  // namespace
}  // namespace spillway::telemetry
