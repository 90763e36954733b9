#include "simulator/script.hpp"

#include "simulator/answers.hpp"
#include "simulator/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Question question(std::string_view body) {
  static const Deployment kDeployment = [] {
    Deployment made;
    made.name = "gpt-4o";
    made.latency = {milliseconds(80), milliseconds(25), milliseconds(0)};
    return made;
  }();
  Question made;
  made.prompt = read_prompt(body);
  made.deployment = &kDeployment;
  made.endpoint = "here";
  made.seed = seed_of(made.prompt);
  made.tokens = 3;
  return made;
}

Reply stream() {
  return answer_chat(question(R"({"stream":true,"messages":[{"role":"user","content":"hi"}]})"));
}

std::string bytes_of(const Script& script) {
  std::string all;
  for (const auto& step : script.steps)
    all += step.bytes;
  return all;
}

Script with(const char* fault, Reply reply = stream()) {
  return make_script(std::move(reply), parse_fault(fault), Framing{});
}

TEST(MakeScript, AStreamIsOneChunkPerEventAtTheDeploymentsCadence) {
  const auto script = make_script(stream(), std::nullopt, Framing{});
  // Head, prompt filter, role, three tokens, finish, [DONE] with the last chunk.
  ASSERT_EQ(script.steps.size(), 8U);
  EXPECT_THAT(script.steps[0].bytes,
              StartsWith("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(script.steps[1].bytes, HasSubstr("prompt_filter_results"));
  EXPECT_EQ(script.steps[3].delay, milliseconds(80));
  EXPECT_EQ(script.steps[4].delay, milliseconds(25));
  EXPECT_EQ(script.steps[7].bytes, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
  EXPECT_EQ(script.ending, Ending::keep_alive);
}

TEST(MakeScript, ABodyHasItsLengthAndTakesAsLongAsItsStream) {
  auto reply = answer_chat(question(R"({"messages":[{"role":"user","content":"hi"}]})"));
  const auto length = std::to_string(reply.body.size());
  const auto script = make_script(reply, std::nullopt, Framing{});
  ASSERT_EQ(script.steps.size(), 1U);
  EXPECT_EQ(script.steps[0].delay, milliseconds(130));
  EXPECT_THAT(script.steps[0].bytes, HasSubstr("Content-Length: " + length + "\r\n"));
  EXPECT_THAT(script.steps[0].bytes, EndsWith(reply.body));
  const auto head = make_script(reply, std::nullopt, {BodyUse::left_out, Persistence::close});
  EXPECT_THAT(head.steps[0].bytes, EndsWith("Connection: close\r\n\r\n"));
  EXPECT_EQ(head.ending, Ending::close);
}

TEST(MakeScript, ResetMidStreamKeepsWholeEventsAndHalfOfTheNext) {
  const auto whole = make_script(stream(), std::nullopt, Framing{});
  const auto script = with("reset_mid_stream after_events=3");
  ASSERT_EQ(script.steps.size(), 5U);
  EXPECT_EQ(script.steps[3].bytes, whole.steps[3].bytes);
  EXPECT_EQ(script.steps[4].bytes, whole.steps[4].bytes.substr(0, whole.steps[4].bytes.size() / 2));
  EXPECT_EQ(script.ending, Ending::reset);
}

TEST(MakeScript, TruncateClosesWithoutTheLastChunk) {
  const auto script = with("truncate");
  EXPECT_EQ(script.ending, Ending::close);
  EXPECT_THAT(bytes_of(script), Not(HasSubstr("0\r\n\r\n")));
}

TEST(MakeScript, TruncateCutsABodyInHalf) {
  auto reply = json_reply(200, "0123456789");
  const auto script = with("truncate", reply);
  EXPECT_THAT(bytes_of(script), EndsWith("\r\n\r\n01234"));
}

TEST(MakeScript, NoDoneStillEndsWell) {
  const auto text = bytes_of(with("no_done"));
  EXPECT_THAT(text, Not(HasSubstr("[DONE]")));
  EXPECT_THAT(text, EndsWith("0\r\n\r\n"));
  EXPECT_THAT(text, HasSubstr(R"("finish_reason":"stop")"));
}

TEST(MakeScript, AnErrorEventComesBeforeOutputUnlessToldOtherwise) {
  const auto before = bytes_of(with("error_event"));
  EXPECT_THAT(before, HasSubstr(R"("role":"assistant")"));
  EXPECT_THAT(before, HasSubstr("server_error"));
  EXPECT_THAT(before, Not(HasSubstr(R"({"delta":{"content":"w)")));
  EXPECT_EQ(with("error_event").steps.size(), 4U);
  EXPECT_EQ(with("error_event after_events=4").steps.size(), 6U);
}

TEST(MakeScript, AFaultCanCountOutputOnly) {
  // The preamble of chat is two events: prompt filter and role.
  EXPECT_EQ(with("reset_between_events after_output=0").steps.size(), 3U);
  EXPECT_EQ(with("reset_between_events after_output=2").steps.size(), 5U);
  EXPECT_EQ(with("stall_mid_stream after_output=0").steps.size(), 3U);
  EXPECT_EQ(with("error_event after_output=1").steps.size(), 5U);
  EXPECT_EQ(with("error_event after_events=0").steps.size(), 2U);
}

TEST(MakeScript, ResetBetweenEventsSendsNothingOfTheNext) {
  const auto whole = make_script(stream(), std::nullopt, Framing{});
  const auto script = with("reset_between_events after_events=1");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[1].bytes, whole.steps[1].bytes);
  EXPECT_EQ(script.ending, Ending::reset);
}

TEST(MakeScript, TruncatedCleanEndsWellWithoutFinishOrDone) {
  const auto script = with("truncated_clean after_output=2");
  const auto text = bytes_of(script);
  EXPECT_THAT(text, EndsWith("0\r\n\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("[DONE]")));
  EXPECT_THAT(text, Not(HasSubstr("stop")));
  EXPECT_EQ(script.ending, Ending::keep_alive);
}

TEST(MakeScript, AnUnaskedCodingIsAnnouncedAndChangesTheBytesOnly) {
  const auto plain = make_script(stream(), std::nullopt, Framing{});
  const auto coded = with("gzip");
  EXPECT_THAT(coded.steps[0].bytes, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_EQ(coded.steps.size(), plain.steps.size());
  EXPECT_NE(coded.steps[1].bytes, plain.steps[1].bytes);
  EXPECT_EQ(coded.body_sha256, plain.body_sha256);
}

TEST(MakeScript, TheDigestIsOfTheBodyThatAWholeAnswerHas) {
  const auto plain = make_script(json_reply(200, "abc"), std::nullopt, Framing{});
  EXPECT_EQ(plain.body_bytes, 3U);
  EXPECT_EQ(plain.body_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(with("truncate", json_reply(200, "abc")).body_sha256, plain.body_sha256);
}

TEST(MakeScript, StallsForATimeOrForEver) {
  EXPECT_EQ(with("stall_before_headers delay_ms=500").steps[0].delay, milliseconds(500));
  const auto silent = with("stall_before_headers");
  EXPECT_TRUE(silent.steps.empty());
  EXPECT_EQ(silent.ending, Ending::hold);
  const auto hung = with("stall_mid_stream after_events=2");
  EXPECT_EQ(hung.steps.size(), 3U);
  EXPECT_EQ(hung.ending, Ending::hold);
}

TEST(MakeScript, DripsByteByByte) {
  const auto whole = bytes_of(make_script(stream(), std::nullopt, Framing{}));
  const auto script = with("drip delay_ms=1");
  EXPECT_EQ(script.steps.size(), whole.size());
  EXPECT_EQ(script.steps[1].delay, milliseconds(1));
}

TEST(MakeScript, ResetMidHeadersSendsPartOfTheHead) {
  const auto script = with("reset_mid_headers");
  EXPECT_THAT(bytes_of(script), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(bytes_of(script), Not(HasSubstr("\r\n\r\n")));
  EXPECT_EQ(script.ending, Ending::reset);
}

TEST(Replacement, AnswersWithTheStatusItsUsualBodyAndTheGivenHeaders) {
  const auto fault = parse_fault("429 Retry-After=garbage body=ptu_new");
  const auto reply = replacement(fault);
  ASSERT_TRUE(reply);
  const auto text = bytes_of(make_script(*reply, fault, Framing{}));
  EXPECT_THAT(text, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_THAT(text, HasSubstr("Retry-After: garbage\r\n"));
  EXPECT_THAT(text, HasSubstr("rate_limit_reached"));
}

TEST(Replacement, FillsInDates) {
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'795'425'600)};
  EXPECT_EQ(http_date(now), "Mon, 23 Nov 2026 09:20:00 GMT");
  EXPECT_EQ(fill_placeholders("{http_date+5}", now), "Mon, 23 Nov 2026 09:20:05 GMT");
  EXPECT_EQ(fill_placeholders("{http_date-60}", now), "Mon, 23 Nov 2026 09:19:00 GMT");
  EXPECT_EQ(fill_placeholders("6m0s", now), "6m0s");
}

TEST(Answers, UsageIsOnlyInAStreamThatAskedForIt) {
  EXPECT_THAT(bytes_of(make_script(stream(), std::nullopt, Framing{})), Not(HasSubstr("usage")));
  const auto asked = answer_chat(question(
      R"({"stream":true,"stream_options":{"include_usage":true},"messages":[{"content":"hi"}]})"));
  const auto text = bytes_of(make_script(asked, std::nullopt, Framing{}));
  EXPECT_THAT(text, HasSubstr(R"("usage":null)"));
  EXPECT_THAT(text, HasSubstr(R"("completion_tokens":3)"));
}

TEST(Answers, UsageHasTheDetailsOfTheDeployment) {
  Deployment deployment;
  deployment.usage = {4, 2, 1};
  auto asked = question(R"({"messages":[{"role":"user","content":"a rather long question"}]})");
  asked.deployment = &deployment;
  const auto chat = answer_chat(asked).body;
  EXPECT_THAT(chat, HasSubstr(R"("cached_tokens":4)"));
  EXPECT_THAT(chat, HasSubstr(R"("reasoning_tokens":2)"));
  EXPECT_THAT(chat, HasSubstr(R"("audio_tokens":1)"));
  const auto response = answer_response(asked).body;
  EXPECT_THAT(response, HasSubstr(R"("cached_tokens":4)"));
  EXPECT_THAT(response, HasSubstr(R"("reasoning_tokens":2)"));
}

TEST(Answers, AResponseStreamIsNumberedFromZeroToCompleted) {
  const auto reply = answer_response(question(R"({"stream":true,"input":"hi"})"));
  ASSERT_EQ(reply.events.size(), 4U + 3U + 4U);
  EXPECT_THAT(reply.events.front().text,
              StartsWith("event: response.created\ndata: {\"type\":\"response.created\","
                         "\"sequence_number\":0,"));
  EXPECT_THAT(reply.events.back().text, StartsWith("event: response.completed\n"));
  EXPECT_THAT(reply.events.back().text, HasSubstr("\"sequence_number\":10,"));
}

TEST(Answers, EmbeddingsComeAsBase64WhenAskedFor) {
  auto asked = question(R"({"input":["a","b"],"dimensions":1,"encoding_format":"base64"})");
  EXPECT_THAT(answer_embeddings(asked).body,
              testing::ContainsRegex("\"embedding\":\"[^\"]{6}==\""));
  asked.prompt.wants_base64 = false;
  EXPECT_THAT(answer_embeddings(asked).body, HasSubstr("\"embedding\":["));
}

TEST(Errors, HaveTheLengthsSeenOnAzure) {
  EXPECT_EQ(error_named("bad_key")->body.size(), 224U);
  EXPECT_EQ(error_named("rbac")->body.size(), 99U);
  EXPECT_EQ(error_named("firewall")->body.size(), 90U);
  EXPECT_EQ(error_named("deployment_not_found")->body.size(), 198U);
  EXPECT_EQ(error_named("front_end")->body.size(), 111U);
}

}  // namespace
}  // namespace spillway::simulator
