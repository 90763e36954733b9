// When memory is short: idle connections go first, then new requests are refused; what is under way
// is finished, and nothing crashes.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/config/load.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>

namespace spillway::integration {
namespace {

using gateway::Limit;
using gateway::MemoryPressure;

constexpr std::uint64_t kMebibyte = 1ULL << 20U;

class Shedding : public ::testing::Test {
 protected:
  static std::string yaml(const simulator::Simulator& simulator) {
    GatewayYaml changes;
    changes.limits = "max_memory: 100MiB";
    return gateway_yaml(simulator, changes);
  }
  /// Blocks until the gateway has seen it.
  void use_memory(std::uint64_t mebibytes, MemoryPressure expected) {
    in_use.store(mebibytes * kMebibyte);
    EXPECT_TRUE(eventually([&] {
      const auto& process = running.process();
      return process.memory_in_use.load() == mebibytes * kMebibyte &&
             process.memory_pressure.load() == expected;
    })) << mebibytes;
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::atomic<std::uint64_t> in_use{10 * kMebibyte};
  RunningGateway running{yaml(*simulator), {}, nullptr, [this](daemon::GatewayHooks& hooks) {
                           hooks.memory_in_use = [this] { return std::optional(in_use.load()); };
                         }};
};

TEST_F(Shedding, IdleConnectionsAreClosedFirst) {
  Connection idle(running.port());
  idle.write(chat("gpt-4o"));
  EXPECT_EQ(idle.read().status, 200U);
  simulator->set_fault("ptu", "stall_mid_stream after_events=2");
  Connection busy(running.port());
  busy.write(chat("gpt-4o", ",\"stream\":true"));
  busy.read_until("}\n\n");
  use_memory(87, MemoryPressure::close_idle);
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(get(running.port(), "/no-such-page").status, 404U) << "new ones are served";
  EXPECT_TRUE(eventually([&] { return running.process().requests_in_flight.load() == 1U; }))
      << "what is under way goes on";
  running.wait_for_event("memory_pressure");
  use_memory(20, MemoryPressure::none);
  running.wait_for_event("memory_pressure", 2);
}

TEST_F(Shedding, NewRequestsAreRefusedUntilThereIsRoom) {
  use_memory(95, MemoryPressure::shed);
  const Answer refusal = send(running.port(), chat("gpt-4o"));
  EXPECT_EQ(refusal.status, 503U) << refusal.body;
  EXPECT_EQ(refusal.header("x-spillway-error"), "spillway_overloaded");
  EXPECT_EQ(refusal.header("retry-after-ms"), "1000");
  EXPECT_TRUE(simulator->requests().empty());
  EXPECT_EQ(running.process().limit_hits.hits(Limit::max_memory), 1U);
  EXPECT_EQ(get(running.admin_port(), "/livez").status, 200U);
  use_memory(88, MemoryPressure::shed);
  EXPECT_EQ(send(running.port(), chat("gpt-4o")).status, 503U) << "not at the first sign of relief";
  use_memory(50, MemoryPressure::none);
  EXPECT_EQ(send(running.port(), chat("gpt-4o")).status, 200U);
}

// A handler that finds no memory, as an access log that throws plays it: its connection ends, the
// others do not.
TEST(WantOfMemory, EndsTheOneConnection) {
  const auto simulator = usual_simulator();
  std::mutex mutex;
  std::condition_variable changed;
  bool is_ready = false;
  std::atomic<unsigned> failed{0};
  daemon::GatewayHooks hooks;
  hooks.on_access = [](const telemetry::AccessRecord& record) {
    if (record.method == "DELETE") throw std::bad_alloc();
  };
  hooks.on_event = [&](const daemon::Event& event) {
    if (event.name == "session_failed") ++failed;
  };
  hooks.on_ready = [&] {
    const std::lock_guard lock(mutex);
    is_ready = true;
    changed.notify_all();
  };
  config::Loaded loaded = config::load(gateway_yaml(*simulator), config::system_sources());
  ASSERT_TRUE(loaded.problems.empty());
  daemon::GatewayProcess process(
      std::move(loaded.configuration), [](std::string_view) { return std::nullopt; },
      std::move(hooks));
  ASSERT_TRUE(process.prepare());
  std::thread thread([&] { process.run(); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_ready; });
  }
  const std::string url = process.listener_urls().at(0);
  const auto port = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  Connection other(port);
  other.write(chat("gpt-4o"));
  EXPECT_EQ(other.read().status, 200U);
  Connection struck(port);
  struck.write_raw("DELETE /nothing HTTP/1.1\r\nHost: gateway\r\napi-key: test-key\r\n\r\n");
  struck.read_to_end();
  EXPECT_TRUE(eventually([&] { return failed.load() == 1; }));
  other.write(chat("gpt-4o"));
  EXPECT_EQ(other.read().status, 200U);
  EXPECT_EQ(send(port, chat("gpt-4o")).status, 200U);
  other.close();
  EXPECT_TRUE(eventually([&] { return process.process().client_connections.load() == 0; }));
  EXPECT_EQ(process.process().requests_in_flight.load(), 0U);
  process.request_stop();
  thread.join();
}

}  // namespace
}  // namespace spillway::integration
