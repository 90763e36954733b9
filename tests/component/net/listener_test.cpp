// Accepting when memory or descriptors are short: the next connections are served all the same.

#include <spillway/net/listener.hpp>
#include <spillway/net/task_group.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <functional>
#include <new>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace spillway::net {
namespace {

using tcp = asio::ip::tcp;

/// As long as this lives, no descriptor can be had that was not open before.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    std::vector<int> gaps;
    rlimit now = before_;
    // The lowest number that is free, and so are all above it once the gaps are filled.
    for (int i = 0; i < 64; ++i)
      gaps.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    now.rlim_cur = static_cast<rlim_t>(gaps.front());
    for (const int descriptor : gaps)
      ::close(descriptor);
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
};

class ListenerTest : public ::testing::Test {
 protected:
  ListenerTest() {
    auto endpoint = reserve_endpoint("127.0.0.1", 0);
    auto acceptor = open_acceptor(endpoint.value());
    port = endpoint.value();
    ListenerHooks hooks;
    hooks.on_accept = [this](Accepted one) { on_accept(std::move(one)); };
    hooks.on_trouble = [this](const std::string& what) { troubles.push_back(what); };
    hooks.on_out_of_descriptors = [this] { ++turned_away; };
    listener.emplace(context.get_executor(), wheel, std::move(acceptor.value()), std::move(hooks));
    tasks.spawn(listener->run());
    context.poll();
  }
  ~ListenerTest() override {
    listener->close();
    context.run_for(std::chrono::seconds(10));
  }
  void connect(tcp::socket& client) { client.connect(port); }
  /// Turns the loop until it holds; false after ten seconds.
  bool run_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      context.run_one_for(std::chrono::milliseconds(20));
      wheel.advance(std::chrono::steady_clock::now());
    }
    return condition();
  }

  asio::io_context context{1};
  asio::io_context clients{1};
  DeadlineWheel wheel{std::chrono::steady_clock::now()};
  TaskGroup tasks{context.get_executor(), [](const std::string& what) { FAIL() << what; }};
  tcp::endpoint port;
  std::function<void(Accepted)> on_accept = [this](const Accepted&) { ++accepted; };
  std::optional<Listener> listener;
  std::vector<std::string> troubles;
  unsigned accepted = 0;
  unsigned turned_away = 0;
};

TEST_F(ListenerTest, WantOfMemoryForOneConnectionEndsThatOneOnly) {
  on_accept = [this](const Accepted&) {
    if (++accepted == 1) throw std::bad_alloc();
  };
  tcp::socket first(clients);
  tcp::socket second(clients);
  connect(first);
  connect(second);
  EXPECT_TRUE(run_until([this] { return accepted == 2; }));
  EXPECT_EQ(troubles.size(), 1U);
}

TEST_F(ListenerTest, WithoutADescriptorWhoWaitsIsClosedAndTheNextIsServed) {
  tcp::socket first(clients, tcp::v4());
  tcp::socket second(clients, tcp::v4());
  tcp::socket third(clients, tcp::v4());
  connect(first);
  connect(second);
  {
    // Little is done in here: what UBSan sees for the first time it wants a descriptor for.
    const NoMoreDescriptors none;
    EXPECT_TRUE(run_until([this] { return turned_away == 2; }));
  }
  EXPECT_EQ(accepted, 0U);
  char byte = 0;
  boost::system::error_code ended;
  asio::read(first, asio::buffer(&byte, 1), ended);
  EXPECT_TRUE(ended) << "it is told";
  connect(third);
  EXPECT_TRUE(run_until([this] { return accepted == 1; }));
  EXPECT_EQ(turned_away, 2U);
  EXPECT_EQ(troubles.size(), 1U) << "once, not for each";
}

}  // namespace
}  // namespace spillway::net
