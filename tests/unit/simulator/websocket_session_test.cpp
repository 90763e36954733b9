#include "simulator/websocket_session.hpp"

#include "simulator/simulator.hpp"
#include "unit/simulator/client.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

namespace websocket = boost::beast::websocket;
using nlohmann::json;

constexpr const char* kRealtime = "/openai/v1/realtime?model=rt";
constexpr const char* kSpeak =
    R"({"type":"response.create","response":{"output_modalities":["text"]}})";

class Caller {
 public:
  explicit Caller(std::uint16_t port) {
    ws_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    ws_.control_callback([this](websocket::frame_type type, boost::beast::string_view) {
      has_pong_ = has_pong_ || type == websocket::frame_type::pong;
    });
  }

  /// The status of the handshake.
  unsigned open(const std::string& target, const std::vector<Header>& headers = {}) {
    ws_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      for (const auto& [name, value] : headers)
        request.insert(name, value);
    }));
    ws_.handshake(answer_, "sim.test", target, failure_);
    return answer_.result_int();
  }

  void say(const std::string& text) { ws_.write(asio::buffer(text)); }

  /// Empty once the connection has ended; failure() says how.
  std::string hear() {
    boost::beast::flat_buffer buffer;
    ws_.read(buffer, failure_);
    return failure_ ? "" : boost::beast::buffers_to_string(buffer.data());
  }

  std::string hear_until(const std::string& type) {
    for (;;) {
      auto text = hear();
      if (failure_ || json::parse(text)["type"] == type) return text;
    }
  }

  websocket::stream<tcp::socket>& stream() { return ws_; }
  [[nodiscard]] error_code failure() const { return failure_; }
  [[nodiscard]] bool has_pong() const { return has_pong_; }
  [[nodiscard]] std::string field(const std::string& name) const {
    return std::string(answer_[name]);
  }

 private:
  asio::io_context loop_;
  websocket::stream<tcp::socket> ws_{loop_};
  websocket::response_type answer_;
  error_code failure_;
  bool has_pong_ = false;
};

class WebsocketSession : public testing::Test {
 protected:
  WebsocketSession() {
    Config config;
    config.endpoints = {endpoint("east")};
    Deployment realtime;
    realtime.name = "rt";
    realtime.kind = DeploymentKind::realtime;
    realtime.answer_tokens = 3;
    config.endpoints[0].deployments.push_back(realtime);
    config.endpoints[0].auth.api_keys = {"right"};
    simulator_ = Simulator::start(config);
  }

  Caller caller() { return Caller(simulator_->port("east")); }
  [[nodiscard]] RecordedRequest last() const { return simulator_->requests("east").back(); }
  [[nodiscard]] std::string ending() const {
    EXPECT_TRUE(simulator_->wait_for(Event::ws_closed, "east", 1));
    return last().socket->ended;
  }

  const std::vector<Header> key_{{"api-key", "right"}};
  std::unique_ptr<Simulator> simulator_;
};

TEST_F(WebsocketSession, TalksAndRecordsHowItEnded) {
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  EXPECT_FALSE(client.field("apim-request-id").empty());
  EXPECT_THAT(client.hear(), testing::HasSubstr("session.created"));
  client.say(kSpeak);
  EXPECT_THAT(client.hear_until("response.done"), testing::HasSubstr("total_tokens"));
  client.stream().close(websocket::close_reason(websocket::close_code::normal, "bye"));
  EXPECT_EQ(ending(), "closed 1000 bye");
  EXPECT_TRUE(simulator_->wait_for(Event::completed, "east", 1));
  EXPECT_EQ(last().status, 101U);
  EXPECT_EQ(last().socket->received, 1U);
  EXPECT_EQ(last().socket->sent, 12U);
  EXPECT_EQ(last().body, std::string(kSpeak) + "\n");
  EXPECT_EQ(last().header("api-key"), "right");
}

TEST_F(WebsocketSession, RefusesBeforeTheUpgrade) {
  EXPECT_EQ(caller().open(kRealtime), 401U);
  EXPECT_EQ(caller().open(kRealtime, {{"api-key", "wrong"}}), 401U);
  EXPECT_EQ(caller().open("/openai/v1/realtime?model=none", key_), 404U);
  EXPECT_EQ(caller().open("/openai/v1/realtime?model=gpt-4o", key_), 400U);
  EXPECT_EQ(caller().open("/openai/realtime?deployment=rt", key_), 404U);
  simulator_->set_fault("east", "429 retry-after-ms=7 times=1");
  auto throttled = caller();
  EXPECT_EQ(throttled.open(kRealtime, key_), 429U);
  EXPECT_EQ(throttled.field("retry-after-ms"), "7");
  EXPECT_EQ(simulator_->count(Event::ws_opened, "east"), 0U);
}

TEST_F(WebsocketSession, AcceptsCredentialsInTheQueryAndAsBearer) {
  EXPECT_EQ(caller().open("/openai/realtime?api-version=2025-04-01-preview&deployment=rt"
                          "&api-key=right"),
            101U);
  EXPECT_EQ(caller().open(kRealtime, {{"Authorization", "Bearer right"}}), 101U);
}

TEST_F(WebsocketSession, EchoesOnlyTheRealtimeSubProtocol) {
  auto both = caller();
  const Header offered{"Sec-WebSocket-Protocol", "openai-insecure-api-key.right, realtime"};
  ASSERT_EQ(both.open(kRealtime, {key_[0], offered}), 101U);
  EXPECT_EQ(both.field("Sec-WebSocket-Protocol"), "realtime");
  auto none = caller();
  ASSERT_EQ(none.open(kRealtime, key_), 101U);
  EXPECT_EQ(none.field("Sec-WebSocket-Protocol"), "");
}

TEST_F(WebsocketSession, ContinuesAResponseOverTheSameConnectionAndOverHttp) {
  auto client = caller();
  ASSERT_EQ(client.open("/openai/v1/responses", key_), 101U);
  client.say(R"({"type":"response.create","model":"gpt-4o","store":false,"input":"one"})");
  const auto first = json::parse(client.hear_until("response.completed"))["response"]["id"];
  const auto next = [](const json& id) {
    return json{{"type", "response.create"},
                {"model", "gpt-4o"},
                {"input", "two"},
                {"previous_response_id", id}}
        .dump();
  };
  client.say(next(first));
  const auto second = json::parse(client.hear_until("response.completed"))["response"];
  EXPECT_EQ(second["previous_response_id"], first);
  client.say(next(first));
  EXPECT_THAT(client.hear(), testing::HasSubstr("previous_response_not_found"));
  Client http(simulator_->port("east"));
  const auto path = "/openai/v1/responses/" + second["id"].get<std::string>();
  EXPECT_EQ(http.send(http::verb::get, path, "", key_).result_int(), 200U);
  EXPECT_EQ(http.send(http::verb::get, "/openai/v1/responses/" + first.get<std::string>(), "", key_)
                .result_int(),
            404U);
}

TEST_F(WebsocketSession, AnswersPingsAndSendsThem) {
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  client.stream().ping({});
  client.say(R"({"type":"sim.ping"})");
  client.say(R"({"type":"sim.echo","x":1})");
  EXPECT_EQ(client.hear(), R"({"type":"sim.echo","x":1})");
  EXPECT_TRUE(client.has_pong());
  client.say(R"({"type":"sim.close","code":4001,"reason":"enough"})");
  EXPECT_EQ(client.hear(), "");
  EXPECT_EQ(client.stream().reason().code, 4001);
  EXPECT_EQ(ending(), "closed 4001 enough");
  EXPECT_EQ(last().socket->pings, 1U);
  EXPECT_EQ(last().socket->pongs, 1U);
}

TEST_F(WebsocketSession, EchoesBinaryMessages) {
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  client.stream().binary(true);
  const std::string bytes(100'000, '\xff');
  client.say(bytes);
  EXPECT_EQ(client.hear(), bytes);
}

TEST_F(WebsocketSession, ResetsInMidSession) {
  simulator_->set_fault("east", "ws_reset after_events=2");
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  client.say(kSpeak);
  EXPECT_THAT(client.hear(), testing::HasSubstr("response.created"));
  EXPECT_EQ(client.hear(), "");
  EXPECT_EQ(client.failure(), asio::error::connection_reset);
  EXPECT_EQ(ending(), "broken off");
  EXPECT_TRUE(simulator_->wait_for(Event::faulted, "east", 1));
}

TEST_F(WebsocketSession, ClosesWithTheCodeItWasTold) {
  simulator_->set_fault("east", R"({"kind":"ws_close","code":1011,"reason":"no more"})");
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  EXPECT_EQ(client.hear(), "");
  EXPECT_EQ(client.stream().reason().code, 1011);
  EXPECT_EQ(client.stream().reason().reason, "no more");
  EXPECT_EQ(ending(), "closed 1011 no more");
}

TEST_F(WebsocketSession, StallsUntilTheClientGoesAway) {
  simulator_->set_fault("east", "stall_mid_stream");
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  client.say(kSpeak);
  ASSERT_TRUE(simulator_->wait_for(Event::ws_message, "east", 1));
  client.stream().next_layer().close();
  EXPECT_EQ(ending(), "aborted");
  EXPECT_EQ(last().socket->sent, 1U);
}

TEST_F(WebsocketSession, EndsWithoutACloseFrameInTheMiddleOfAMessage) {
  simulator_->set_fault("east", "truncate");
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  EXPECT_EQ(client.hear(), "");
  EXPECT_NE(client.failure(), websocket::error::closed);
  EXPECT_EQ(ending(), "broken off");
}

TEST_F(WebsocketSession, AnErrorEventTakesThePlaceOfWhatWouldFollow) {
  simulator_->set_fault("east", "error_event after_events=3");
  auto client = caller();
  ASSERT_EQ(client.open(kRealtime, key_), 101U);
  client.hear();
  client.say(kSpeak);
  EXPECT_THAT(client.hear_until("error"), testing::HasSubstr("server_error"));
  client.say(R"({"type":"sim.echo"})");
  EXPECT_THAT(client.hear(), testing::HasSubstr("sim.echo"));
}

TEST_F(WebsocketSession, AHandshakeCanBeBrokenOff) {
  simulator_->set_fault("east", "reset_before_headers times=1");
  auto client = caller();
  client.open(kRealtime, key_);
  EXPECT_EQ(client.failure(), asio::error::connection_reset);
  EXPECT_TRUE(simulator_->wait_for(Event::faulted, "east", 1));
  EXPECT_EQ(caller().open(kRealtime, key_), 101U);
}

TEST_F(WebsocketSession, APlainRequestIsToldToUpgrade) {
  Client http(simulator_->port("east"));
  EXPECT_EQ(http.send(http::verb::get, kRealtime, "", key_).result_int(), 426U);
}

}  // namespace
}  // namespace spillway::simulator
