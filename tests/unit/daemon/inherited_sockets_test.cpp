#include "support/listening_socket.hpp"
#include <spillway/daemon/inherited_sockets.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace spillway::daemon {
namespace {

using ::testing::HasSubstr;

constexpr pid_t kSelf = 4711;
// Far from what the test runner has open.
constexpr int kFirst = 200;

using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<InheritedSockets> passed(const Variables& variables) {
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return InheritedSockets::from_service_manager(environment, kSelf, kFirst);
}

config::Address address_of(const test::ListeningSocket& socket) {
  config::Address address;
  address.host = "127.0.0.1";
  address.port = socket.port();
  return address;
}

TEST(InheritedSockets, NoneWithoutTheVariablesOrForAnotherProcess) {
  for (const Variables& variables :
       {Variables{}, Variables{{"LISTEN_FDS", "1"}}, Variables{{"LISTEN_PID", "4711"}},
        Variables{{"LISTEN_FDS", "1"}, {"LISTEN_PID", "4712"}},
        Variables{{"LISTEN_FDS", "0"}, {"LISTEN_PID", "4711"}},
        Variables{{"LISTEN_FDS", "some"}, {"LISTEN_PID", "4711"}}}) {
    const auto sockets = passed(variables);
    ASSERT_TRUE(sockets);
    EXPECT_TRUE(sockets.value().is_empty());
  }
  EXPECT_FALSE(passed({{"LISTEN_FDS", "100000"}, {"LISTEN_PID", "4711"}}));
}

TEST(InheritedSockets, AreTakenByTheAddressTheyListenOn) {
  const test::ListeningSocket web;
  const test::ListeningSocket admin;
  ASSERT_EQ(::dup2(web.copy().number(), kFirst), kFirst);
  ASSERT_EQ(::dup2(admin.copy().number(), kFirst + 1), kFirst + 1);
  auto sockets = passed({{"LISTEN_FDS", "2"}, {"LISTEN_PID", "4711"}, {"LISTEN_FDNAMES", "web:"}});
  ASSERT_TRUE(sockets) << sockets.error().detail();
  InheritedSockets& all = sockets.value();
  EXPECT_EQ(all.describe(), "'web' on " + web.address() + ", " + admin.address());

  const auto taken = all.take(address_of(admin), "");
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].number(), kFirst + 1);
  EXPECT_EQ(::fcntl(taken[0].number(), F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(all.take(address_of(admin), "").empty()) << "it is given once";
  EXPECT_EQ(all.describe(), "'web' on " + web.address());
}

TEST(InheritedSockets, SeveralOfOneAddressAreAllTaken) {
  const test::ListeningSocket socket;
  InheritedSockets sockets;
  ASSERT_TRUE(sockets.add("one", socket.copy()));
  ASSERT_TRUE(sockets.add("two", socket.copy()));
  EXPECT_EQ(sockets.take(address_of(socket), "other").size(), 2U);
  EXPECT_TRUE(sockets.is_empty());
}

TEST(InheritedSockets, APortThatIsNotKnownYetIsTakenByName) {
  const test::ListeningSocket socket;
  InheritedSockets sockets;
  ASSERT_TRUE(sockets.add("127.0.0.1 0 0", socket.copy()));
  config::Address any = address_of(socket);
  any.port = 0;
  EXPECT_TRUE(sockets.take(any, "127.0.0.1 0 1").empty());
  EXPECT_EQ(sockets.take(any, "127.0.0.1 0 0").size(), 1U);
}

TEST(InheritedSockets, WhatDoesNotListenIsNamed) {
  InheritedSockets sockets;
  const auto file = sockets.add("log", base::Descriptor(::open("/dev/null", O_RDWR)));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().detail(), HasSubstr("'log'"));
  EXPECT_THAT(file.error().detail(), HasSubstr("is no socket"));
  const auto idle = sockets.add("web", base::Descriptor(::socket(AF_INET, SOCK_STREAM, 0)));
  ASSERT_FALSE(idle);
  EXPECT_THAT(idle.error().detail(), HasSubstr("does not listen"));
  const auto datagrams = sockets.add("dns", base::Descriptor(::socket(AF_INET, SOCK_DGRAM, 0)));
  ASSERT_FALSE(datagrams);
  EXPECT_THAT(datagrams.error().detail(), HasSubstr("ListenStream="));
}

}  // namespace
}  // namespace spillway::daemon
