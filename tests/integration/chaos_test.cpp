// Faults of every kind, by chance, on every backend, under many callers: whatever happens, each
// caller gets exactly one answer, and an answer that is marked complete is one that a backend gave.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/aoai/content_decoder.hpp>
#include <spillway/base/text.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/sha.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kChaosSeed = 20'261'125;
constexpr std::uint32_t kFaultsPerMille = 350;
constexpr std::size_t kChaosCallers = 16;
constexpr std::size_t kLeaving = 19;            // each so many-th caller hangs up at once
constexpr std::size_t kRequestsPerRound = 800;  // their attempts fit into the simulator's journal
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kRounds = 1;
#else
constexpr std::size_t kRounds = 5;
#endif
constexpr std::size_t kWanted = kRounds * 100;  // whole answers
const std::vector<std::string> kChaosBackends = {"ptu", "east", "west"};

// Every kind that acts on a request; those that take the listener away are storm_test's.
const std::vector<std::string> kKinds = {
    "400",
    "401",
    "403",
    "404",
    "404 body=deployment_not_found",
    "408",
    "409 retry-after=1",
    "413",
    "429 retry-after-ms=20",
    "429 retry-after=86400",
    "429 retry-after-ms=garbage",
    "500",
    "502 body=html",
    "503 retry-after-ms=30",
    "504 body=empty",
    R"({"kind":"raw","body":"garbage\r\n\r\n"})",
    "stall_before_headers",
    "stall_before_headers delay=30",
    "stall_mid_stream after_events=1",
    "stall_mid_stream after_events=5",
    "reset_before_headers",
    "close_before_headers",
    "reset_mid_headers",
    "reset_mid_stream after_events=1",
    "reset_mid_stream after_events=5",
    "reset_between_events after_output=0",
    "reset_between_events after_output=2",
    "truncate after_events=1",
    "truncate after_events=6",
    "truncated_clean after_events=1",
    "truncated_clean after_events=5",
    "no_done",
    "drip",
    "error_event body=server_error",
    "error_event body=too_many_requests",
    "error_event body=server_error after_events=5",
    "close_after_response",
    "gzip",
    "deflate",
};

/// Two groups, several attempts, and open times so short that everybody comes and goes.
GatewayYaml chaotic() {
  GatewayYaml changes;
  changes.pool_extra =
      "retry: { max_attempts: 3, budget: 100% }\n"
      "    timeouts: { first_byte: 250ms, idle: 250ms }\n"
      "    circuit_breaker:\n"
      "      throttle: { trip_duration: 2ms }\n"
      "      faults: { trip_duration: 2ms, slow_start: 0s, failure_condition: { statuses:"
      " [408, 500-599], error_reasons: [connect, tls, timeout, reset], count: 2, interval: 1s } }\n"
      "      min_trip_duration: 1ms\n"
      "      max_trip_duration: 4ms";
  return changes;
}

/// The shapes of calls, none of which asks the gateway to take anything out of the answer.
Request request_number(std::size_t number) {
  Request request;
  switch (number % 5) {
    case 0:
      request = chat("gpt-4o");
      break;
    case 1:
      request = chat("gpt-4o", R"(,"stream":true,"stream_options":{"include_usage":true})");
      break;
    case 2:
      request = chat_v1("gpt-4o", R"(,"stream":true,"stream_options":{"include_usage":true})");
      break;
    case 3:
      request = chat_v1("gpt-4o");
      request.target = "/openai/v1/responses";
      request.body = R"({"model":"gpt-4o","input":"hello","stream":true})";
      break;
    default:
      request = chat_v1("gpt-4o");
      request.target = "/openai/v1/responses";
      request.body = R"({"model":"gpt-4o","input":"hello"})";
      break;
  }
  request.headers.emplace_back("x-ms-client-request-id", "chaos-" + std::to_string(number));
  return request;
}

std::string sha256(const std::string& text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return base::to_hex(digest);
}

/// The simulator remembers what an answer says, whichever coding it is sent in.
std::string decoded(const Answer& answer) {
  if (answer.header("content-encoding").empty()) return answer.body;
  aoai::ContentDecoder decoder;
  std::string text;
  EXPECT_TRUE(decoder.decode(answer.body, [&](std::string_view piece) { text += piece; }));
  return text;
}

struct Received {
  std::string id;
  Answer answer;
  std::string problem;    // an answer that could not be read as HTTP, for the caller to see
  bool has_left = false;  // the caller did not wait for an answer
};

class ChaosTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < kChaosBackends.size(); ++i) {
      simulator::Chaos chaos;
      chaos.seed = kChaosSeed + i;
      chaos.per_mille = kFaultsPerMille;
      chaos.kinds = kKinds;
      simulator->set_chaos(kChaosBackends[i], chaos);
    }
  }

  /// Everybody's answers to so many requests.
  std::vector<Received> play_round(std::size_t first) {
    std::vector<Received> all;
    std::mutex mutex;
    std::atomic<std::size_t> next{first};
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < kChaosCallers; ++i) {
      callers.emplace_back([&] {
        std::unique_ptr<Connection> connection;
        for (std::size_t number = next++; number < first + kRequestsPerRound; number = next++) {
          Received received = ask(connection, number);
          const std::lock_guard lock(mutex);
          all.push_back(std::move(received));
        }
      });
    }
    for (std::thread& caller : callers)
      caller.join();
    return all;
  }

  // On one connection as long as it lasts: bytes too many would be taken for the next answer.
  Received ask(std::unique_ptr<Connection>& connection, std::size_t number) const {
    Received received;
    received.id = "chaos-" + std::to_string(number);
    try {
      if (!connection) connection = std::make_unique<Connection>(gateway.port());
      connection->write(request_number(number));
      if (number % kLeaving == 0) {
        connection->close(number % 2 == 0 ? Connection::How::reset : Connection::How::orderly);
        connection.reset();
        received.has_left = true;
        return received;
      }
      received.answer = connection->read();
    } catch (const std::exception& error) {
      received.problem = error.what();
    }
    const bool is_over = !received.problem.empty() || !received.answer.is_complete ||
                         received.answer.header("connection") == "close";
    if (is_over) connection.reset();
    return received;
  }

  /// What each answer of a backend was, by its mark.
  std::map<std::string, simulator::RecordedRequest> answers_given() const {
    std::map<std::string, simulator::RecordedRequest> given;
    for (auto& request : simulator->requests()) {
      if (!request.answer.empty()) given.emplace(request.answer, std::move(request));
    }
    return given;
  }

  /// A caller that hangs up may do so before its request is read.
  void check_one_line_each(std::size_t asked) {
    const std::size_t certain = asked - left;
    EXPECT_TRUE(eventually([&] {
      const std::size_t settled = gateway.wait_for_records(certain).size();
      const Json status = Json::parse(get(gateway.admin_port(), "/status").body);
      return settled == status.at("requests").at("total") &&
             status.at("requests").at("in_flight") == 0;
    })) << "one line of the log for each request, and no more";
    EXPECT_LE(gateway.wait_for_records(certain).size(), asked);
  }

  void check(const Received& received,
             const std::map<std::string, simulator::RecordedRequest>& given) {
    const Answer& answer = received.answer;
    if (received.has_left) return;
    ASSERT_EQ(received.problem, "") << received.id;
    ASSERT_NE(answer.status, 0U) << received.id;
    EXPECT_EQ(answer.header("x-spillway-request-id"), received.id) << "somebody else's answer";
    if (!answer.is_complete) {
      ++cut;
      EXPECT_EQ(answer.status, 200U) << "only what had begun can be cut";
      return;
    }
    const std::string mark = answer.header("x-sim-answer");
    if (mark.empty()) {
      ++refused;
      EXPECT_NE(answer.status, 200U) << received.id << " has no backend's mark";
      return;
    }
    ++whole;
    const auto found = given.find(mark);
    ASSERT_NE(found, given.end()) << mark;
    EXPECT_EQ(sha256(decoded(answer)), found->second.answer_sha256)
        << received.id << " is not " << mark << " after " << found->second.fault;
    EXPECT_TRUE(marks_seen.insert({mark, received.id}).second)
        << mark << " went to " << received.id << " and to " << marks_seen[mark];
  }

  /// State and last logged transition of each deployment agree.
  void check_breakers_against_the_log() {
    std::map<std::string, std::string> last;  // "backend/deployment" -> event
    for (const auto& event : gateway.events()) {
      if (!event.name.starts_with("breaker_")) continue;
      std::string key;
      for (const auto& [name, value] : event.fields) {
        if (name == "backend" || name == "deployment") key += value + "/";
      }
      last[key] = event.name;
    }
    const Json status = Json::parse(get(gateway.admin_port(), "/status").body);
    for (const Json& member : status.at("pools").at(0).at("members")) {
      EXPECT_EQ(member.at("in_flight"), 0) << member;
      for (const Json& deployment : member.at("deployments")) {
        const std::string key = member.at("backend").get<std::string>() + "/" +
                                deployment.at("name").get<std::string>() + "/";
        const std::string whole_key = member.at("backend").get<std::string>() + "/*/";
        const bool is_closed = deployment.at("state") == "closed";
        const bool was_opened =
            last[key] == "breaker_opened" || last[whole_key] == "breaker_opened";
        EXPECT_EQ(is_closed, !was_opened) << deployment << " after " << last[key];
        EXPECT_EQ(deployment.at("in_flight"), 0) << deployment;
      }
    }
    EXPECT_EQ(status.at("requests").at("in_flight"), 0);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator, chaotic())};
  std::map<std::string, std::string> marks_seen;  // of answers, and who got them
  std::size_t whole = 0;                          // complete answers of a backend
  std::size_t cut = 0;                            // visibly broken ones
  std::size_t refused = 0;                        // errors, ours or a backend's
  std::size_t left = 0;                           // callers that hung up
};

TEST_F(ChaosTest, EveryCallerGetsExactlyOneHonestAnswer) {
  std::size_t asked = 0;
  // Refusals are quick: while every backend's trial stalls, a round may be over.
  const auto goes_on = [&](std::size_t round) {
    return round < kRounds || (whole < kWanted && round < 10 * kRounds);
  };
  for (std::size_t round = 0; goes_on(round); ++round) {
    const auto received = play_round(asked);
    asked += kRequestsPerRound;
    ASSERT_EQ(received.size(), kRequestsPerRound);
    left += static_cast<std::size_t>(std::count_if(
        received.begin(), received.end(), [](const Received& each) { return each.has_left; }));
    check_one_line_each(asked);
    const auto given = answers_given();
    for (const Received& each : received)
      check(each, given);
  }
  check_breakers_against_the_log();
  std::size_t attempts = 0;
  for (const auto& record : gateway.wait_for_records(asked - left))
    attempts += record.attempts.size();
  std::cout << "[ chaos    ] seed " << kChaosSeed << ": " << asked << " requests, " << attempts
            << " attempts, " << whole << " whole answers, " << cut << " visibly cut, " << refused
            << " errors, " << left << " hung up\n";
  EXPECT_GE(whole, kWanted);
  EXPECT_GT(cut, 0U);
  EXPECT_GT(refused, 0U);
  EXPECT_GT(attempts, whole);
}

}  // namespace
}  // namespace spillway::integration
