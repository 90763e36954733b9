#include <spillway/identity/presented_credential.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace spillway::identity {
namespace {

using Kind = PresentedCredential::Kind;

struct Row {
  std::vector<base::Field> headers;
  Kind kind;
  std::string_view text;
};

TEST(PresentedCredential, OfHeaders) {
  const Row rows[] = {
      {{}, Kind::none, ""},
      {{{"accept", "*/*"}}, Kind::none, ""},
      {{{"api-key", "k"}}, Kind::key, "k"},
      {{{"API-Key", "  k "}}, Kind::key, "k"},
      {{{"Authorization", "Bearer k"}}, Kind::key, "k"},
      {{{"authorization", "bEARER \t k"}}, Kind::key, "k"},
      {{{"authorization", "Bearer"}}, Kind::none, ""},
      {{{"authorization", "Bearer  "}}, Kind::none, ""},
      {{{"authorization", "Bearerk"}}, Kind::none, ""},
      {{{"authorization", "Basic dTpw"}}, Kind::none, ""},
      {{{"authorization", "k"}}, Kind::none, ""},
      {{{"authorization", ""}}, Kind::none, ""},
      {{{"api-key", ""}}, Kind::none, ""},
      {{{"api-key", ""}, {"authorization", "Bearer k"}}, Kind::key, "k"},
      {{{"api-key", "k"}, {"authorization", ""}}, Kind::key, "k"},
      {{{"api-key", "k"}, {"authorization", "Bearer "}}, Kind::key, "k"},
      {{{"api-key", "k"}, {"authorization", "Bearer k"}}, Kind::key, "k"},
      {{{"api-key", "k"}, {"authorization", "Bearer other"}}, Kind::ambiguous, ""},
      {{{"api-key", "k"}, {"authorization", "Basic dTpw"}}, Kind::ambiguous, ""},
      {{{"api-key", "k"}, {"API-KEY", "k"}}, Kind::ambiguous, ""},
      {{{"api-key", "k"}, {"api-key", ""}}, Kind::ambiguous, ""},
      {{{"authorization", "Bearer k"}, {"Authorization", "Bearer k"}}, Kind::ambiguous, ""},
      {{{"x-api-key", "k"}}, Kind::none, ""},
      {{{"Ocp-Apim-Subscription-Key", "k"}}, Kind::key, "k"},
      {{{"ocp-apim-subscription-key", "k"}, {"api-key", "k"}}, Kind::key, "k"},
      {{{"ocp-apim-subscription-key", "k"}, {"api-key", "j"}}, Kind::key, "j"},
      {{{"ocp-apim-subscription-key", "k"}, {"authorization", "Bearer j"}}, Kind::key, "j"},
      {{{"ocp-apim-subscription-key", "k"}, {"authorization", "Basic dTpw"}}, Kind::none, ""},
      {{{"ocp-apim-subscription-key", "k"}, {"ocp-apim-subscription-key", "k"}},
       Kind::ambiguous,
       ""},
  };
  for (const Row& row : rows) {
    const PresentedCredential presented = read_presented_credential(row.headers);
    const auto index = &row - rows;
    EXPECT_EQ(presented.kind, row.kind) << index;
    EXPECT_EQ(presented.text, row.text) << index;
  }
}

TEST(PresentedCredential, TokensAreTakenFromBearersOnly) {
  EXPECT_TRUE(read_presented_credential(std::vector<base::Field>{{"authorization", "Bearer t"}})
                  .may_be_token);
  EXPECT_FALSE(read_presented_credential(std::vector<base::Field>{{"api-key", "t"}}).may_be_token);
  EXPECT_FALSE(
      read_presented_credential(std::vector<base::Field>{{"ocp-apim-subscription-key", "t"}})
          .may_be_token);
  const std::vector<base::Secret> elsewhere{base::Secret("t")};
  EXPECT_TRUE(read_presented_credential({}, elsewhere).may_be_token);
}

PresentedCredential with_elsewhere(const std::vector<base::Field>& headers,
                                   const std::vector<base::Secret>& elsewhere) {
  return read_presented_credential(headers, elsewhere);
}

TEST(PresentedCredential, OfQueryAndSubProtocolsOfAnUpgrade) {
  const std::vector<base::Secret> key{base::Secret("k")};
  EXPECT_EQ(with_elsewhere({}, key).kind, Kind::key);
  EXPECT_EQ(with_elsewhere({}, key).text, "k");
  EXPECT_EQ(with_elsewhere({}, {base::Secret()}).kind, Kind::none);
  EXPECT_EQ(with_elsewhere({{"authorization", "Bearer "}}, key).kind, Kind::key);
}

TEST(PresentedCredential, TheSameKeyInSeveralPlacesIsOne) {
  const std::vector<base::Secret> twice{base::Secret("k"), base::Secret("k")};
  const auto everywhere = with_elsewhere({{"api-key", "k"}, {"authorization", "Bearer k"}}, twice);
  EXPECT_EQ(everywhere.kind, Kind::key);
  EXPECT_EQ(everywhere.text, "k");
}

TEST(PresentedCredential, DifferentKeysInSeveralPlacesAreAmbiguous) {
  const std::vector<base::Secret> key{base::Secret("k")};
  const std::vector<base::Secret> two{base::Secret("k"), base::Secret("other")};
  EXPECT_EQ(with_elsewhere({}, two).kind, Kind::ambiguous);
  EXPECT_EQ(with_elsewhere({{"api-key", "other"}}, key).kind, Kind::ambiguous);
  EXPECT_EQ(with_elsewhere({{"authorization", "Bearer other"}}, key).kind, Kind::ambiguous);
  EXPECT_EQ(with_elsewhere({{"authorization", "Basic dTpw"}}, key).kind, Kind::ambiguous);
  EXPECT_EQ(with_elsewhere({{"api-key", "k"}, {"api-key", "k"}}, key).kind, Kind::ambiguous);
}

}  // namespace
}  // namespace spillway::identity
