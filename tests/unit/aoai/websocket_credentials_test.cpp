#include <spillway/aoai/websocket_credentials.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::aoai {
namespace {

std::vector<std::string> in_query(std::string_view query) {
  std::vector<std::string> found;
  for (const base::Secret& secret : credentials_in_query(query))
    found.emplace_back(secret.reveal());
  return found;
}

using Texts = std::vector<std::string>;

TEST(WebSocketCredentials, OfTheQuery) {
  EXPECT_EQ(in_query(""), Texts());
  EXPECT_EQ(in_query("model=gpt-realtime"), Texts());
  EXPECT_EQ(in_query("model=x&api-key=K1"), Texts({"K1"}));
  EXPECT_EQ(in_query("API%2DKey=K%201"), Texts({"K 1"}));
  EXPECT_EQ(in_query("api-key=a+b"), Texts({"a+b"})) << "a key may hold a plus";
  EXPECT_EQ(in_query("Authorization=Bearer%20K"), Texts({"K"}));
  EXPECT_EQ(in_query("Authorization=Bearer+K"), Texts({"K"})) << "as URLSearchParams writes it";
  EXPECT_EQ(in_query("authorization=bearer%20K"), Texts({"K"}));
  EXPECT_EQ(in_query("Authorization=K"), Texts());
  EXPECT_EQ(in_query("Authorization=Bearer"), Texts());
  EXPECT_EQ(in_query("Authorization=Basic%20K"), Texts());
  EXPECT_EQ(in_query("access_token=T"), Texts({"T"}));
  EXPECT_EQ(in_query("api-key="), Texts());
  EXPECT_EQ(in_query("api-key"), Texts());
  EXPECT_EQ(in_query("api-key=%ZZ"), Texts({"%ZZ"})) << "a wrong key, not none";
  EXPECT_EQ(in_query("api-key=a&x=1&api-key=b"), Texts({"a", "b"}));
  EXPECT_EQ(in_query("subscription-key=K"), Texts()) << "hidden and taken out, but no credential";
}

TEST(WebSocketCredentials, OfTheSubProtocols) {
  const auto split = split_offered({"realtime", "openai-insecure-api-key.sk-1",
                                    "openai-beta.realtime-v1", "OpenAI-Insecure-API-Key."});
  ASSERT_EQ(split.keys.size(), 1U);
  EXPECT_EQ(split.keys[0].reveal(), "sk-1");
  EXPECT_EQ(split.others, "realtime, openai-beta.realtime-v1");
  EXPECT_EQ(split_offered({}).others, "");
  EXPECT_FALSE(is_key_protocol("realtime"));
}

}  // namespace
}  // namespace spillway::aoai
