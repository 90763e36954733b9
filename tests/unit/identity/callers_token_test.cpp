#include <spillway/base/text.hpp>
#include <spillway/identity/callers_token.hpp>

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <vector>

namespace spillway::identity {
namespace {

const std::string kJwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln-_";

std::string token_of(const std::vector<base::Field>& headers,
                     const config::Configuration& configuration = {}) {
  const auto token = callers_token(headers, configuration);
  if (!token) return "none";
  EXPECT_EQ(token->name, "authorization");
  return std::string(token->value->reveal());
}

TEST(CallersToken, IsTheBearerThatLooksLikeAJwt) {
  EXPECT_EQ(token_of({{"Authorization", "Bearer " + kJwt}}), "Bearer " + kJwt);
  const std::string spaced = " bearer   " + kJwt;
  EXPECT_EQ(token_of({{"host", "x"}, {"AUTHORIZATION", spaced}}), "Bearer " + kJwt);
}

TEST(CallersToken, NothingElseGoesToABackend) {
  for (const std::string& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Basic " + kJwt, kJwt,
        std::string("Bearer test-key"), std::string("Bearer a.b.c"), std::string("Bearer ey.x"),
        std::string("Bearer ey..x"), std::string("Bearer eyJ.e30."), "Bearer " + kJwt + ".x",
        "Bearer " + kJwt + " " + kJwt, "Bearer eyJ\"" + kJwt}) {
    EXPECT_EQ(token_of({{"authorization", value}}), "none") << value;
  }
  EXPECT_EQ(token_of({{"api-key", kJwt}}), "none");
  EXPECT_EQ(token_of({}), "none");
  const std::string bearer = "Bearer " + kJwt;
  EXPECT_EQ(token_of({{"authorization", bearer}, {"Authorization", bearer}}), "none");
}

TEST(CallersToken, AKeyOfTheGatewayIsNone) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(kJwt.data()), kJwt.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  config::Configuration configuration;
  configuration.clients.resize(2);
  configuration.clients[1].keys.push_back({base::Secret(), digest});
  EXPECT_EQ(token_of({{"Authorization", "Bearer " + kJwt}}, configuration), "none");
}

}  // namespace
}  // namespace spillway::identity
