// The gateway under a service manager: what it tells it, and the sockets that it gets from it.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/listening_socket.hpp"
#include "support/notify_socket.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace spillway::integration {
namespace {

using daemon::GatewayHooks;

class Service : public ::testing::Test {
 protected:
  Adjust told(const std::string& watchdog = "") {
    return [this, watchdog](GatewayHooks& hooks) {
      const auto environment = [&](std::string_view name) -> std::optional<std::string> {
        if (name == "NOTIFY_SOCKET") return manager.address();
        if (name == "WATCHDOG_USEC" && !watchdog.empty()) return watchdog;
        return std::nullopt;
      };
      hooks.service = daemon::ServiceNotify(environment, ::getpid());
    };
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  test::NotifySocket manager;
};

TEST_F(Service, HearsOfStartReloadAndStop) {
  RunningGateway gateway(gateway_yaml(*simulator), {}, nullptr, told());
  EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=Serving");
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  ASSERT_TRUE(gateway.reload(gateway_yaml(*simulator)));
  EXPECT_EQ(manager.receive().find("RELOADING=1\nMONOTONIC_USEC="), 0U);
  EXPECT_EQ(manager.receive(), "READY=1");
  ASSERT_FALSE(gateway.reload("listeners: nonsense\n"));
  EXPECT_EQ(manager.receive().find("RELOADING=1"), 0U);
  EXPECT_EQ(manager.receive(), "READY=1") << "it serves as before";
  gateway.request_stop();
  const std::string last = manager.receive();
  EXPECT_EQ(last.find("STOPPING=1\nEXTEND_TIMEOUT_USEC="), 0U) << last;
  gateway.join();
}

// A worker is stuck in a hook of the test.
TEST_F(Service, AStuckWorkerSilencesTheWatchdog) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_stuck = true;
  const auto watched = told("20000");
  RunningGateway gateway(gateway_yaml(*simulator), {}, nullptr, [&](GatewayHooks& hooks) {
    watched(hooks);
    hooks.on_access = [&](const telemetry::AccessRecord&) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !is_stuck; });
    };
  });
  EXPECT_NE(manager.receive_with("WATCHDOG=1"), "");
  EXPECT_NE(manager.receive_with("WATCHDOG=1"), "");
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  gateway.wait_for_event("worker_stuck");
  EXPECT_EQ(get(gateway.admin_port(), "/livez").status, 503U);
  while (!manager.receive(0).empty()) {
  }
  EXPECT_EQ(manager.receive(100), "");
  {
    const std::lock_guard lock(mutex);
    is_stuck = false;
  }
  changed.notify_all();
  EXPECT_NE(manager.receive_with("WATCHDOG=1"), "");
}

std::string with_listeners(const simulator::Simulator& simulator, const std::string& listeners,
                           const std::string& admin) {
  GatewayYaml changes;
  changes.listener = listeners;
  changes.admin = "{ address: " + admin + " }";
  changes.threads = "3";
  return gateway_yaml(simulator, changes);
}

TEST_F(Service, SocketsThatArePassedAreListenedOn) {
  const test::ListeningSocket web;
  const test::ListeningSocket admin;
  Connection early(web.port());
  early.write(chat("gpt-4o"));
  RunningGateway gateway(
      with_listeners(*simulator, "{ address: " + web.address() + " }, { address: 127.0.0.1:0 }",
                     admin.address()),
      {}, nullptr, [&](GatewayHooks& hooks) {
        ASSERT_TRUE(hooks.sockets.add("web", web.copy()));
        ASSERT_TRUE(hooks.sockets.add("admin", admin.copy()));
      });
  EXPECT_EQ(gateway.port(0), web.port());
  EXPECT_EQ(gateway.admin_port(), admin.port());
  EXPECT_EQ(early.read().status, 200U) << "who came before it was there is served";
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(send(web.port(), chat("gpt-4o")).status, 200U);
  EXPECT_EQ(send(gateway.port(1), chat("gpt-4o")).status, 200U);
  gateway.wait_until_ready();
}

TEST_F(Service, APassedSocketThatNobodyListensOnIsAnError) {
  const test::ListeningSocket other;
  const auto with_it = [&](GatewayHooks& hooks) {
    ASSERT_TRUE(hooks.sockets.add("web", other.copy()));
  };
  std::string problem;
  try {
    const RunningGateway gateway(gateway_yaml(*simulator), {}, nullptr, with_it);
  } catch (const std::runtime_error& error) {
    problem = error.what();
  }
  EXPECT_NE(problem.find("'web' on " + other.address()), std::string::npos) << problem;
  EXPECT_NE(problem.find("add a listener"), std::string::npos) << problem;
}

}  // namespace
}  // namespace spillway::integration
