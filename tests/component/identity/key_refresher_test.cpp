// The key refresher against an authority of the test's own on a loopback socket: what it asks for,
// what it publishes, and what it does while there is nothing to be had.
#include <spillway/identity/entra_discovery.hpp>
#include <spillway/identity/key_refresher.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <support/entra_world.hpp>
#include <vector>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using namespace test;
using net::asio::ip::tcp;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using State = EntraKeysStatus::State;

// Answers by path; 404 for any other. Its coroutines live in the event loop and end with it.
class Authority {
 public:
  explicit Authority(net::asio::io_context& context)
      : acceptor_(context, tcp::endpoint(net::asio::ip::make_address("127.0.0.1"), 0)) {
    net::asio::co_spawn(context.get_executor(), serve(), [](const std::exception_ptr&) {});
  }

  [[nodiscard]] std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  void say(const std::string& path, const std::string& body, unsigned status = 200) {
    std::string& answer = answers_[path];
    answer = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
    answer += "Location: " + origin() + "/elsewhere\r\n";
    answer += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  void forget(const std::string& path) { answers_.erase(path); }
  /// Paths as they were asked for.
  std::vector<std::string> requests;

 private:
  using Socket = net::asio::basic_stream_socket<tcp, net::Executor>;

  net::Task<void> serve() {
    for (;;) {
      Socket socket(acceptor_.get_executor());
      co_await acceptor_.async_accept(socket, net::use_task);
      co_await answer(std::move(socket));
    }
  }
  net::Task<void> answer(Socket socket) {
    std::string request;
    std::array<char, 4096> piece{};
    boost::system::error_code error;
    while (!error && request.find("\r\n\r\n") == std::string::npos) {
      const std::size_t size = co_await socket.async_read_some(
          net::asio::buffer(piece), net::asio::redirect_error(net::use_task, error));
      request.append(piece.data(), size);
    }
    const auto begin = request.find(' ') + 1;
    requests.push_back(request.substr(begin, request.find(' ', begin) - begin));
    const auto found = answers_.find(requests.back());
    std::string text = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    if (found != answers_.end()) text = found->second;
    co_await net::asio::async_write(socket, net::asio::buffer(text),
                                    net::asio::redirect_error(net::use_task, error));
  }

  net::asio::basic_socket_acceptor<tcp, net::Executor> acceptor_;
  std::map<std::string, std::string> answers_;
};

const std::string kV1Document = "/" + kTenant + "/.well-known/openid-configuration";
const std::string kV2Document = "/" + kTenant + "/v2.0/.well-known/openid-configuration";
const std::string kV1Keys = "/" + kTenant + "/discovery/keys";
const std::string kV2Keys = "/" + kTenant + "/discovery/v2.0/keys";

std::string key_set(const std::vector<json>& keys) {
  return json({{"keys", keys}}).dump();
}

class KeyRefresherTest : public testing::Test {
 protected:
  KeyRefresherTest() {
    entra.tenants = {kTenant};
    entra.audiences = {kAudience};
    entra.authority_host = authority->origin();
    keys = std::make_shared<EntraKeys>(entra);
    serve_everything();
  }
  // The loop first: what waits in it holds on to the rest.
  ~KeyRefresherTest() override {
    authority.reset();
    context.reset();
  }

  void serve_everything() {
    authority->say(
        kV1Document,
        json({{"issuer", v1_issuer()}, {"jwks_uri", authority->origin() + kV1Keys}}).dump());
    authority->say(
        kV2Document,
        json({{"issuer", v2_issuer()}, {"jwks_uri", authority->origin() + kV2Keys}}).dump());
    authority->say(kV1Keys, key_set({TokenSigner::rsa().jwk("K1")}));
    authority->say(kV2Keys, key_set({TokenSigner::rsa().jwk("K1"), TokenSigner::ec().jwk("E1")}));
  }
  void start() {
    const FetchSurroundings surroundings{transport, resolver, {}};
    refresher = std::make_unique<KeyRefresher>(
        surroundings, keys, 0,
        [this](telemetry::LogLevel, std::string_view name, KeyRefresher::Fields fields) {
          events.emplace_back(name);
          for (const auto& [key, value] : fields)
            words += std::string(key) + "=" + value + " ";
        });
    net::asio::co_spawn(context->get_executor(), refresher->run(),
                        [](const std::exception_ptr&) {});
  }
  [[nodiscard]] EntraKeysStatus status() const { return keys->status().at(0); }
  // One event after another until `is_done`; CTest's own time limit is the only clock.
  void run_until(const std::function<bool()>& is_done) {
    while (!is_done()) {
      context->run_one_for(20ms);
      wheel.advance(base::SteadyClock::now());
    }
  }
  void run_until_state(State state) {
    run_until([&] { return status().state == state; });
  }
  [[nodiscard]] std::size_t count(const std::string& path) const {
    return static_cast<std::size_t>(
        std::count(authority->requests.begin(), authority->requests.end(), path));
  }
  [[nodiscard]] const JsonWebKey* find_key(const std::string& issuer, const std::string& key_id) {
    issuers = keys->issuers();
    const auto found = issuers->find(issuer);
    return found ? found->issuer->keys.find(key_id) : nullptr;
  }

  std::unique_ptr<net::asio::io_context> context = std::make_unique<net::asio::io_context>(1);
  std::unique_ptr<Authority> authority = std::make_unique<Authority>(*context);
  net::Resolver resolver;
  upstream::ConnectionPool pool;
  net::DeadlineWheel wheel{base::SteadyClock::now()};
  upstream::Transport transport{context->get_executor(), wheel, resolver, pool};
  config::Entra entra;
  std::shared_ptr<EntraKeys> keys;
  std::shared_ptr<const TokenIssuers> issuers;
  std::vector<std::string> events;
  std::string words;
  std::unique_ptr<KeyRefresher> refresher;
};

TEST_F(KeyRefresherTest, FetchesBothVersionsAtOnce) {
  start();
  EXPECT_EQ(status().state, State::refreshing);
  run_until_state(State::ok);
  EXPECT_THAT(authority->requests, ElementsAre(kV1Document, kV1Keys, kV2Document, kV2Keys));
  EXPECT_NE(find_key(v1_issuer(), "K1"), nullptr);
  EXPECT_NE(find_key(v2_issuer(), "E1"), nullptr);
  EXPECT_EQ(find_key(v1_issuer(), "E1"), nullptr);
  EXPECT_FALSE(keys->issuers()->is_waiting_for(kTenant));
  EXPECT_EQ(status().keys, 2U);
  EXPECT_TRUE(status().fetched_at);
  EXPECT_EQ(status().last_error, "");
  EXPECT_THAT(events, ElementsAre("keys_changed", "keys_changed"));
}

TEST_F(KeyRefresherTest, AnUnknownKeyIsFetchedOnceAndAgainNotForFiveMinutes) {
  start();
  run_until_state(State::ok);
  authority->say(kV2Keys, key_set({TokenSigner::second_rsa().jwk("NEW")}));
  keys->report_unknown_key(0);
  run_until([&] { return find_key(v2_issuer(), "NEW") != nullptr; });
  EXPECT_EQ(find_key(v2_issuer(), "K1"), nullptr);
  run_until_state(State::ok);
  EXPECT_EQ(count(kV2Keys), 2U);
  keys->report_unknown_key(0);
  run_until([&] {  // the refresher has seen it
    const bool was_seen = !keys->take_unknown_key(0);
    if (!was_seen) keys->report_unknown_key(0);
    return was_seen;
  });
  EXPECT_EQ(status().state, State::ok);
  EXPECT_EQ(count(kV2Keys), 2U);
}

TEST_F(KeyRefresherTest, NothingToBeHadAtTheStartIsNoVerdict) {
  for (const std::string& path : {kV1Document, kV2Document, kV1Keys, kV2Keys})
    authority->forget(path);
  start();
  run_until_state(State::failing);
  EXPECT_TRUE(keys->issuers()->is_waiting_for(kTenant));
  EXPECT_THAT(status().last_error, HasSubstr("v1: upstream_malformed: status 404"));
  EXPECT_THAT(status().last_error, HasSubstr("v2: "));
  EXPECT_THAT(events, Contains("keys_fetch_failed"));
  serve_everything();
  run_until_state(State::ok);
  EXPECT_NE(find_key(v2_issuer(), "K1"), nullptr);
  EXPECT_THAT(events, Contains("keys_refreshed"));
}

TEST_F(KeyRefresherTest, OldKeysServeWhileAFetchFails) {
  start();
  run_until_state(State::ok);
  const auto generation = keys->generation();
  authority->say(kV2Keys, "out of order", 500);
  keys->report_unknown_key(0);
  run_until_state(State::failing);
  EXPECT_NE(find_key(v2_issuer(), "K1"), nullptr);
  EXPECT_EQ(keys->generation(), generation) << "no cached token ends";
  EXPECT_EQ(status().keys, 2U);
  EXPECT_THAT(status().last_error, HasSubstr("v2: upstream_malformed: status 500"));
}

TEST_F(KeyRefresherTest, KeysOfYesterdayAreWithdrawnIfTheyCannotBeConfirmed) {
  for (const std::string& path : {kV1Document, kV2Document})
    authority->forget(path);
  const auto now = base::SteadyClock::now();
  auto old =
      std::make_shared<TokenIssuer>(*v2_issuer_of(json::array({TokenSigner::rsa().jwk("K1")})));
  old->fetched_at = now - kKeysGoodFor;
  keys->publish(0, TokenVersion::v2, old);
  auto newer = std::make_shared<TokenIssuer>(*old);
  newer->issuer = v1_issuer();
  newer->fetched_at = now - kKeysGoodFor + 1h;
  keys->publish(0, TokenVersion::v1, newer);
  start();
  run_until_state(State::failing);
  EXPECT_FALSE(keys->issuers()->find(v2_issuer()));
  EXPECT_TRUE(keys->issuers()->find(v1_issuer()));
  EXPECT_THAT(events, Contains("keys_withdrawn").Times(1));
  EXPECT_TRUE(keys->issuers()->is_waiting_for(kTenant));
}

TEST_F(KeyRefresherTest, AnEmptyKeySetIsAFailedFetch) {
  start();
  run_until_state(State::ok);
  authority->say(kV2Keys, key_set({}));
  keys->report_unknown_key(0);
  run_until_state(State::failing);
  EXPECT_NE(find_key(v2_issuer(), "K1"), nullptr);
  EXPECT_THAT(status().last_error, HasSubstr("no key that can be used"));
}

TEST_F(KeyRefresherTest, OneVersionServesWithoutTheOther) {
  authority->forget(kV1Document);
  start();
  run_until_state(State::failing);
  EXPECT_NE(find_key(v2_issuer(), "K1"), nullptr);
  EXPECT_EQ(find_key(v1_issuer(), "K1"), nullptr);
  EXPECT_FALSE(status().fetched_at) << "not all of it was";
}

TEST_F(KeyRefresherTest, RedirectsAndOtherHostsAreNotFollowed) {
  authority->say(kV1Document, "", 302);
  authority->say(kV2Document,
                 json({{"issuer", v2_issuer()}, {"jwks_uri", "http://127.0.0.1:1/keys"}}).dump());
  authority->say("/elsewhere", key_set({TokenSigner::attackers_rsa().jwk("A")}));
  start();
  run_until_state(State::failing);
  EXPECT_EQ(count("/elsewhere"), 0U);
  EXPECT_THAT(status().last_error, HasSubstr("v1: upstream_malformed: status 302"));
  EXPECT_THAT(status().last_error, HasSubstr("not on the authority"));
}

TEST_F(KeyRefresherTest, AHugeAnswerIsNotTaken) {
  authority->say(kV1Document, std::string(kMaxDiscoveryBytes + 1, ' '));
  start();
  run_until_state(State::failing);
  EXPECT_THAT(status().last_error, HasSubstr("larger than"));
}

TEST_F(KeyRefresherTest, PlainHttpElsewhereIsNotSpoken) {
  entra.authority_host = "http://10.0.0.1";
  keys = std::make_shared<EntraKeys>(entra);
  start();
  run_until_state(State::failing);
  EXPECT_THAT(status().last_error, HasSubstr("plain http"));
}

TEST_F(KeyRefresherTest, AnAuthorityThatIsNoUrlIsSaid) {
  entra.authority_host = "login.microsoftonline.com";
  keys = std::make_shared<EntraKeys>(entra);
  start();
  run_until_state(State::failing);
  EXPECT_THAT(status().last_error, HasSubstr("scheme"));
}

}  // namespace
}  // namespace spillway::identity
