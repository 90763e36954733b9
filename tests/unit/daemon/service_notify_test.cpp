#include "support/notify_socket.hpp"
#include <spillway/daemon/service_notify.hpp>

#include <gtest/gtest.h>

#include <map>

namespace spillway::daemon {
namespace {

using namespace std::chrono_literals;

constexpr pid_t kNotifier = 4711;

ServiceNotify notify_with(std::map<std::string, std::string, std::less<>> variables) {
  return {[variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          },
          kNotifier};
}

TEST(ServiceNotify, WithoutAManagerNobodyIsTold) {
  const ServiceNotify nobody;
  EXPECT_FALSE(nobody.is_heard());
  nobody.tell("READY=1");
  EXPECT_FALSE(notify_with({}).is_heard());
  EXPECT_FALSE(notify_with({{"NOTIFY_SOCKET", ""}}).is_heard());
  EXPECT_FALSE(notify_with({{"NOTIFY_SOCKET", "vsock:2:1"}}).is_heard());
  EXPECT_FALSE(notify_with({{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}}).is_heard());
}

TEST(ServiceNotify, APathAndAnAbstractName) {
  for (const auto kind : {test::NotifySocket::path, test::NotifySocket::abstract}) {
    test::NotifySocket manager(kind);
    const ServiceNotify notify = notify_with({{"NOTIFY_SOCKET", manager.address()}});
    ASSERT_TRUE(notify.is_heard());
    notify.tell("READY=1\nSTATUS=Serving");
    EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=Serving");
  }
}

TEST(ServiceNotify, AManagerThatIsGoneOrDoesNotReadIsNoTrouble) {
  ServiceNotify notify;
  {
    test::NotifySocket manager;
    notify = notify_with({{"NOTIFY_SOCKET", manager.address()}});
    for (int i = 0; i < 10'000; ++i)
      notify.tell("STATUS=nobody reads this");
  }
  notify.tell("STATUS=nobody is there");
}

TEST(ServiceNotify, TheWatchdogIsToldTwiceAsOftenAsItAsks) {
  test::NotifySocket manager;
  const auto interval = [&](const char* microseconds, const char* process) {
    std::map<std::string, std::string, std::less<>> variables{{"NOTIFY_SOCKET", manager.address()}};
    if (microseconds != nullptr) variables["WATCHDOG_USEC"] = microseconds;
    if (process != nullptr) variables["WATCHDOG_PID"] = process;
    return notify_with(std::move(variables)).watchdog_interval();
  };
  EXPECT_EQ(interval("30000000", "4711"), base::Duration(15s));
  EXPECT_EQ(interval("30000000", nullptr), base::Duration(15s));
  EXPECT_EQ(interval("30000000", "4712"), std::nullopt) << "another process's";
  EXPECT_EQ(interval(nullptr, nullptr), std::nullopt);
  EXPECT_EQ(interval("0", nullptr), std::nullopt);
  EXPECT_EQ(interval("soon", nullptr), std::nullopt);
  EXPECT_EQ(interval("18446744073709551615", nullptr), base::Duration(12h));
}

TEST(ServiceNotify, AReloadIsToldWithItsTime) {
  EXPECT_EQ(reloading_message(base::SteadyTime(1500us)), "RELOADING=1\nMONOTONIC_USEC=1500");
}

}  // namespace
}  // namespace spillway::daemon
