#include "simulator/simulator.hpp"

#include "simulator/script.hpp"
#include "support/certificates.hpp"
#include "unit/simulator/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace spillway::simulator {
namespace {

using testing::HasSubstr;

constexpr const char* kChatPath =
    "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
constexpr const char* kChatBody = R"({"messages":[{"role":"user","content":"hi"}]})";
constexpr const char* kStreamBody =
    R"({"stream":true,"messages":[{"role":"user","content":"hi"}]})";

class SimulatorTest : public testing::Test {
 protected:
  Simulator& start(Config config) {
    simulator_ = Simulator::start(config);
    return *simulator_;
  }
  Simulator& start_one() {
    Config config;
    config.endpoints = {endpoint("east")};
    return start(config);
  }
  Client client(const std::string& name = "east") { return Client(simulator_->port(name)); }

  std::unique_ptr<Simulator> simulator_;
};

TEST_F(SimulatorTest, AnswersChatTheSameWayEachTime) {
  start_one();
  auto caller = client();
  const auto first = caller.send(http::verb::post, kChatPath, kChatBody);
  EXPECT_EQ(first.result_int(), 200U);
  EXPECT_FALSE(first["apim-request-id"].empty());
  const auto again =
      caller.send(http::verb::post, "/openai/v1/chat/completions",
                  R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(again.body(), first.body());
  EXPECT_EQ(simulator_->requests("east").size(), 2U);
  EXPECT_EQ(simulator_->requests()[0].connection, simulator_->requests()[1].connection);
}

TEST_F(SimulatorTest, StreamsAndKeepsTheConnection) {
  start_one();
  auto caller = client();
  const auto stream = caller.send(http::verb::post, kChatPath, kStreamBody);
  EXPECT_EQ(stream["Content-Type"], "text/event-stream; charset=utf-8");
  EXPECT_THAT(stream.body(), testing::EndsWith("data: [DONE]\n\n"));
  EXPECT_EQ(caller.send(http::verb::get, "/openai/v1/models").result_int(), 200U);
}

TEST_F(SimulatorTest, KnowsNeitherOtherDeploymentsNorOtherPaths) {
  start_one();
  auto caller = client();
  const auto missing =
      caller.send(http::verb::post,
                  "/openai/deployments/nope/chat/completions?api-version=2024-10-21", kChatBody);
  EXPECT_EQ(missing.result_int(), 404U);
  EXPECT_THAT(missing.body(), HasSubstr("DeploymentNotFound"));
  const auto undated =
      caller.send(http::verb::post, "/openai/deployments/gpt-4o/chat/completions", kChatBody);
  EXPECT_EQ(undated.result_int(), 404U);
  EXPECT_THAT(undated.body(), HasSubstr("Resource not found"));
}

TEST_F(SimulatorTest, ResponsesAreKnownOnlyWhereTheyWereMade) {
  Config config;
  config.endpoints = {endpoint("east"), endpoint("west")};
  start(config);
  auto east = client("east");
  auto west = client("west");
  const auto made =
      east.send(http::verb::post, "/openai/v1/responses", R"({"model":"gpt-4o","input":"hi"})");
  const auto id = nlohmann::json::parse(made.body())["id"].get<std::string>();
  EXPECT_EQ(east.send(http::verb::get, "/openai/v1/responses/" + id).body(), made.body());
  EXPECT_EQ(west.send(http::verb::get, "/openai/v1/responses/" + id).result_int(), 404U);
  EXPECT_EQ(east.send(http::verb::delete_, "/openai/v1/responses/" + id).result_int(), 200U);
  EXPECT_EQ(east.send(http::verb::get, "/openai/v1/responses/" + id).result_int(), 404U);
}

TEST_F(SimulatorTest, AKnownIdCanBeAnsweredAsUnknownForAWhile) {
  start_one();
  auto caller = client();
  const auto made =
      caller.send(http::verb::post, "/openai/v1/responses", R"({"model":"gpt-4o","input":"hi"})");
  const auto id = nlohmann::json::parse(made.body())["id"].get<std::string>();
  const auto next = R"({"model":"gpt-4o","input":"on","previous_response_id":")" + id + "\"}";
  simulator_->set_fault("east", "unknown_id times=2");
  EXPECT_EQ(caller.send(http::verb::get, "/openai/v1/responses/none").result_int(), 404U);
  EXPECT_EQ(caller.send(http::verb::get, "/openai/v1/responses/" + id).result_int(), 404U);
  const auto refused = caller.send(http::verb::post, "/openai/v1/responses", next);
  EXPECT_THAT(refused.body(), HasSubstr("previous_response_not_found"));
  EXPECT_EQ(simulator_->requests("east").back().fault, "unknown_id");
  EXPECT_EQ(caller.send(http::verb::post, "/openai/v1/responses", next).result_int(), 200U);
}

TEST_F(SimulatorTest, UsageInAStreamIsKnownFromAugust2024On) {
  start_one();
  auto caller = client();
  const std::string body =
      R"({"stream":true,"stream_options":{"include_usage":true},"messages":[{"content":"hi"}]})";
  const auto status = [&](const std::string& version) {
    const auto path = "/openai/deployments/gpt-4o/chat/completions?api-version=" + version;
    return caller.send(http::verb::post, path, body).result_int();
  };
  EXPECT_EQ(status("2024-06-01"), 400U);
  EXPECT_EQ(status("2024-08-01-preview"), 200U);
  EXPECT_EQ(status("2024-10-21"), 200U);
}

TEST_F(SimulatorTest, FindsTheModelOfAFormWhereverItStands) {
  Config config;
  config.endpoints = {endpoint("east")};
  Deployment audio;
  audio.name = "whisper";
  audio.kind = DeploymentKind::audio;
  config.endpoints[0].deployments.push_back(audio);
  start(config);
  auto caller = client();
  const std::string file =
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" +
      std::string(100'000, 'x') + "\r\n";
  const std::string model =
      "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n";
  const Header type{"Content-Type", "multipart/form-data; boundary=B"};
  const auto path = "/openai/v1/audio/transcriptions";
  const auto last = caller.send(http::verb::post, path, file + model + "--B--\r\n", {type});
  const auto first = caller.send(http::verb::post, path, model + file + "--B--\r\n", {type});
  EXPECT_EQ(last.result_int(), 200U);
  EXPECT_EQ(first.body(), last.body());
  EXPECT_EQ(caller.send(http::verb::post, path, file + "--B--\r\n", {type}).result_int(), 404U);
}

TEST_F(SimulatorTest, ThrottlesAProvisionedDeployment) {
  Config config;
  config.endpoints = {endpoint("east")};
  config.endpoints[0].deployments[0].mode = Ptu{100, 0.001};
  start(config);
  auto caller = client();
  EXPECT_EQ(caller.send(http::verb::post, kChatPath, kChatBody).result_int(), 200U);
  const auto refused = caller.send(http::verb::post, kChatPath, kChatBody);
  EXPECT_EQ(refused.result_int(), 429U);
  EXPECT_FALSE(refused["retry-after-ms"].empty());
  EXPECT_EQ(refused["azure-openai-deployment-utilization"], "100.0%");
  EXPECT_THAT(refused.body(), HasSubstr("Provisioned-Managed"));
  EXPECT_EQ(simulator_->count(Event::throttled, "east"), 1U);
  simulator_->reset();
  EXPECT_EQ(caller.send(http::verb::post, kChatPath, kChatBody).result_int(), 200U);
}

TEST_F(SimulatorTest, ChecksKeysAndTheTokensItIssued) {
  Config config;
  config.endpoints = {endpoint("east")};
  config.endpoints[0].auth = {{"right"}, true, {"https://cognitiveservices.azure.com"}};
  config.identity = Identity{};
  start(config);
  auto caller = client();
  const auto status = [&caller](const Header& header) {
    return caller.send(http::verb::post, kChatPath, kChatBody, {header}).result_int();
  };
  EXPECT_EQ(status({"x-none", ""}), 401U);
  EXPECT_EQ(status({"api-key", "wrong"}), 401U);
  EXPECT_EQ(status({"api-key", "right"}), 200U);
  EXPECT_EQ(status({"Authorization", "Bearer eyJ.e30.x"}), 401U);
  const auto token = simulator_->issue_token();
  EXPECT_EQ(status({"Authorization", "Bearer " + token}), 200U);
  EXPECT_EQ(simulator_->requests("east").back().header("authorization"), "Bearer " + token);
  simulator_->revoke_tokens();
  EXPECT_EQ(status({"Authorization", "Bearer " + token}), 401U);
}

TEST_F(SimulatorTest, TheMetadataServiceIssuesWhatEndpointsAccept) {
  Config config;
  config.endpoints = {endpoint("east")};
  config.endpoints[0].auth.accept_tokens = true;
  config.identity = Identity{};
  start(config);
  auto identity = client("identity");
  const std::string path =
      "/metadata/identity/oauth2/token?api-version=2018-02-01"
      "&resource=https%3A%2F%2Fcognitiveservices.azure.com";
  EXPECT_EQ(identity.send(http::verb::get, path).result_int(), 400U);
  const auto reply = identity.send(http::verb::get, path, "", {{"Metadata", "true"}});
  const auto body = nlohmann::json::parse(reply.body());
  EXPECT_EQ(body["expires_in"], "3599");
  const auto token = body["access_token"].get<std::string>();
  auto caller = client();
  const auto chat =
      caller.send(http::verb::post, kChatPath, kChatBody, {{"Authorization", "Bearer " + token}});
  EXPECT_EQ(chat.result_int(), 200U);
}

TEST_F(SimulatorTest, EntraChecksTheSecretAndDescribesItself) {
  Config config;
  config.identity = Identity{};
  config.identity->apps = {{"cid", "s3cr~t+/="}};
  start(config);
  auto identity = client("identity");
  const auto ask = [&identity](const std::string& secret) {
    return identity.send(http::verb::post, "/some-tenant/oauth2/v2.0/token",
                         "client_id=cid&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
                         "&client_secret=" +
                             secret + "&grant_type=client_credentials");
  };
  const auto refused = ask("wrong");
  EXPECT_EQ(refused.result_int(), 401U);
  EXPECT_THAT(refused.body(), HasSubstr("AADSTS7000215"));
  EXPECT_EQ(nlohmann::json::parse(ask("s3cr~t%2B%2F%3D").body())["expires_in"], 3'599);
  const auto document = nlohmann::json::parse(
      identity.send(http::verb::get, "/t/v2.0/.well-known/openid-configuration").body());
  EXPECT_EQ(document["jwks_uri"], simulator_->url("identity") + "/t/discovery/v2.0/keys");
}

TEST_F(SimulatorTest, TheIdentityServiceFailsToOrder) {
  Config config;
  config.identity = Identity{};
  start(config);
  auto identity = client("identity");
  simulator_->set_fault("identity", "aad_bad_secret times=1");
  const auto refused = identity.send(http::verb::post, "/t/oauth2/v2.0/token", "");
  EXPECT_EQ(refused.result_int(), 401U);
  EXPECT_THAT(refused.body(), HasSubstr("AADSTS7000215"));
  simulator_->set_fault("identity", "503 path_contains=/keys retry-after=1");
  EXPECT_EQ(identity.send(http::verb::get, "/t/discovery/v2.0/keys").result_int(), 503U);
  const std::string document = "/t/v2.0/.well-known/openid-configuration";
  EXPECT_EQ(identity.send(http::verb::get, document).result_int(), 200U);
}

TEST_F(SimulatorTest, TestsInTheProcessMintTokensAndRollKeys) {
  Config config;
  config.identity = Identity{};
  start(config);
  MintRequest wanted;
  wanted.sign_with = SignWith::next_unpublished;
  const auto token = simulator_->mint_token(wanted);
  std::string next;
  simulator_->with_issuer([&next](Issuer& issuer) {
    next = issuer.keys().publish_next();
    issuer.set_clock_skew(std::chrono::hours(24));
  });
  auto identity = client("identity");
  const auto keys = identity.send(http::verb::get, "/t/discovery/v2.0/keys");
  EXPECT_THAT(keys.body(), HasSubstr(next));
  EXPECT_EQ(std::count(token.begin(), token.end(), '.'), 2);
  const auto today = http_date(std::chrono::system_clock::now()).substr(0, 16);
  EXPECT_NE(std::string(keys["Date"]).substr(0, 16), today);
  wanted.key_id = "nobody";
  EXPECT_THROW(simulator_->mint_token(wanted), std::invalid_argument);
}

TEST_F(SimulatorTest, AFaultActsAsOftenAsItWasTold) {
  start_one();
  simulator_->set_fault("east", "429 retry-after-ms=1500 times=1");
  auto caller = client();
  const auto throttled = caller.send(http::verb::post, kChatPath, kChatBody);
  EXPECT_EQ(throttled.result_int(), 429U);
  EXPECT_EQ(throttled["retry-after-ms"], "1500");
  EXPECT_EQ(caller.send(http::verb::post, kChatPath, kChatBody).result_int(), 200U);
}

TEST_F(SimulatorTest, AFaultCanBeOrderedByHeader) {
  start_one();
  auto caller = client();
  const auto reply = caller.send(http::verb::post, kChatPath, kChatBody, {{"x-sim-fault", "503"}});
  EXPECT_EQ(reply.result_int(), 503U);
  EXPECT_EQ(
      caller.send(http::verb::post, kChatPath, kChatBody, {{"x-sim-fault", "oops"}}).result_int(),
      400U);
}

TEST_F(SimulatorTest, ResetsInTheMiddleOfAChunk) {
  start_one();
  simulator_->set_fault("east", "reset_mid_stream after_events=2");
  auto caller = client();
  caller.start(http::verb::post, kChatPath, kStreamBody);
  const auto text = caller.read_to_end();
  EXPECT_EQ(caller.failure(), asio::error::connection_reset);
  EXPECT_THAT(text, HasSubstr("\"role\":\"assistant\""));
  EXPECT_TRUE(simulator_->wait_for(Event::faulted, "east", 1));
}

TEST_F(SimulatorTest, NoticesAClientThatGoesAwayMidStream) {
  start_one();
  simulator_->set_fault("east", "stall_mid_stream");
  auto caller = client();
  caller.start(http::verb::post, kChatPath, kStreamBody);
  ASSERT_TRUE(simulator_->wait_for(Event::received, "east", 1));
  caller.close();
  EXPECT_TRUE(simulator_->wait_for(Event::aborted, "east", 1));
  EXPECT_EQ(simulator_->requests("east").back().outcome, Event::aborted);
}

TEST_F(SimulatorTest, ADownEndpointRefusesAndComesBackOnItsPort) {
  start_one();
  auto caller = client();
  EXPECT_EQ(caller.send(http::verb::get, "/openai/v1/models").result_int(), 200U);
  simulator_->set_fault("east", "down");
  EXPECT_TRUE(simulator_->wait_for(Event::disconnected, "east", 1));
  EXPECT_THROW(client(), boost::system::system_error);
  simulator_->clear_faults("east");
  auto again = client();
  EXPECT_EQ(again.send(http::verb::get, "/openai/v1/models").result_int(), 200U);
}

TEST_F(SimulatorTest, IsControlledOverHttp) {
  Config config;
  config.endpoints = {endpoint("east")};
  config.control = Control{};
  start(config);
  auto control = client("control");
  auto caller = client();
  const std::string fault = "/control/endpoints/east/fault";
  EXPECT_EQ(control.send(http::verb::post, fault, R"({"kind":"status","status":500})").result_int(),
            200U);
  EXPECT_EQ(caller.send(http::verb::post, kChatPath, kChatBody).result_int(), 500U);
  EXPECT_EQ(control.send(http::verb::delete_, fault).result_int(), 200U);
  EXPECT_EQ(caller.send(http::verb::post, kChatPath, kChatBody).result_int(), 200U);
  const auto waited =
      control.send(http::verb::get, "/control/wait?endpoint=east&event=completed&count=2");
  EXPECT_EQ(waited.result_int(), 200U);
  const auto state = nlohmann::json::parse(control.send(http::verb::get, "/control/state").body());
  EXPECT_EQ(state["endpoints"][0]["counts"]["completed"], 2);
  const auto seen = nlohmann::json::parse(
      control.send(http::verb::get, "/control/requests?endpoint=east").body());
  EXPECT_EQ(seen["requests"][0]["fault"], "status");
  EXPECT_EQ(control.send(http::verb::post, "/control/endpoints/west/fault", "500").result_int(),
            404U);
  EXPECT_EQ(control.send(http::verb::post, fault, "explode").result_int(), 400U);
}

TEST_F(SimulatorTest, ServesTls) {
  const test::Certificates certificates;
  Config config;
  config.endpoints = {endpoint("east")};
  config.endpoints[0].tls =
      TlsFiles{certificates.certificate_file(), certificates.private_key_file()};
  start(config);
  asio::io_context loop;
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.load_verify_file(certificates.ca_file());
  context.set_verify_mode(asio::ssl::verify_peer);
  asio::ssl::stream<tcp::socket> stream(loop, context);
  stream.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
  stream.next_layer().connect({asio::ip::address_v4::loopback(), simulator_->port("east")});
  stream.handshake(asio::ssl::stream_base::client);
  http::write(stream, request_for(http::verb::post, kChatPath, kStreamBody));
  boost::beast::flat_buffer buffer;
  Response response;
  http::read(stream, buffer, response);
  EXPECT_EQ(response.result_int(), 200U);

  simulator_->set_fault("east", "stall_before_headers");
  http::write(stream, request_for(http::verb::post, kChatPath, kChatBody));
  ASSERT_TRUE(simulator_->wait_for(Event::received, "east", 2));
  stream.next_layer().close();
  EXPECT_TRUE(simulator_->wait_for(Event::aborted, "east", 1));
}

}  // namespace
}  // namespace spillway::simulator
