#include "fetching.hpp"
#include "support/scripted_server.hpp"
#include <spillway/identity/token_refresher.hpp>
#include <spillway/net/task_group.hpp>

#include <gmock/gmock.h>

#include <functional>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using TokenState = CredentialStatus::State;
using support::json_answer;
using support::ScriptedServer;
using telemetry::LogLevel;
using testing::HasSubstr;

struct Told {
  LogLevel level;
  std::string name;
  std::string why;
};

std::string token_answer(const std::string& token, int seconds) {
  return json_answer("200 OK", R"({"access_token":")" + token + R"(","expires_in":)" +
                                   std::to_string(seconds) + "}");
}

std::string refusal(int code, const std::string& trace) {
  return json_answer("401 Unauthorized", R"({"error":"invalid_client","error_codes":[)" +
                                             std::to_string(code) + R"(],"trace_id":")" + trace +
                                             "\"}");
}

class Refreshing : public Fetching {
 protected:
  void start(const ScriptedServer& server, std::vector<std::string> names = {"platform"}) {
    variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = server.url();
    for (const auto& name : names)
      sources.push_back(std::make_shared<CredentialSource>(name, clock));
    refresher.emplace(surroundings(), credential_of(config::ManagedIdentity{}), sources,
                      [this](LogLevel level, std::string_view name, auto fields) {
                        told.push_back({level, std::string(name), fields.back().second});
                      });
    tasks.spawn(refresher->run());
  }
  // Time goes on for the sockets only; the refresher looks at its clock every 200 ms.
  bool run_until(const std::function<bool()>& condition) {
    const auto give_up = base::SteadyClock::now() + 10s;
    while (!condition() && base::SteadyClock::now() < give_up)
      context.run_for(5ms);
    return condition();
  }
  void run_a_while() { context.run_for(500ms); }
  [[nodiscard]] std::string bearer() const {
    const auto authorization = sources.front()->current();
    return authorization ? std::string(authorization->value->reveal()) : "none";
  }
  [[nodiscard]] std::size_t count(const std::string& event) const {
    return static_cast<std::size_t>(std::count_if(
        told.begin(), told.end(), [&](const Told& each) { return each.name == event; }));
  }

  std::vector<Told> told;
  TokenRefresher::Sources sources;
  net::TaskGroup tasks{context.get_executor(),
                       [](const std::string& what) { ADD_FAILURE() << what; }};
  std::optional<TokenRefresher> refresher;
};

TEST_F(Refreshing, ATokenIsRenewedBeforeItsEndAndNotSooner) {
  const ScriptedServer server({token_answer("one", 3'600), token_answer("two", 3'600)});
  start(server);
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer one"; }));
  EXPECT_EQ(sources.front()->status().source, "managed_identity (IMDS)");
  EXPECT_EQ(sources.front()->status().state, TokenState::ok);
  clock.advance(45min);  // the earliest by jitter is 49.5 minutes
  run_a_while();
  EXPECT_EQ(server.requests().size(), 1U);
  clock.advance(10min);
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer two"; }));
  EXPECT_EQ(count("credential_resolved"), 1U);
  EXPECT_EQ(count("token_fetch_failed"), 0U);
}

TEST_F(Refreshing, OneTokenServesAllCredentialsOfTheIdentity) {
  const ScriptedServer server({token_answer("one", 3'600), token_answer("two", 3'600)});
  start(server, {"platform", "batch"});
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer one"; }));
  ASSERT_TRUE(sources.back()->current());
  EXPECT_EQ(sources.back()->current()->value->reveal(), "Bearer one");
  EXPECT_EQ(sources.back()->status().state, TokenState::ok);
  EXPECT_EQ(server.requests().size(), 1U);
  clock.advance(1min);
  sources.back()->report_refused();
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer two"; }));
}

TEST_F(Refreshing, TheOldTokenServesWhileRefreshingFailsAndNoLonger) {
  const std::string down = json_answer("503 Service Unavailable", "");
  const ScriptedServer server({token_answer("one", 3'600), down, down, token_answer("two", 3'600)});
  start(server);
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer one"; }));
  clock.advance(56min);
  ASSERT_TRUE(run_until([&] { return count("token_fetch_failed") == 1; }));
  EXPECT_EQ(told.back().level, LogLevel::warning) << "a token serves still";
  EXPECT_EQ(bearer(), "Bearer one");
  EXPECT_EQ(sources.front()->status().state, TokenState::failing);
  clock.advance(4min);
  EXPECT_EQ(bearer(), "none");
  ASSERT_TRUE(run_until([&] { return count("token_fetch_failed") == 2; }));
  EXPECT_EQ(told.back().level, LogLevel::error) << "none serves";
  clock.advance(1min);
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer two"; }));
  EXPECT_EQ(count("token_refreshed"), 1U);
}

TEST_F(Refreshing, AFailureThatLastsIsToldOncePerReason) {
  const ScriptedServer server({refusal(7000215, "a"), refusal(7000215, "b"), refusal(7000222, "c"),
                               token_answer("one", 3'600)});
  start(server);
  ASSERT_TRUE(run_until([&] { return count("token_fetch_failed") == 1; }));
  EXPECT_EQ(told.back().level, LogLevel::error);
  EXPECT_THAT(told.back().why, HasSubstr("7000215"));
  clock.advance(1min);
  run_a_while();
  EXPECT_EQ(server.requests().size(), 1U) << "asked slowly";
  clock.advance(4min);
  ASSERT_TRUE(run_until([&] { return server.requests().size() == 2; }));
  ASSERT_TRUE(run_until([&] {
    return sources.front()->status().last_error.find("trace_id b") != std::string::npos;
  }));
  EXPECT_EQ(count("token_fetch_failed"), 1U) << "the same once more";
  clock.advance(5min);
  ASSERT_TRUE(run_until([&] { return count("token_fetch_failed") == 2; }));
  EXPECT_THAT(told.back().why, HasSubstr("7000222"));
  clock.advance(5min);
  ASSERT_TRUE(run_until([&] { return bearer() == "Bearer one"; }));
}

}  // namespace
}  // namespace spillway::identity
