#include "simulator/resources.hpp"

#include "simulator/digest.hpp"
#include "simulator/simulator.hpp"
#include "unit/simulator/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Two endpoints that know nothing of one another.
class RememberedThings : public testing::Test {
 protected:
  RememberedThings() {
    Config config;
    config.endpoints = {endpoint("east"), endpoint("west")};
    simulator_ = Simulator::start(config);
    east_.emplace(simulator_->port("east"));
    west_.emplace(simulator_->port("west"));
  }

  json post(const std::string& path, const std::string& body) {
    const auto reply = east_->send(http::verb::post, "/openai/v1" + path, body);
    EXPECT_EQ(reply.result_int(), 200U) << path << reply.body();
    return json::parse(reply.body(), nullptr, false);
  }

  unsigned status(Client& client, http::verb method, const std::string& path,
                  const std::string& body = {}) {
    return client.send(method, "/openai/v1" + path, body).result_int();
  }

  json get(const std::string& path) {
    return json::parse(east_->send(http::verb::get, "/openai/v1" + path).body(), nullptr, false);
  }

  json upload(const std::string& content) {
    const Header type{"Content-Type", "multipart/form-data; boundary=B"};
    const auto body =
        "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" +
        content + "\r\n--B--\r\n";
    const auto path = "/openai/files?api-version=2024-10-21";
    return json::parse(east_->send(http::verb::post, path, body, {type}).body());
  }

  std::unique_ptr<Simulator> simulator_;
  std::optional<Client> east_;
  std::optional<Client> west_;
};

TEST_F(RememberedThings, AFileIsKnownWhereItWasUploaded) {
  const auto file = upload("hello");
  const auto id = file["id"].get<std::string>();
  EXPECT_EQ(file["filename"], "a.txt");
  EXPECT_EQ(file["bytes"], 5);
  EXPECT_EQ(file["purpose"], "assistants");
  EXPECT_EQ(east_->send(http::verb::get, "/openai/v1/files/" + id + "/content").body(), "hello");
  EXPECT_EQ(get("/files")["data"].size(), 1U);
  EXPECT_EQ(status(*west_, http::verb::get, "/files/" + id), 404U);
  const auto batch = R"({"input_file_id":")" + id + R"(","endpoint":"/chat/completions"})";
  EXPECT_EQ(status(*west_, http::verb::post, "/batches", batch), 400U);
  EXPECT_EQ(post("/batches", batch)["status"], "validating");
  EXPECT_EQ(status(*east_, http::verb::delete_, "/files/" + id), 200U);
  EXPECT_EQ(status(*east_, http::verb::get, "/files/" + id), 404U);
}

TEST_F(RememberedThings, TheJournalHasTheFormOfAnUploadAndNotItsBytes) {
  upload(std::string(300'000, 'x'));
  const auto record = simulator_->requests("east").back();
  ASSERT_EQ(record.form.size(), 2U);
  EXPECT_EQ(record.form[1].bytes, 300'000U);
  EXPECT_GT(record.body_bytes, 300'000U);
  EXPECT_EQ(record.body.size(), Journal::kBodyKept);
}

TEST_F(RememberedThings, AResponseWithAFileNeedsTheFileHere) {
  const auto id = upload("hello")["id"].get<std::string>();
  const auto body =
      R"({"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","file_id":")" +
      id + R"("}]}]})";
  EXPECT_EQ(status(*east_, http::verb::post, "/responses", body), 200U);
  EXPECT_EQ(status(*west_, http::verb::post, "/responses", body), 400U);
}

TEST_F(RememberedThings, ConversationsHaveItems) {
  const auto conversation = post("/conversations", "{}")["id"].get<std::string>();
  const auto items = post("/conversations/" + conversation + "/items",
                          R"({"items":[{"type":"message","role":"user","content":"hi"}]})");
  const auto item = items["data"][0]["id"].get<std::string>();
  EXPECT_EQ(get("/conversations/" + conversation + "/items/" + item)["role"], "user");
  const auto body = R"({"model":"gpt-4o","input":"hi","conversation":")" + conversation + "\"}";
  EXPECT_EQ(status(*east_, http::verb::post, "/responses", body), 200U);
  EXPECT_EQ(status(*west_, http::verb::post, "/responses", body), 404U);
}

TEST_F(RememberedThings, WhatIsQueuedGetsOnWithEachLook) {
  const auto id = post("/videos", R"({"model":"gpt-4o","prompt":"x"})")["id"].get<std::string>();
  EXPECT_EQ(get("/videos/" + id)["status"], "queued");
  EXPECT_EQ(get("/videos/" + id)["status"], "completed");
  const auto batch = post("/vector_stores", "{}")["id"].get<std::string>();
  EXPECT_EQ(status(*east_, http::verb::post, "/vector_stores/none/files", "{}"), 404U);
  EXPECT_EQ(get("/vector_stores/" + batch)["status"], "completed");
}

TEST_F(RememberedThings, ARunStreamsTheEventsOfTheAssistantsApi) {
  const auto assistant = post("/assistants", R"({"model":"gpt-4o"})")["id"].get<std::string>();
  const auto thread = post("/threads", "{}")["id"].get<std::string>();
  const auto body = R"({"stream":true,"assistant_id":")" + assistant + "\"}";
  const auto path = "/openai/v1/threads/" + thread + "/runs";
  const auto stream = east_->send(http::verb::post, path, body).body();
  EXPECT_THAT(stream, testing::StartsWith("event: thread.run.created\ndata: {"));
  EXPECT_THAT(stream, HasSubstr("event: thread.message.delta"));
  EXPECT_THAT(stream, testing::EndsWith("event: done\ndata: [DONE]\n\n"));
  EXPECT_EQ(west_->send(http::verb::post, path, body).result_int(), 404U);
  const auto run = get("/threads/" + thread + "/runs")["data"][0]["id"].get<std::string>();
  EXPECT_EQ(post("/threads/" + thread + "/runs/" + run + "/cancel", "")["status"], "cancelled");
}

TEST_F(RememberedThings, StoredChatCompletionsCanBeFetched) {
  const auto made =
      post("/chat/completions",
           R"({"model":"gpt-4o","store":true,"messages":[{"role":"user","content":"x"}]})");
  const auto id = made["id"].get<std::string>();
  EXPECT_EQ(get("/chat/completions/" + id), made);
  EXPECT_EQ(status(*west_, http::verb::get, "/chat/completions/" + id), 404U);
}

TEST_F(RememberedThings, AnUploadIsCompletedIntoAFile) {
  const auto id =
      post("/uploads", R"({"filename":"a","bytes":3,"purpose":"batch"})")["id"].get<std::string>();
  const auto done = post("/uploads/" + id + "/complete", R"({"part_ids":[]})");
  EXPECT_EQ(done["status"], "completed");
  EXPECT_EQ(status(*east_, http::verb::get, "/files/" + done["file"]["id"].get<std::string>()),
            200U);
}

TEST_F(RememberedThings, ChaosMakesEveryAnswerUniqueAndNamesIt) {
  simulator_->set_chaos("east", {1, 500, {"503"}});
  const std::string body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"x"}]})";
  std::set<std::string> bodies;
  std::size_t good = 0;
  for (int i = 0; i < 40; ++i) {
    const auto reply = east_->send(http::verb::post, "/openai/v1/chat/completions", body);
    const auto record = simulator_->requests("east").back();
    EXPECT_EQ(reply["x-sim-answer"], record.answer);
    Digest digest;
    digest.add(reply.body());
    EXPECT_EQ(digest.finish(), record.answer_sha256);
    EXPECT_EQ(record.fault, reply.result_int() == 503U ? "status" : "");
    if (reply.result_int() != 200U) continue;
    ++good;
    bodies.insert(reply.body());
  }
  EXPECT_EQ(bodies.size(), good);
  EXPECT_GT(good, 5U);
  EXPECT_LT(good, 35U);
}

}  // namespace
}  // namespace spillway::simulator
