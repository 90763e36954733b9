// What answers cost: read from every shape of answer, streamed or not, without the caller noticing.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;

constexpr auto kStreamWithUsage = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";

Request direct(Request request, std::string_view deployment, std::string_view more) {
  request.headers[0] = {"api-key", "backend-key"};
  request.body = chat_body(deployment, more);
  return request;
}

class Accounting : public ::testing::Test {
 protected:
  telemetry::TokenCounts last_tokens(std::size_t count) {
    const auto record = gateway.wait_for_records(count).back();
    return record.attempts.empty() ? telemetry::TokenCounts() : record.attempts.back().tokens;
  }
  // What the simulator says of the same question, asked for directly.
  Json usage_of(std::string_view more) {
    const Answer answer =
        send(simulator->port("ptu"), direct(chat("gpt-4o-ptu"), "gpt-4o-ptu", more));
    return Json::parse(answer.body).at("usage");
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
};

TEST_F(Accounting, TheUsageOfAnAnswerIsRecorded) {
  const Json said = usage_of("");
  send(gateway.port(), chat("gpt-4o"));
  const auto tokens = last_tokens(1);
  EXPECT_TRUE(tokens.is_known);
  EXPECT_FALSE(tokens.is_estimated);
  EXPECT_EQ(tokens.input, said.at("prompt_tokens"));
  EXPECT_EQ(tokens.output, said.at("completion_tokens"));
  EXPECT_EQ(tokens.total, said.at("total_tokens"));
}

TEST_F(Accounting, AStreamIsAskedForItsUsageAndTheCallerSeesNothingOfIt) {
  const Json said = usage_of("");
  const Answer plain =
      send(simulator->port("ptu"), direct(chat("gpt-4o-ptu"), "gpt-4o-ptu", kStream));
  for (Request request : {chat("gpt-4o", kStream), chat_v1("gpt-4o", kStream)}) {
    request.body = chat_body("gpt-4o-ptu", kStream);
    if (request.target.find("/v1/") != std::string::npos) {
      request.body = chat_body("gpt-4o", kStream);
    }
    const Answer through = send(gateway.port(), request);
    EXPECT_EQ(count(through.body, "\"choices\":[]"), count(plain.body, "\"choices\":[]"))
        << "the chunk that only we asked for is gone";
    EXPECT_EQ(count(through.body, "data: "), count(plain.body, "data: "));
    EXPECT_TRUE(through.is_complete);
  }
  EXPECT_NE(simulator->requests("ptu").back().body.find("\"include_usage\":true"),
            std::string::npos);
  for (const auto& record : gateway.wait_for_records(2)) {
    ASSERT_FALSE(record.attempts.empty());
    EXPECT_TRUE(record.attempts.back().tokens.is_known);
    EXPECT_FALSE(record.attempts.back().tokens.is_estimated);
    EXPECT_EQ(record.attempts.back().tokens.total, said.at("total_tokens"));
  }
}

TEST_F(Accounting, WhoAsksForTheUsageGetsIt) {
  const Answer through = send(gateway.port(), chat("gpt-4o", kStreamWithUsage));
  EXPECT_NE(through.body.find("\"usage\":{"), std::string::npos);
  EXPECT_TRUE(last_tokens(1).is_known);
}

TEST_F(Accounting, AnOldApiVersionIsNotAskedAndGuessedInstead) {
  Request request = chat("gpt-4o", kStream);
  const auto version = request.target.find("api-version=");
  request.target = request.target.substr(0, version) + "api-version=2024-02-01";
  EXPECT_EQ(send(gateway.port(), request).status, 200U);
  EXPECT_EQ(simulator->requests("ptu").back().body, request.body) << "not a byte is added";
  const auto tokens = last_tokens(1);
  EXPECT_TRUE(tokens.is_known);
  EXPECT_TRUE(tokens.is_estimated);
}

TEST_F(Accounting, ACallerWhoHangsUpIsAccountedByAGuess) {
  simulator->set_fault("ptu", "stall_mid_stream after_events=5");
  Connection client(gateway.port());
  client.write(chat("gpt-4o", kStream));
  client.read_until("}\n\n", 5);
  client.close();
  const auto tokens = last_tokens(1);
  EXPECT_TRUE(tokens.is_known);
  EXPECT_TRUE(tokens.is_estimated);
  EXPECT_GT(tokens.output, 0U);
  EXPECT_GT(tokens.input, 0U);
}

TEST_F(Accounting, EmbeddingsAndResponsesAreReadAsWell) {
  Request embeddings = chat_v1("text-embedding-3-large");
  embeddings.target = "/openai/v1/embeddings";
  embeddings.body = R"({"model":"text-embedding-3-large","input":"hello"})";
  ASSERT_EQ(send(gateway.port(), embeddings).status, 200U);
  EXPECT_GT(last_tokens(1).input, 0U);

  Request responses = chat_v1("gpt-4o");
  responses.target = "/openai/v1/responses";
  std::size_t records = 1;
  for (const char* more : {"", ",\"stream\":true"}) {
    responses.body = R"({"model":"gpt-4o","input":"hello")" + std::string(more) + "}";
    ASSERT_EQ(send(gateway.port(), responses).status, 200U);
    const auto tokens = last_tokens(++records);
    EXPECT_TRUE(tokens.is_known) << more;
    EXPECT_FALSE(tokens.is_estimated) << more;
    EXPECT_EQ(tokens.total, tokens.input + tokens.output) << more;
  }
}

TEST_F(Accounting, StatusAddsUpByClientGuessesApart) {
  send(gateway.port(), chat("gpt-4o"));
  send(gateway.port(), chat("gpt-4o", kStream));
  std::uint64_t sum = 0;
  for (const auto& record : gateway.wait_for_records(2))
    sum += record.attempts.back().tokens.total;
  const Json status = Json::parse(get(gateway.admin_port(), "/status").body);
  const Json& client = status.at("clients").at(0);
  EXPECT_EQ(client.at("tokens"), sum);
  EXPECT_EQ(client.at("usage").at("exact").at("total_tokens"), sum);
  EXPECT_EQ(client.at("usage").at("exact").at("answers"), 2);
  EXPECT_EQ(client.at("usage").at("estimated").at("total_tokens"), 0);
}

}  // namespace
}  // namespace spillway::integration
