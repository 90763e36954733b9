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
  };
  for (const Row& row : rows) {
    const PresentedCredential presented = read_presented_credential(row.headers);
    const auto index = &row - rows;
    EXPECT_EQ(presented.kind, row.kind) << index;
    EXPECT_EQ(presented.text, row.text) << index;
  }
}

}  // namespace
}  // namespace spillway::identity
