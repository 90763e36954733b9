#include "pipe.hpp"
#include <spillway/telemetry/log.hpp>
#include <spillway/telemetry/log_output.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
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
    ASSERT_TRUE(log::set_up(settings));
  }

  // Everything logged so far; read while it is written, which a full pipe needs.
  std::vector<std::string> lines() {
    std::string all_text = pipe_.read_all();
    while (!log::flush(1ms))
      all_text += pipe_.read_all();
    std::istringstream text(all_text + pipe_.read_all());
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
  set_up(LogLevel::info);
  const std::string text(1000, 'x');
  // More than the pipe, what is on its way to it and the queue can hold together.
  constexpr std::size_t kLines = 4 * LogOutput::kMaxQueuedBytes / 1000;
  for (std::size_t i = 0; i < kLines; ++i)
    log::info("full", {{"text", text}});
  const std::uint64_t lost = log::lost_count();
  ASSERT_GT(lost, 0U);
  const std::size_t kept = lines().size();
  log::info("after");
  auto all = lines();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(nlohmann::json::parse(all.back())["event"], "after");
  EXPECT_EQ(log::lost_count(), lost);
  // The report may have come with the first line that found room.
  EXPECT_EQ(kept + all.size(), kLines - lost + 2);
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

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    std::string pattern = testing::TempDir() + "spillway-log-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    settings_.file = folder_ + "/spillway.log";
  }
  ~LogFileTest() override {
    log::shut_down();
    std::filesystem::remove_all(folder_);
  }

  static std::string content(const std::string& file) {
    EXPECT_TRUE(log::flush(10s));
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string folder_;
  log::Settings settings_;
};

TEST_F(LogFileTest, LinesAreAppended) {
  std::ofstream(settings_.file) << "older\n";
  ASSERT_TRUE(log::set_up(settings_));
  log::info("newer");
  EXPECT_THAT(content(settings_.file), testing::MatchesRegex("older\n.*newer.*\n"));
}

TEST_F(LogFileTest, ReopeningFollowsARename) {
  ASSERT_TRUE(log::set_up(settings_));
  log::info("first");
  EXPECT_THAT(content(settings_.file), testing::HasSubstr("first"));
  const std::string rotated = settings_.file + ".1";
  std::filesystem::rename(settings_.file, rotated);
  log::info("second");
  EXPECT_THAT(content(rotated), testing::HasSubstr("second"));
  ASSERT_TRUE(log::reopen());
  log::info("third");
  EXPECT_THAT(content(settings_.file), testing::HasSubstr("third"));
  EXPECT_THAT(content(rotated), testing::Not(testing::HasSubstr("third")));
}

TEST_F(LogFileTest, WhatCannotBeOpenedIsNamedAndTheOldOneKept) {
  log::Settings elsewhere = settings_;
  elsewhere.file = folder_ + "/no-such-folder/spillway.log";
  const auto at_start = log::set_up(elsewhere);
  ASSERT_FALSE(at_start);
  EXPECT_THAT(at_start.error().detail(), testing::HasSubstr(elsewhere.file));
  EXPECT_FALSE(log::is_on(LogLevel::critical)) << "nothing is set up";

  ASSERT_TRUE(log::set_up(settings_));
  elsewhere.level = LogLevel::error;
  EXPECT_FALSE(log::set_up(elsewhere));
  EXPECT_FALSE(log::is_on(LogLevel::info)) << "the rest of the settings takes effect";
  EXPECT_FALSE(log::reopen()) << "which is tried again";
  log::error("kept");
  EXPECT_THAT(content(settings_.file), testing::HasSubstr("kept"));
}

TEST_F(LogFileTest, AFullDiskCostsLinesOnly) {
  settings_.file = "/dev/full";
  ASSERT_TRUE(log::set_up(settings_));
  log::info("lost");
  log::info("lost");
  ASSERT_TRUE(log::flush(10s));
  EXPECT_EQ(log::lost_count(), 2U);
}

}  // namespace
}  // namespace spillway::telemetry
