#include "support/wire_sample.hpp"
#include <spillway/aoai/json_events.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace spillway::aoai::json {
namespace {

constexpr std::string_view kNames[] = {"", "a", "b", "c", "data", "id"};

// Writes down what it is told: the path, then what stands there.
class Recorder final : public Visitor {
 public:
  std::vector<std::string> told;
  std::string unwanted = "none";  // a path whose scalars are not wanted
  std::string closed_subtree;     // a path not looked into

  NameId name_of(std::string_view key) override {
    const auto found = std::find(std::begin(kNames), std::end(kNames), key);
    return found == std::end(kNames) ? kOtherName : static_cast<NameId>(found - kNames);
  }
  bool wants(Path path) override { return text_of(path) != unwanted; }
  void on_scalar(Path path, const Scalar& scalar) override {
    std::string line = text_of(path) + " = " + std::string(scalar.text);
    if (scalar.kind == Kind::string) line += " (" + std::to_string(scalar.characters) + ")";
    if (!scalar.is_whole) line += " ...";
    told.push_back(line);
  }
  bool on_begin(Path path, Kind kind) override {
    told.push_back(text_of(path) + (kind == Kind::object ? " {" : " ["));
    return closed_subtree.empty() || text_of(path) != closed_subtree;
  }
  void on_end(Path path, Kind kind) override {
    told.push_back(text_of(path) + (kind == Kind::object ? " }" : " ]"));
  }

 private:
  static std::string text_of(Path path) {
    std::string text;
    for (int depth = 1; depth <= path.depth(); ++depth) {
      const NameId name = path.outer(depth).last();
      text += "/";
      text += name == kElement ? "*" : name == kOtherName ? "?" : kNames[name];
    }
    return text;
  }
};

struct Told {
  std::vector<std::string> lines;
  bool is_complete = false;
  bool is_malformed = false;
  friend bool operator==(const Told&, const Told&) = default;
};

Told read(std::string_view text, std::size_t step, Recorder recorder = {}) {
  Scanner scanner;
  for (std::size_t i = 0; i < text.size(); i += step)
    scanner.observe(text.substr(i, step), recorder);
  return {recorder.told, scanner.is_complete(), scanner.is_malformed()};
}

using Lines = std::vector<std::string>;

TEST(JsonScanner, TellsWhatStandsWhereInAnySplit) {
  const struct {
    std::string_view text;
    Lines lines;
  } rows[] = {
      {R"({})", {" {", " }"}},
      {R"( [ ] )", {" [", " ]"}},
      {R"({"a":1})", {" {", "/a = 1", " }"}},
      {R"({ "a" : -1.5e+3 , "b" : "x" })", {" {", "/a = -1.5e+3", "/b = x (1)", " }"}},
      {R"({"a":[{"b":null},true,false]})",
       {" {", "/a [", "/a/* {", "/a/*/b = null", "/a/* }", "/a/* = true", "/a/* = false", "/a ]",
        " }"}},
      {R"({"zz":{"a":""}})", {" {", "/? {", "/?/a =  (0)", "/? }", " }"}},
      {R"({"\u0061":0,"\"":1})", {" {", "/a = 0", "/? = 1", " }"}},
      {R"({"a":"q\"b\\s\/\n\t"})", {" {", "/a = q\"b\\s/\n\t (8)", " }"}},
      {R"({"a":"\u00e9\ud83d\ude00!"})", {" {", "/a = é😀! (3)", " }"}},
      {R"({"a":"é😀!"})", {" {", "/a = é😀! (3)", " }"}},
      {R"({"a":"\ud83dx\ude00\ud83d"})", {" {", "/a = \uFFFDx\uFFFD\uFFFD (4)", " }"}},
      {R"({"a":"\ud83d\ud83d\ude00"})", {" {", "/a = \uFFFD😀 (2)", " }"}},
      {R"("x")", {" = x (1)"}},
  };
  for (const auto& row : rows) {
    for (std::size_t step = 1; step <= row.text.size(); ++step) {
      SCOPED_TRACE(std::string(row.text) + " by " + std::to_string(step));
      const Told told = read(row.text, step);
      EXPECT_EQ(told.lines, row.lines);
      EXPECT_TRUE(told.is_complete);
      EXPECT_FALSE(told.is_malformed);
    }
  }
}

TEST(JsonScanner, StopsAtWhatIsMalformedAndKeepsWhatItTold) {
  const std::string_view rows[] = {
      R"({"a":1,})",    R"({"a" 1})",   R"({"a":01})",   R"({"a":1.})",       R"({"a":-})",
      R"({"a":nul})",   R"({"a":NaN})", R"({"a":"\x"})", R"({"a":"\u12G4"})", R"({a:1})",
      R"([1 2])",       R"([1,])",      R"([1}])",       R"({"a":1]})",       "{\"a\":\"\n\"}",
      R"({"a":tru e})", R"({"a":1e})",  R"(}])",         R"({} x)",           R"({"a":'x'})",
      R"([DONE])",      R"({"a"})",     "\xEF\xBB\xBF{}"};
  for (const auto row : rows) {
    const Told whole = read(row, row.size());
    EXPECT_TRUE(whole.is_malformed) << row;
    EXPECT_FALSE(whole.is_complete) << row;
    for (std::size_t step = 1; step < row.size(); ++step)
      EXPECT_EQ(read(row, step), whole) << row << " by " << step;
  }
  EXPECT_EQ(read(R"({"a":1,"b":oops,"c":2})", 99).lines, (Lines{" {", "/a = 1"}));
}

TEST(JsonScanner, WhatHasNotEndedIsNeitherWholeNorMalformed) {
  const std::string_view text = R"({"a":["x",1.5,null,{"b":"\u0041"}]})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Told told = read(text.substr(0, length), 5);
    EXPECT_FALSE(told.is_complete) << length;
    EXPECT_FALSE(told.is_malformed) << length;
  }
}

TEST(JsonScanner, SixtyFourLevelsAreReadAndSevenTold) {
  const auto nested = [](std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i)
      text += R"({"a":)";
    text += "1";
    text.append(levels, '}');
    return text;
  };
  EXPECT_TRUE(read(nested(64), 3).is_complete);
  EXPECT_TRUE(read(nested(65), 3).is_malformed);
  EXPECT_EQ(read(nested(7), 3).lines[7], "/a/a/a/a/a/a/a = 1");
  const Told deep = read(nested(20), 3);
  EXPECT_EQ(deep.lines.size(), 16U);
  EXPECT_EQ(deep.lines[7], "/a/a/a/a/a/a/a {");
  EXPECT_EQ(deep.lines[8], "/a/a/a/a/a/a/a }");
}

TEST(JsonScanner, FindsItsWayBackFromTheDeep) {
  const std::string_view text = R"({"a":[[[[[[[[[["x"]],1]]]]]]]],"b":2})";
  const Told told = read(text, 4);
  ASSERT_TRUE(told.is_complete);
  EXPECT_EQ(told.lines[told.lines.size() - 2], "/b = 2");
}

TEST(JsonScanner, LongTextsAreCutAndTheirCharactersCountedToTheEnd) {
  std::string content;
  for (int i = 0; i < 300; ++i)
    content += i % 3 == 0 ? "é" : "x";
  const std::string text = R"({"a":")" + content + R"("})";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
    const Told told = read(text, step);
    EXPECT_EQ(told.lines[1], "/a = " + content.substr(0, Scanner::kMaxText) + " (300) ...") << step;
  }
  const std::string whole = R"({"a":")" + std::string(256, 'x') + R"("})";
  EXPECT_EQ(read(whole, 5).lines[1], "/a = " + std::string(256, 'x') + " (256)");
}

TEST(JsonScanner, LongKeysAreOtherNames) {
  for (const std::size_t length : {std::size_t{65}, std::size_t{1000}}) {
    const std::string text = R"({")" + std::string(length, 'k') + R"(":1,"a":2})";
    EXPECT_EQ(read(text, 6).lines, (Lines{" {", "/? = 1", "/a = 2", " }"}));
  }
}

TEST(JsonScanner, SaysNothingOfWhatIsNotWanted) {
  Recorder recorder;
  recorder.unwanted = "/a";
  recorder.closed_subtree = "/b";
  const std::string_view text = R"({"a":"\ud83d","b":{"a":1,"c":["x",{"id":2}]},"c":"\u0041"})";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Told told = read(text, step, recorder);
    EXPECT_EQ(told.lines, (Lines{" {", "/b {", "/b }", "/c = A (1)", " }"})) << step;
    EXPECT_TRUE(told.is_complete);
  }
}

// Of what nobody is told of, only the end matters.
TEST(JsonScanner, PassesOverVectorsToTheirEnd) {
  Recorder recorder;
  recorder.closed_subtree = "/data";
  const std::string_view inside[] = {
      "",
      "0.1,-0.2,3e-5",
      R"("]","\"]}","\\")",
      R"([[],{"a":[{}]},"}"],{"]":"["})",
      "[[[[[[[[[1]]]]]]]]]",
  };
  for (const std::string_view values : inside) {
    const std::string text = R"({"data":[)" + std::string(values) + R"(],"a":1})";
    for (std::size_t step = 1; step <= text.size(); ++step) {
      const Told told = read(text, step, recorder);
      EXPECT_EQ(told.lines, (Lines{" {", "/data [", "/data ]", "/a = 1", " }"})) << text;
      EXPECT_TRUE(told.is_complete);
    }
  }
  EXPECT_TRUE(read(R"({"data":[)" + std::string(63, '[') + std::string(64, ']') + "}", 3, recorder)
                  .is_malformed);
  EXPECT_TRUE(read(R"({"data":[{]],"a":1})", 3, recorder).is_malformed);
  EXPECT_FALSE(read(R"({"data":["a":1})", 3, recorder).is_complete);
}

TEST(JsonScanner, IsReadyAgainAfterReset) {
  Scanner scanner;
  Recorder recorder;
  scanner.observe(R"({"a":[{"b":"half)", recorder);
  scanner.reset();
  recorder.told.clear();
  scanner.observe(R"({"a":1})", recorder);
  EXPECT_EQ(recorder.told, (Lines{" {", "/a = 1", " }"}));
}

TEST(JsonScanner, RandomSplitsOfRandomTextsMakeNoDifference) {
  std::mt19937 random(20261125);
  const std::string alphabet = R"({}[]:,"\u0041ae1-.ntrfls )";
  std::string sample = test::read_wire_sample("chat/stream-default.sse");
  sample = sample.substr(6, sample.find("\n\n") - 6);
  for (int round = 0; round < 4000; ++round) {
    std::string text = round % 2 == 0 ? sample : std::string();
    for (int i = 0; i < 30; ++i) {
      const char c = alphabet[random() % alphabet.size()];
      if (text.size() > 100) {
        text[random() % text.size()] = c;
        if (i > 2) break;
      } else {
        text += c;
      }
    }
    EXPECT_EQ(read(text, 1 + random() % 9), read(text, text.size())) << text;
  }
}

}  // namespace
}  // namespace spillway::aoai::json
