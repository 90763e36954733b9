#include <spillway/aoai/model_edit.hpp>
#include <spillway/aoai/multipart_form.hpp>
#include <spillway/base/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace spillway::aoai {
namespace {

constexpr std::string_view kBoundary = "----form-7";

std::string part(std::string_view head, std::string_view content) {
  return "------form-7\r\n" + std::string(head) + "\r\n\r\n" + std::string(content) + "\r\n";
}

std::string field(std::string_view name, std::string_view value) {
  return part("Content-Disposition: form-data; name=\"" + std::string(name) + "\"", value);
}

std::string file(std::string_view content, std::string_view name = "file") {
  return part("Content-Disposition: form-data; name=\"" + std::string(name) +
                  "\"; filename=\"speech.wav\"\r\nContent-Type: audio/wav",
              content);
}

const std::string kEnd = "------form-7--\r\n";

MultipartForm read(std::string_view body, std::string_view boundary = kBoundary) {
  MultipartForm form(boundary);
  form.observe(body);
  return form;
}

void expect_model(const std::string& body, const RequestFacts& facts, std::string_view model) {
  EXPECT_TRUE(facts.is_form);
  ASSERT_TRUE(facts.has_model);
  EXPECT_EQ(facts.model, model);
  EXPECT_EQ(body.substr(facts.model_offset, facts.model_length), model);
}

// Neither taken for the model by us, nor left unmentioned.
void expect_doubt(const std::string& body) {
  const MultipartForm form = read(body);
  EXPECT_TRUE(form.is_malformed() || form.facts().repeats_model) << body;
}

TEST(MultipartForm, TheModelIsFoundBeforeAndBehindTheFile) {
  for (const std::string& body :
       {field("model", "whisper") + file("RIFF\r\n--\n\0x") + field("stream", "true") + kEnd,
        file("RIFF\r\n--\n\0x") + field("stream", "true") + field("model", "whisper") + kEnd}) {
    const MultipartForm form = read(body);
    EXPECT_TRUE(form.is_whole());
    expect_model(body, form.facts(), "whisper");
    EXPECT_TRUE(form.facts().wants_stream);
    EXPECT_FALSE(form.facts().repeats_model);
  }
}

TEST(MultipartForm, OnlyTheValueIsReplaced) {
  const std::string body = field("model", "whisper") + file("model") + kEnd;
  const MultipartForm form = read(body);
  EXPECT_EQ(replace_model(body, form.facts(), "whisper-eu-2"),
            field("model", "whisper-eu-2") + file("model") + kEnd);
  const std::string held = body.substr(0, body.size() - 20);
  EXPECT_EQ(replace_model(held, read(held).facts(), "w"),
            (field("model", "w") + file("model") + kEnd).substr(0, body.size() - 26));
}

TEST(MultipartForm, PreambleEpilogueAndBlanksBehindABoundaryAreAllowed) {
  const std::string inner = "Content-Disposition: form-data; name=model\r\n\r\nm\r\n------form-7";
  const std::string body =
      "This is\r\na preamble\r\n------form-7 \t\r\n" + inner + "-- \r\nepilogue\r\n------form-7";
  const MultipartForm form = read(body);
  EXPECT_TRUE(form.is_whole());
  expect_model(body, form.facts(), "m");
}

TEST(MultipartForm, TheLastLineNeedsNoLineEnd) {
  EXPECT_TRUE(read(field("a", "b") + "------form-7--").is_whole());
  EXPECT_FALSE(read(field("a", "b") + "------form-7-").is_whole());
  EXPECT_FALSE(read(field("a", "b")).is_whole());
}

TEST(MultipartForm, WhatLooksLikeADelimiterButIsNoneIsContent) {
  const std::string content =
      "a------form-7\r\n\r\n------form-\r\n----form-7\r\n-------form-7\r\r\n\n--";
  const std::string body = file(content) + field("model", "m") + kEnd;
  expect_model(body, read(body).facts(), "m");
}

TEST(MultipartForm, EmptyContentIsAllowed) {
  const std::string body = file("") + field("stream", "") + field("model", "m") + kEnd;
  expect_model(body, read(body).facts(), "m");
  EXPECT_TRUE(read(field("model", "") + kEnd).facts().has_model);
}

TEST(MultipartForm, AFieldOfAnotherNameIsNotTheModel) {
  for (const std::string_view name : {"models", "mode", "model[]", "", "my model", "x.model"}) {
    const RequestFacts facts = read(field(name, "m") + kEnd).facts();
    EXPECT_TRUE(facts.is_form) << name;
    EXPECT_FALSE(facts.has_model) << name;
    EXPECT_FALSE(facts.repeats_model) << name;
  }
}

TEST(MultipartForm, OfARepeatedModelTheLastCountsAndItIsTold) {
  const std::string body = field("model", "a") + field("model", "bb") + kEnd;
  const MultipartForm form = read(body);
  expect_model(body, form.facts(), "bb");
  EXPECT_TRUE(form.facts().repeats_model);
}

TEST(MultipartForm, AFileOfThatNameIsNotTheModel) {
  const RequestFacts facts = read(file("m", "model") + kEnd).facts();
  EXPECT_FALSE(facts.has_model);
  EXPECT_TRUE(facts.repeats_model) << "some readers take it";
}

TEST(MultipartForm, WhatReadersTakeDifferentlyIsTold) {
  const std::string disposition = "Content-Disposition: form-data; name=\"model\"";
  for (const std::string& head : std::vector<std::string>{
           "Content-Disposition: form-data; name=\"Model\"",
           "Content-Disposition: form-data; name=\" model\"",
           "Content-Disposition: form-data; name=\"mo\\del\"",
           "Content-Disposition: form-data; name=\"a\"; name=\"model\"",
           "Content-Disposition: form-data; name=\"a\"; name*=utf-8''model",
           "Content-Disposition: form-data; filename=\"a\\\"; name=\"model\"",
           "Content-Disposition: attachment; name=\"model\"",
           "Content-Disposition: form-data; name=\"a\"\r\n" + disposition,
           "Content-Disposition: form-data; name=\"a\"\r\n ; name=\"model\"",
           "Content-Disposition : form-data; name=\"model\"",
           "Content-Disposition: form-data; name=\"a\"\nX: y",
           "Content-Disposition: form-data; name=\"a\"\rX: y",
           disposition + "\r\nContent-Transfer-Encoding: base64",
           disposition + "\r\nContent-Type: text/plain; charset=utf-16",
           disposition + "; filename=\"\"",
       }) {
    expect_doubt(field("model", "m") + part(head, "x") + kEnd);
    expect_doubt(part(head, "x") + kEnd);
  }
}

TEST(MultipartForm, WhereReadersDifferOnThePartsItIsMalformed) {
  const std::string hidden = "Content-Disposition: form-data; name=\"model\"\r\n\r\nx\r\n";
  for (const std::string& body : std::vector<std::string>{
           file("a\n------form-7\r\n" + hidden) + kEnd,          // a line end that is LF only
           file("a") + "------form-7\n" + hidden + kEnd,         // the same behind the boundary
           file("a") + "------form-7 x\r\n" + hidden + kEnd,     // more behind the boundary
           file("a") + "------form-7x\r\n" + hidden + kEnd,      //
           file("a") + "------form-7--x\r\n" + hidden + kEnd,    // more behind the last one
           "------form-7\r\nA: b\r\n------form-7\r\n" + hidden,  // a boundary in a head
           "------form-7\r\n\r\n------form-7\r\n" + hidden,      // no line end of its own
           "------form-7\r\nno header\r\n\r\nx\r\n" + kEnd,
           "\n------form-7\r\n" + hidden + kEnd,
       }) {
    const MultipartForm form = read(body);
    EXPECT_TRUE(form.is_malformed()) << body;
    EXPECT_FALSE(form.facts().is_form);
    EXPECT_FALSE(form.facts().has_model);
  }
}

TEST(MultipartForm, ItsBoundsAreKept) {
  const std::string longest(MultipartForm::kMaxValueBytes, 'm');
  const std::string fits = field("model", longest) + kEnd;
  expect_model(fits, read(fits).facts(), longest);
  expect_doubt(field("model", longest + "m") + kEnd);
  EXPECT_FALSE(read(field("model", longest + "m") + kEnd).facts().has_model);

  const std::string pad(MultipartForm::kMaxHeadBytes, 'x');
  EXPECT_TRUE(read(part("X: " + pad, "")).is_malformed());
  EXPECT_TRUE(read("------form-7\r\nX: " + pad).is_malformed()) << "also without its end";
  EXPECT_TRUE(read("------form-7" + std::string(pad.size() + 1, ' ')).is_malformed());
  EXPECT_TRUE(read("------form-7--" + std::string(pad.size() + 1, ' ')).is_malformed());

  std::string parts;
  for (unsigned i = 0; i < MultipartForm::kMaxParts; ++i)
    parts += field("a", "");
  EXPECT_TRUE(read(parts + kEnd).is_whole());
  EXPECT_TRUE(read(parts + field("a", "") + kEnd).is_malformed());
}

TEST(MultipartForm, NothingIsKnownOfAPartBeforeItsEnd) {
  const std::string body = field("model", "m") + kEnd;
  EXPECT_FALSE(read(body.substr(0, body.find("\r\n------form-7--") + 13)).facts().has_model);
  EXPECT_TRUE(read(body.substr(0, body.find("\r\n------form-7--") + 14)).facts().has_model);
}

std::string describe(const MultipartForm& form) {
  const RequestFacts& facts = form.facts();
  return std::to_string(int{form.is_whole()} * 16 + int{form.is_malformed()} * 8 +
                        int{facts.has_model} * 4 + int{facts.wants_stream} * 2 +
                        int{facts.repeats_model}) +
         " " + facts.model + " " + std::to_string(facts.model_offset) + " " +
         std::to_string(facts.model_length);
}

const std::vector<std::string> kBodies = {
    "pre\r\n" + file("RIFF\r\n\r\n------form-8\r\n\n\n-") + field("model", "whis\r\n--per") +
        field("stream", "True") + "------form-7--  \r\nepilogue",
    field("model", "a") + field("Model", "b") + file("\r") + kEnd,
    field("model", "a") + file("x\n------form-7\r\n") + kEnd,
    field("model", "a") + "------form-7--\r\r\n",
};

TEST(MultipartForm, ReadsTheSameAtEverySplit) {
  for (const std::string& body : kBodies) {
    const std::string whole = describe(read(body));
    for (std::size_t first = 0; first <= body.size(); ++first) {
      MultipartForm form(kBoundary);
      form.observe(std::string_view(body).substr(0, first));
      form.observe(std::string_view(body).substr(first));
      EXPECT_EQ(describe(form), whole) << first;
    }
    MultipartForm form(kBoundary);
    for (const char& each : body)
      form.observe({&each, 1});
    EXPECT_EQ(describe(form), whole);
  }
}

// Forms made of fragments that matter, against a reader that splits the whole text at once.
TEST(MultipartForm, FindsInRandomFormsWhatWasPutThere) {
  base::Random random(20261125);
  const std::vector<std::string> fragments = {
      "\r", "\n", "\r\n", "--", "-", "form", "model", std::string(1, '\0'), "\r\n------fo", "a"};
  for (int round = 0; round < 2000; ++round) {
    std::string body;
    std::string model;
    const auto parts = 1 + random.next() % 4;
    const auto place = random.next() % parts;
    for (std::uint64_t i = 0; i < parts; ++i) {
      std::string content;
      for (auto n = random.next() % 12; n > 0; --n)
        content += fragments[random.next() % fragments.size()];
      if (i == place) model = content;
      body += i == place ? field("model", content) : file(content);
    }
    body += kEnd;
    MultipartForm form(kBoundary);
    for (std::string_view rest = body; !rest.empty();) {
      const auto piece = std::min<std::size_t>(1 + random.next() % 40, rest.size());
      form.observe(rest.substr(0, piece));
      rest.remove_prefix(piece);
    }
    EXPECT_TRUE(form.is_whole());
    expect_model(body, form.facts(), model);
    EXPECT_FALSE(form.facts().repeats_model);
  }
}

}  // namespace
}  // namespace spillway::aoai
