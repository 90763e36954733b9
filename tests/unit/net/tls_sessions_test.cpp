#include <spillway/net/tls_sessions.hpp>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>

namespace spillway::net {
namespace {

using std::chrono::minutes;

const base::SteadyTime kNow = base::SteadyTime(std::chrono::hours(1'000));

TlsSession session_of(const std::string& name, base::SteadyTime verified_at = kNow) {
  return {name, {SSL_SESSION_new(), SSL_SESSION_free}, verified_at};
}

TEST(TlsSessions, the_newest_is_given_once) {
  TlsSessions sessions;
  sessions.put(session_of("a"));
  TlsSession second = session_of("a");
  const auto* newest = second.session.get();
  sessions.put(std::move(second));
  const auto taken = sessions.take("a", kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->session.get(), newest);
  EXPECT_TRUE(sessions.take("a", kNow));
  EXPECT_FALSE(sessions.take("a", kNow));
}

TEST(TlsSessions, one_servers_is_not_anothers) {
  TlsSessions sessions;
  sessions.put(session_of("a"));
  EXPECT_FALSE(sessions.take("b", kNow));
  EXPECT_FALSE(sessions.take("", kNow));
  EXPECT_TRUE(sessions.take("a", kNow));
}

TEST(TlsSessions, there_are_never_more_than_eight) {
  TlsSessions sessions;
  sessions.put(session_of("first"));
  for (int i = 0; i < 8; ++i)
    sessions.put(session_of("later"));
  EXPECT_EQ(sessions.count(), 8U);
  EXPECT_FALSE(sessions.take("first", kNow));
}

TEST(TlsSessions, after_an_hour_the_server_is_verified_anew) {
  TlsSessions sessions;
  sessions.put(session_of("a", kNow - minutes(60)));
  sessions.put(session_of("a", kNow - minutes(59)));
  const auto taken = sessions.take("a", kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->verified_at, kNow - minutes(59));
  EXPECT_EQ(sessions.count(), 0U);
}

}  // namespace
}  // namespace spillway::net
