// One gateway after the other on the same sockets: nobody is refused, nothing that runs is cut, and
// a successor that fails leaves everything as it was.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"
#include "support/listening_socket.hpp"
#include <spillway/base/descriptor.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::integration {
namespace {

using daemon::GatewayHooks;
using daemon::Start;

class HandOver : public ::testing::Test {
 protected:
  [[nodiscard]] std::string socket_path() const {
    return (folder.path() / "upgrade.sock").string();
  }
  [[nodiscard]] std::string yaml(const std::string& threads = "2",
                                 const std::string& drain_timeout = "5s") const {
    GatewayYaml changes;
    changes.threads = threads;
    changes.drain_timeout = drain_timeout;
    changes.server_extra =
        "upgrade_socket: " + socket_path() + ", state_directory: " + folder.path().string();
    return gateway_yaml(*simulator, changes);
  }
  static std::unique_ptr<RunningGateway> start(const std::string& yaml,
                                               Start how = Start::take_over) {
    return std::make_unique<RunningGateway>(yaml, Environment{}, nullptr,
                                            [how](GatewayHooks& hooks) { hooks.start = how; });
  }
  /// Why it did not start.
  static std::string failure_of(const std::string& yaml, Start how = Start::take_over) {
    try {
      start(yaml, how);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  static bool has_event(RunningGateway& gateway, std::string_view name) {
    const auto events = gateway.events();
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.name == name; });
  }
  [[nodiscard]] std::pair<base::Descriptor, sockaddr_un> unix_socket() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    return {base::Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)), address};
  }
  static const sockaddr* to_sockaddr(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
  }
  /// To the gateway that waits there.
  [[nodiscard]] base::Descriptor connect() const {
    auto [socket, address] = unix_socket();
    EXPECT_EQ(::connect(socket.number(), to_sockaddr(address), sizeof(address)), 0);
    return std::move(socket);
  }
  void expect_served(const RunningGateway& gateway) const {
    EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).status, 200U);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  test::TemporaryDirectory folder;
};

TEST_F(HandOver, TheSuccessorHasThePortsAndTheOldOneEnds) {
  const auto old = start(yaml(), Start::alone);
  const auto next = start(yaml());
  EXPECT_EQ(next->port(), old->port());
  EXPECT_EQ(next->admin_port(), old->admin_port());
  old->join();
  for (const char* name : {"handing_over", "handed_over", "draining", "stopped"})
    EXPECT_TRUE(has_event(*old, name)) << name;
  EXPECT_TRUE(has_event(*next, "took_over"));
  expect_served(*next);
  EXPECT_EQ(get(next->admin_port(), "/readyz").status, 200U);
}

TEST_F(HandOver, OverAndOverWhileOthersAsk) {
  std::vector<std::unique_ptr<RunningGateway>> all;
  all.push_back(start(yaml(), Start::alone));
  const std::uint16_t port = all.front()->port();
  std::atomic<bool> is_over{false};
  std::atomic<unsigned> failed{0};
  std::atomic<unsigned> asked{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!is_over) {
        if (send(port, chat("gpt-4o")).status != 200) ++failed;
        ++asked;
      }
    });
  }
  // Fewer workers than sockets, and more.
  for (const char* threads : {"1", "4", "3", "1", "2"}) {
    const unsigned before = asked;
    EXPECT_TRUE(eventually([&] { return asked > before + 8; }));
    all.push_back(start(yaml(threads)));
    all[all.size() - 2]->join();
  }
  is_over = true;
  for (std::thread& caller : callers)
    caller.join();
  EXPECT_EQ(failed, 0U) << "of " << asked;
  expect_served(*all.back());
}

TEST_F(HandOver, AKeptConnectionGetsOneMoreAnswer) {
  const auto old = start(yaml(), Start::alone);
  Connection client(old->port());
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().header("connection"), "");
  old->wait_for_records(1);
  const auto next = start(yaml());
  old->wait_for_event("draining");
  client.write(chat("gpt-4o"));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  client.close();
  old->wait_for_records(2);
  old->join();
}

TEST_F(HandOver, WhoStaysSilentIsNotWaitedForLong) {
  const auto old = start(yaml("2", "1m"), Start::alone);
  Connection client(old->port());
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 200U);
  old->wait_for_records(1);
  const auto next = start(yaml());
  EXPECT_EQ(client.read_to_end(), "") << "long before limits.idle_timeout";
  old->join();
  EXPECT_FALSE(has_event(*old, "drain_cut"));
}

TEST_F(HandOver, AStreamUnderWayEndsAtTheOldOne) {
  HandServer backend;
  const std::string config =
      hand_yaml(backend.url(), "server: { threads: 2, upgrade_socket: " + socket_path() + " }\n");
  const auto old = start(config, Start::alone);
  Connection client(old->port());
  const std::string body = chat_body("gpt-4o");
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until(body);
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nbefore");
  client.read_until("before");

  const auto next = start(config);
  old->wait_for_event("draining");
  Connection newcomer(next->port());
  newcomer.write(chat("gpt-4o"));
  Connection other = backend.accept();
  other.read_until(body);
  other.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(newcomer.read().body, "ok");
  EXPECT_FALSE(old->has_ended());

  peer.write_raw(" after");
  EXPECT_EQ(client.read().body, "before after");
  // The head of that answer promised nothing of an end, so that there may be one more.
  peer.drop_received();
  client.write(chat("gpt-4o"));
  peer.read_until(body);
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read().header("connection"), "close");
  client.close();
  old->join();
}

TEST_F(HandOver, ASuccessorThatFailsChangesNothing) {
  const auto old = start(yaml(), Start::alone);
  const test::ListeningSocket taken;
  std::string broken = yaml();
  const std::string usual = "admin: { address: 127.0.0.1:0 }";
  broken.replace(broken.find(usual), usual.size(), "admin: { address: " + taken.address() + " }");
  EXPECT_NE(failure_of(broken).find(taken.address()), std::string::npos);
  old->wait_for_event("hand_over_failed");
  EXPECT_EQ(get(old->admin_port(), "/readyz").status, 200U);
  for (int i = 0; i < 16; ++i)
    expect_served(*old);
  // Nor does it hinder the next.
  const auto next = start(yaml());
  old->join();
  expect_served(*next);
}

TEST_F(HandOver, AnAddressThatIsLeftOutIsGivenUp) {
  GatewayYaml changes;
  changes.server_extra = "upgrade_socket: " + socket_path();
  const std::string one = gateway_yaml(*simulator, changes);
  changes.listener = "{ address: 127.0.0.1:0 }, { address: 127.0.0.1:0 }";
  const auto old = start(gateway_yaml(*simulator, changes), Start::alone);
  const auto next = start(one);
  EXPECT_TRUE(has_event(*next, "sockets_not_taken_over"));
  old->join();
  EXPECT_EQ(send(old->port(1), chat("gpt-4o")).status, 0U);
  expect_served(*next);
}

TEST_F(HandOver, WithoutAnOldOneItStartsAsUsual) {
  const auto gateway = start(yaml());
  EXPECT_TRUE(has_event(*gateway, "nobody_to_take_over_from"));
  expect_served(*gateway);
}

TEST_F(HandOver, ASecondOneThatTakesNothingOverIsTold) {
  const auto gateway = start(yaml(), Start::alone);
  EXPECT_NE(failure_of(yaml(), Start::alone).find("--take-over"), std::string::npos);
  EXPECT_NE(failure_of(gateway_yaml(*simulator)).find("server.upgrade_socket"), std::string::npos);
  expect_served(*gateway);
}

TEST_F(HandOver, TheSocketIsForThisUserAndGoesWithTheGateway) {
  std::ofstream(folder.path() / "note") << "no socket";
  GatewayYaml changes;
  changes.server_extra = "upgrade_socket: " + (folder.path() / "note").string();
  EXPECT_NE(failure_of(gateway_yaml(*simulator, changes), Start::alone).find("move it away"),
            std::string::npos);
  // What a gateway that was killed leaves behind.
  {
    const auto [stale, address] = unix_socket();
    ASSERT_EQ(::bind(stale.number(), to_sockaddr(address), sizeof(address)), 0);
  }
  {
    const auto gateway = start(yaml(), Start::alone);
    struct stat file {};
    ASSERT_EQ(::stat(socket_path().c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 07777U, 0600U);
  }
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

TEST_F(HandOver, NonsenseAtTheSocketIsNoHandOver) {
  const auto gateway = start(yaml(), Start::alone);
  const base::Descriptor stranger = connect();
  ASSERT_EQ(::send(stranger.number(), "hello", 5, 0), 5);
  char byte = 0;
  EXPECT_EQ(::recv(stranger.number(), &byte, 1, 0), 0) << "it is closed";
  gateway->wait_for_event("hand_over_failed");
  expect_served(*gateway);
  const auto next = start(yaml());
  gateway->join();
  expect_served(*next);
}

// Only the successor, which puts its own there, knows whose file it is.
TEST_F(HandOver, TheOldOneWaitsAtTheSocketUntilItIsReplacedAndLeavesTheFile) {
  const auto old = start(yaml(), Start::alone);
  {
    const base::Descriptor successor = connect();
    ASSERT_EQ(::send(successor.number(), "ready", 5, 0), 5);
    std::array<char, 8> answer{};
    ASSERT_EQ(::recv(successor.number(), answer.data(), answer.size(), 0), 5);
    EXPECT_STREQ(answer.data(), "yours");
    EXPECT_TRUE(connect().is_open());
    EXPECT_FALSE(has_event(*old, "handed_over"));
  }
  old->join();
  EXPECT_TRUE(has_event(*old, "handed_over"));
  EXPECT_TRUE(std::filesystem::exists(socket_path()));
}

}  // namespace
}  // namespace spillway::integration
