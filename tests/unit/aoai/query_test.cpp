#include <spillway/aoai/query.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

TEST(Query, FindsValuesByOffset) {
  const std::string_view query = "a=1&API-Version=2024-10-21&b=";
  const QueryValue version = find_query_value(query, "api-version");
  EXPECT_EQ(version.count, 1U);
  EXPECT_EQ(query.substr(version.offset, version.length), "2024-10-21");
  const QueryValue empty = find_query_value(query, "b");
  EXPECT_EQ(empty.count, 1U);
  EXPECT_EQ(empty.length, 0U);
  EXPECT_EQ(find_query_value(query, "c").count, 0U);
}

TEST(Query, CountsRepeatedNamesAndGivesTheLast) {
  const std::string_view query = "m=1&m=22";
  const QueryValue value = find_query_value(query, "m");
  EXPECT_EQ(value.count, 2U);
  EXPECT_EQ(query.substr(value.offset, value.length), "22");
}

TEST(Query, CredentialsAreKnownInEverySpelling) {
  for (const auto* name :
       {"api-key", "API-KEY", "Authorization", "authorization", "access_token", "api%2dkey",
        "%61pi-key", "subscription-key", "Ocp-Apim-Subscription-Key"}) {
    EXPECT_TRUE(is_credential_parameter(name)) << name;
  }
  for (const auto* name : {"api-version", "api-keys", "key", "", "api%2", "api%zzkey"}) {
    EXPECT_FALSE(is_credential_parameter(name)) << name;
  }
}

TEST(Query, WithoutCredentialsKeepsTheRestAsItCame) {
  EXPECT_EQ(without_credentials(""), "");
  EXPECT_EQ(without_credentials("a=%2F&&b"), "a=%2F&&b");
  EXPECT_EQ(without_credentials("api-key=x"), "");
  EXPECT_EQ(without_credentials("api-key=x&a=1"), "a=1");
  EXPECT_EQ(without_credentials("a=1&api-key=x&b=2"), "a=1&b=2");
  EXPECT_EQ(without_credentials("a=1&b=2&Authorization=Bearer%20x"), "a=1&b=2");
  EXPECT_EQ(without_credentials("api-key=x&api-key=y&access_token"), "");
}

TEST(Query, RedactedShowsOnlyTheApiVersion) {
  EXPECT_EQ(redacted_query("api-version=2024-10-21&api-key=s3cret"),
            "api-version=2024-10-21&api-key=***");
  EXPECT_EQ(redacted_query("limit=2"), "limit=***");
  EXPECT_EQ(redacted_query("s3cret"), "***");
  EXPECT_EQ(redacted_query("a%20b=1"), "***");
  EXPECT_EQ(redacted_query("api-version=2024;api-key=s3cret"), "api-version=***");
  EXPECT_EQ(redacted_query("&"), "&");
  EXPECT_EQ(redacted_query(std::string(65, 'n') + "=1"), "***");
}

}  // namespace
}  // namespace spillway::aoai
