#include <spillway/gateway/hops.hpp>

#include <gtest/gtest.h>

namespace spillway::gateway {
namespace {

http::RequestHead request(const std::string& method, const std::string& target,
                          std::initializer_list<base::Field> fields = {}) {
  http::RequestHead head;
  head.method = method;
  head.target = target;
  for (const base::Field& field : fields)
    head.fields.add(field.name, field.value);
  return head;
}

TEST(Via, HasThisHopBehindTheOthers) {
  EXPECT_EQ(via_for_backend(request("GET", "/")), "1.1 spillway");
  auto old = request("GET", "/", {{"Via", "1.1 a"}, {"via", "2 b (c, d)"}});
  old.version = http::Version::http_1_0;
  EXPECT_EQ(via_for_backend(old), "1.1 a, 2 b (c, d), 1.0 spillway");
}

TEST(Via, TwicePassedIsALoop) {
  EXPECT_FALSE(refusal_of_loop(request("GET", "/")));
  EXPECT_FALSE(refusal_of_loop(request("GET", "/", {{"Via", "1.1 spillway, 1.1 other"}})));
  EXPECT_FALSE(
      refusal_of_loop(request("GET", "/", {{"Via", "spillway, 1.1 spillways, 1.1 my-spillway"}})));
  const auto refusal = refusal_of_loop(
      request("GET", "/", {{"Via", "1.1 Spillway:80"}, {"Via", "1.1 x, HTTP/1.0 spillway(me)"}}));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 508U);
  EXPECT_EQ(refusal->code, "spillway_loop");
}

TEST(Options, AreOurs) {
  EXPECT_TRUE(is_for_gateway(request("OPTIONS", "*")));
  EXPECT_TRUE(is_for_gateway(request("OPTIONS", "/x", {{"Max-Forwards", "0"}})));
  EXPECT_FALSE(is_for_gateway(request("OPTIONS", "/x", {{"Max-Forwards", "1"}})));
  EXPECT_FALSE(is_for_gateway(request("OPTIONS", "/x", {{"Max-Forwards", "x"}})));
  EXPECT_FALSE(is_for_gateway(request("OPTIONS", "/x")));
  EXPECT_FALSE(is_for_gateway(request("GET", "/x", {{"Max-Forwards", "0"}})));
}

TEST(Options, CountDownToTheNextHop) {
  EXPECT_EQ(forwards_left(request("OPTIONS", "/x", {{"Max-Forwards", "5"}})), 4U);
  EXPECT_FALSE(forwards_left(request("OPTIONS", "/x", {{"Max-Forwards", "0"}})));
  EXPECT_FALSE(forwards_left(request("OPTIONS", "/x")));
  EXPECT_FALSE(forwards_left(request("GET", "/x", {{"Max-Forwards", "5"}})));
}

}  // namespace
}  // namespace spillway::gateway
