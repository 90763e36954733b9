// Multipart forms (audio, images, files): the deployment is the form's field `model`, wherever it
// stands; every other byte arrives as it was sent. The backends are played by the test.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::integration {
namespace {

constexpr std::size_t kReplayBuffer = 4096;

std::string field(const std::string& name, const std::string& value) {
  return "--AaB03x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
         "\r\n";
}

std::string file(std::size_t bytes) {
  std::string content = "RIFF\r\n--AaB03\r\n";
  content.resize(bytes, '\xF0');
  return "--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
         "Content-Type: audio/wav\r\n\r\n" +
         content + "\r\n";
}

const std::string kEnd = "--AaB03x--\r\n";

Request form_to(const std::string& target, const std::string& body) {
  Request request;
  request.target = target;
  request.headers = {{"authorization", "Bearer test-key"},
                     {"content-type", "multipart/form-data; boundary=AaB03x"}};
  request.body = body;
  return request;
}

Request transcription(const std::string& body) {
  return form_to("/openai/v1/audio/transcriptions", body);
}

class Forms : public ::testing::Test {
 protected:
  /// `ptu` (priority 1) calls whisper otherwise; `any` (priority 2) serves every name as it is.
  void start(const std::string& client = "", const std::string& members = "") {
    const std::string usual = "[ { backend: ptu, priority: 1 }, { backend: any, priority: 2 } ]";
    gateway = std::make_unique<RunningGateway>(
        "listeners: [ { address: 127.0.0.1:0 } ]\n"
        "admin: { address: 127.0.0.1:0 }\n"
        "credentials: [ { name: key, api_key: backend-key } ]\n"
        "backends:\n"
        "  - { name: ptu, url: \"" +
        ptu.url() +
        "\", credential: key, deployments: { whisper: whisper-ptu-3 } }\n"
        "  - { name: any, url: \"" +
        any.url() +
        "\", credential: key }\n"
        "pools: [ { name: default, members: " +
        (members.empty() ? usual : members) +
        " } ]\n"
        "clients: [ { name: app, keys: [ test-key ]" +
        client +
        " } ]\n"
        "limits: { replay_buffer: 4KiB }\n"
        "server: { threads: 1, drain_timeout: 5s }\n");
  }

  /// What the backend got of a request whose body has so many bytes; it then answers.
  std::string serve(HandServer& backend, std::size_t body_bytes) {
    Connection peer = backend.accept();
    const std::string head = peer.read_until("\r\n\r\n");
    head_ = head.substr(0, head.find("\r\n\r\n") + 4);
    peer.drop_received(head_.size());
    const std::string body = peer.read_bytes(body_bytes);
    peer.write_raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(peer.read_to_end(), "") << "more than the announced body";
    return body;
  }
  void expect_length(std::size_t bytes) {
    EXPECT_NE(head_.find("content-length: " + std::to_string(bytes) + "\r\n"), std::string::npos)
        << head_;
  }

  HandServer ptu;
  HandServer any;
  std::unique_ptr<RunningGateway> gateway;
  std::string head_;
};

TEST_F(Forms, TheModelOfAHeldFormIsReplacedAndNothingElse) {
  start();
  for (const bool is_model_first : {true, false}) {
    const auto form = [&](const std::string& model) {
      const std::string named = field("model", model);
      return is_model_first ? named + file(500) + kEnd : file(500) + named + kEnd;
    };
    Connection client(gateway->port());
    client.write(transcription(form("whisper")));
    const std::string expected = form("whisper-ptu-3");
    EXPECT_EQ(serve(ptu, expected.size()), expected);
    expect_length(expected.size());
    EXPECT_EQ(client.read().body, "ok");
  }
  EXPECT_EQ(gateway->wait_for_records(2).front().deployment, "whisper");
}

TEST_F(Forms, AFormThatComesChunkedIsReadLikeAnyOther) {
  start();
  const std::string expected = field("model", "whisper-ptu-3") + kEnd;
  Connection client(gateway->port());
  Request request = transcription("");
  request.headers.emplace_back("transfer-encoding", "chunked");
  client.write(request);
  for (const char& each : field("model", "whisper") + kEnd)
    client.write_raw(std::string("1\r\n") + each + "\r\n");
  client.write_raw("0\r\n\r\n");
  EXPECT_EQ(serve(ptu, expected.size()), expected);
  EXPECT_EQ(client.read().body, "ok");
}

TEST_F(Forms, AModelThatStandsBeforeALargeFileIsReplacedToo) {
  start();
  const std::string rest = file(100'000) + field("model2", "x") + kEnd;
  const std::string expected = field("model", "whisper-ptu-3") + rest;
  Connection client(gateway->port());
  client.write(transcription(field("model", "whisper") + rest));
  EXPECT_EQ(serve(ptu, expected.size()), expected);
  expect_length(expected.size());
  EXPECT_EQ(client.read().body, "ok");
}

TEST_F(Forms, AModelBehindALargeFileGoesWhereNamesAreKept) {
  start();
  const std::string body = file(100'000) + field("model", "whisper") + kEnd;
  Connection client(gateway->port());
  client.write(transcription(body));
  EXPECT_EQ(serve(any, body.size()), body);
  EXPECT_EQ(client.read().body, "ok");
}

TEST_F(Forms, WhereEveryBackendRenamesAModelBehindALargeFileIsRefused) {
  start("", "[ { backend: ptu } ]");
  const Answer answer =
      send(gateway->port(), transcription(file(100'000) + field("model", "whisper") + kEnd));
  EXPECT_EQ(answer.status, 413U);
  EXPECT_NE(answer.body.find("spillway_deployment_unread"), std::string::npos) << answer.body;
}

TEST_F(Forms, AFileUploadNamesNoModelAndGoesAnywhere) {
  start(", deployments: [ whisper ]");
  const std::string body = field("purpose", "batch") + file(100'000) + kEnd;
  Connection client(gateway->port());
  client.write(form_to("/openai/v1/files", body));
  EXPECT_EQ(serve(ptu, body.size()), body);
  EXPECT_EQ(client.read().body, "ok");
}

TEST_F(Forms, AClientWithAListMayUseWhatItNames) {
  start(", deployments: [ \"whisper*\" ]");
  for (const std::size_t size : {std::size_t{500}, std::size_t{100'000}}) {
    const std::string rest = file(size) + kEnd;
    Connection client(gateway->port());
    client.write(transcription(field("model", "whisper") + rest));
    const std::string expected = field("model", "whisper-ptu-3") + rest;
    EXPECT_EQ(serve(ptu, expected.size()), expected);
    EXPECT_EQ(client.read().body, "ok");
  }
}

TEST_F(Forms, AClientWithAListIsRefusedWhatItDoesNotName) {
  start(", deployments: [ whisper ]");
  const std::string whisper = field("model", "whisper");
  const auto status = [&](const std::string& body) {
    return send(gateway->port(), transcription(body)).status;
  };
  EXPECT_EQ(status(field("model", "gpt-4o-transcribe") + file(500) + kEnd), 403U);
  EXPECT_EQ(status(file(500) + kEnd), 403U) << "none named";
  EXPECT_EQ(status(file(100'000) + whisper + kEnd), 403U) << "named where nobody reads it";
  EXPECT_EQ(status(whisper + field("model", "other") + kEnd), 400U) << "named twice";
  EXPECT_EQ(status(whisper + field("Model", "other") + kEnd), 400U);
  EXPECT_EQ(
      status(whisper + "--AaB03x\nContent-Disposition: form-data; name=\"model\"\n\nx\n" + kEnd),
      403U)
      << "readers differ on its parts";
}

// The backend must never get a whole request whose end names another model.
TEST_F(Forms, WhatNamesAnotherModelBehindTheHeldPartIsCutOff) {
  start(", deployments: [ whisper ]");
  const std::string begin = field("model", "whisper") + file(100'000);
  for (const std::string& rest :
       {field("model", "other") + kEnd, std::string("--AaB03x\n") + kEnd, field("a", "b")}) {
    Connection client(gateway->port());
    client.write(transcription(begin + rest));
    Connection peer = ptu.accept();
    EXPECT_LT(peer.read_to_end().size(), (begin + rest).size());
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400U) << answer.body;
  }
}

}  // namespace
}  // namespace spillway::integration
