#include <spillway/telemetry/log_line.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;

const base::WallTime kTime = base::WallTime(1'795'425'600'123ms);

TEST(LogLine, JsonHasTypedValues) {
  LogLine line(LogFormat::json);
  line.begin(kTime, LogLevel::warning, "breaker_opened");
  line.add_text("backend", "a \"b\"\n");
  line.add_number("count", std::uint64_t{18446744073709551615U});
  line.add_number("left", std::int64_t{-3});
  line.add_flag("is_on", true);
  line.add_milliseconds("took_ms", 1'234'567ns);
  EXPECT_EQ(line.take(),
            R"({"time":"2026-11-23T09:20:00.123Z","level":"warning","event":"breaker_opened",)"
            R"("backend":"a \"b\"\n","count":18446744073709551615,"left":-3,"is_on":true,)"
            R"("took_ms":1.234})");
}

TEST(LogLine, TextQuotesWhatIsNotPlain) {
  LogLine line(LogFormat::text);
  line.begin(kTime, LogLevel::info, "started");
  line.add_text("a", "plain/text:1");
  line.add_text("b", "");
  line.add_text("c", "two words");
  line.add_text("d", "x=y");
  line.add_text("e", "new\nline");
  line.add_text("f", "\xC3\xA9");
  line.add_number("n", std::uint64_t{7});
  line.add_flag("g", false);
  EXPECT_EQ(line.take(),
            "2026-11-23T09:20:00.123Z info started a=plain/text:1 b=\"\" c=\"two words\" d=\"x=y\" "
            "e=\"new\\nline\" f=\"\xC3\xA9\" n=7 g=false");
}

TEST(LogLine, MillisecondsKeepThreeDecimals) {
  const std::pair<base::Duration, const char*> rows[] = {
      {0ns, "{\"t\":0.000}"},   {999ns, "{\"t\":0.000}"},   {5us, "{\"t\":0.005}"},
      {1ms, "{\"t\":1.000}"},   {90s, "{\"t\":90000.000}"}, {-1500us, "{\"t\":-1.500}"},
      {-5us, "{\"t\":-0.005}"},
  };
  for (const auto& [duration, expected] : rows) {
    LogLine line(LogFormat::json);
    line.add_milliseconds("t", duration);
    EXPECT_EQ(line.take(), expected);
  }
}

TEST(LogLine, TextsAreCutWhateverTheyHold) {
  for (const char c : {'x', '\x01', '"', '\xFF'}) {
    for (const std::size_t size : {1024U, 1025U, 2000U, 100'000U}) {
      LogLine line(LogFormat::json);
      line.add_text("k", std::string(size, c));
      const std::string text = line.take();
      EXPECT_LE(text.size(), kMaxTextBytes + 11) << int{c} << ' ' << size;
      const auto json = nlohmann::json::parse(text);
      EXPECT_EQ(json["k"].get<std::string>().ends_with("..."), size > 1024 || c != 'x');
    }
  }
}

TEST(LogLine, ALineIsNeverLongerThanItsBoundAndSaysWhatItLost) {
  for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
    LogLine line(format);
    line.begin(kTime, LogLevel::info, "e");
    for (int i = 0; i < 20; ++i)
      line.add_text("key", std::string(1000, 'x'));
    const std::string text = line.take();
    EXPECT_LE(text.size(), kMaxLineBytes);
    EXPECT_GT(text.size(), kMaxLineBytes - 1100);
    EXPECT_THAT(text,
                testing::HasSubstr(format == LogFormat::json ? ",\"cut\":true}" : " cut=true"));
  }
}

TEST(LogLine, ASmallFieldMayFollowOneThatDidNotFit) {
  LogLine line(LogFormat::json);
  for (int i = 0; i < 9; ++i)
    line.add_text("k" + std::to_string(i), std::string(1000, 'x'));
  line.add_number("n", std::uint64_t{1});
  const auto json = nlohmann::json::parse(line.take());
  EXPECT_EQ(json["n"], 1);
  EXPECT_EQ(json["cut"], true);
  EXPECT_FALSE(json.contains("k8"));
}

TEST(LogLine, ObjectsGoInWholeOrNotAtAll) {
  const std::vector<std::string> objects(20, "{\"a\":\"" + std::string(900, 'x') + "\"}");
  LogLine line(LogFormat::json);
  line.add_objects("list", objects);
  const auto json = nlohmann::json::parse(line.take());
  EXPECT_EQ(json["list"].size(), 8U);
  EXPECT_EQ(json["cut"], true);

  LogLine none(LogFormat::json);
  none.add_objects("list", {});
  EXPECT_EQ(none.take(), "{\"list\":[]}");
}

TEST(LogLine, AnEmptyLineIsAnEmptyObject) {
  EXPECT_EQ(LogLine(LogFormat::json).take(), "{}");
  EXPECT_EQ(LogLine(LogFormat::text).take(), "");
}

TEST(LogLine, LevelsHaveNames) {
  EXPECT_EQ(name_of(LogLevel::trace), "trace");
  EXPECT_EQ(name_of(LogLevel::debug), "debug");
  EXPECT_EQ(name_of(LogLevel::info), "info");
  EXPECT_EQ(name_of(LogLevel::warning), "warning");
  EXPECT_EQ(name_of(LogLevel::error), "error");
  EXPECT_EQ(name_of(LogLevel::critical), "critical");
}

}  // namespace
}  // namespace spillway::telemetry
