// Many callers, and backends that die, throttle and come back under them: nobody notices. Driven by
// the number of answers, not by time.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace spillway::integration {
namespace {

using simulator::Event;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kRequests = 2'000;
#else
constexpr std::size_t kRequests = 10'000;
#endif
constexpr std::size_t kCallers = 64;
constexpr auto kWhole = ",\"max_tokens\":4";
constexpr auto kShortStream = ",\"max_tokens\":4,\"stream\":true";
const std::vector<std::string> kBackends = {"ptu", "east", "west"};

/// All in one group, so that a third of the traffic is on whichever is struck. Short open times: a
/// revived backend is soon felt.
std::string storm_yaml(const simulator::Simulator& simulator) {
  std::string yaml =
      "listeners: [ { address: 127.0.0.1:0 } ]\n"
      "credentials: [ { name: key, api_key: backend-key } ]\n"
      "clients: [ { name: app, keys: [ test-key ] } ]\n"
      "server: { threads: 2, drain_timeout: 5s }\n"
      "pools:\n"
      "  - name: default\n"
      "    members: [ { backend: ptu, priority: 1 }, { backend: east, priority: 1 },"
      " { backend: west, priority: 1 } ]\n"
      "    circuit_breaker:\n"
      "      throttle: { trip_duration: 100ms }\n"
      "      faults: { trip_duration: 100ms, failure_condition: { statuses: [500-599],"
      " error_reasons: [connect, tls, timeout, reset], count: 3, interval: 10s } }\n"
      "      min_trip_duration: 10ms\n"
      "      max_trip_duration: 200ms\n"
      "backends:\n";
  for (const std::string& name : kBackends) {
    yaml += "  - { name: " + name + ", url: \"" + simulator.url(name) + "\", credential: key";
    yaml += name == "ptu" ? ", deployments: { gpt-4o: gpt-4o-ptu } }\n" : " }\n";
  }
  return yaml;
}

/// Callers that ask until they are told to stop, and remember whatever was not as it should be.
class Callers {
 public:
  Callers(std::uint16_t port, std::vector<std::string> kinds, std::set<std::string> expected)
      : port_(port), kinds_(std::move(kinds)), expected_(std::move(expected)) {
    for (std::size_t i = 0; i < kCallers; ++i)
      threads_.emplace_back([this, i] { call(i); });
  }
  ~Callers() { stop(); }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  /// Blocks until so many answers more have come; false if they do not in a minute.
  bool wait_for_more(std::size_t answers) {
    std::unique_lock lock(mutex_);
    const std::size_t wanted = answered_ + answers;
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return answered_ >= wanted; });
  }
  void stop() {
    is_over_.store(true);
    for (auto& thread : threads_)
      thread.join();
    threads_.clear();
  }
  std::size_t answered() {
    const std::lock_guard lock(mutex_);
    return answered_;
  }
  std::vector<std::string> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void call(std::size_t number) {
    std::unique_ptr<Connection> connection;
    for (std::size_t i = number; !is_over_.load(); ++i) {
      std::string failure;
      try {
        if (!connection) connection = std::make_unique<Connection>(port_);
        connection->write(request(kinds_[i % kinds_.size()]));
        failure = what_is_wrong(connection->read());
      } catch (const std::exception& error) {
        failure = error.what();
      }
      if (!failure.empty()) connection.reset();
      note(failure);
    }
  }
  static Request request(const std::string& more) {
    Request request = chat("gpt-4o", more);
    request.headers.emplace_back("x-sim-seed", "storm");
    return request;
  }
  std::string what_is_wrong(const Answer& answer) const {
    if (answer.status != 200) return std::to_string(answer.status) + " " + answer.body;
    if (!answer.is_complete) return "cut: " + answer.body;
    if (!expected_.contains(without_null_usage(answer.body)))
      return "not what a backend says: " + answer.body;
    return {};
  }
  void note(const std::string& failure) {
    const std::lock_guard lock(mutex_);
    ++answered_;
    if (!failure.empty()) failures_.push_back(failure);
    changed_.notify_all();
  }

  std::uint16_t port_;
  std::vector<std::string> kinds_;
  std::set<std::string> expected_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t answered_ = 0;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

class Storm : public ::testing::Test {
 protected:
  /// What each backend says to such a request, asked directly.
  std::set<std::string> expected_bodies(const std::vector<std::string>& kinds) {
    std::set<std::string> bodies;
    for (const std::string& name : kBackends) {
      for (const std::string& more : kinds) {
        Request request = chat(name == "ptu" ? "gpt-4o-ptu" : "gpt-4o", more);
        request.headers = {{"api-key", "backend-key"}, {"x-sim-seed", "storm"}};
        request.body = chat_body("gpt-4o", more);
        const Answer answer = send(simulator->port(name), request);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        bodies.insert(answer.body);
      }
    }
    return bodies;
  }
  /// Strikes each backend in turn with each of the troubles, reviving it in between.
  void rage(std::size_t requests, const std::vector<std::string>& kinds,
            const std::vector<std::vector<std::string>>& troubles) {
    const std::size_t share = requests / 8;
    Callers callers(gateway.port(), kinds, expected_bodies(kinds));
    ASSERT_TRUE(callers.wait_for_more(2 * share));
    for (const std::string& name : kBackends) {
      for (const auto& faults : troubles) {
        for (const std::string& fault : faults)
          simulator->set_fault(name, fault);
        ASSERT_TRUE(callers.wait_for_more(share));
        const auto before = simulator->count(Event::completed, name);
        simulator->clear_faults(name);
        ASSERT_TRUE(simulator->wait_for(Event::completed, name, before + 20))
            << name << " did not come back";
      }
    }
    callers.stop();
    const auto failures = callers.failures();
    EXPECT_EQ(failures.size(), 0U) << "of " << callers.answered() << ": " << failures.front();
    EXPECT_GE(callers.answered(), requests);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{storm_yaml(*simulator)};
};

// "Killed" is a backend that lets nobody in and resets whoever asks on a kept connection; answers
// that have begun are finished. A stream that is broken off behind its first output cannot be saved
// by anybody (behaviour: never tried again after output), so breaking those is no part of this.
TEST_F(Storm, NobodyNoticesWithStreams) {
  rage(kRequests, {kWhole, kShortStream},
       {{"refuse", "reset_before_headers"}, {"429 retry-after-ms=200"}});
}

// The simulator writes an answer that is not a stream in one piece, so that even pulling the plug
// never cuts one in half.
TEST_F(Storm, NobodyNoticesWhenThePlugIsPulled) {
  rage(2'000, {kWhole}, {{"down"}, {"503"}});
}

}  // namespace
}  // namespace spillway::integration
