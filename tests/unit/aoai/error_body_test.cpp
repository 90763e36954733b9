#include <spillway/aoai/error_body.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

TEST(ErrorBody, HasTheShapeTheSdksRead) {
  EXPECT_EQ(make_error_body("DeploymentNotFound", "No such \"deployment\".\n", "not_found"),
            R"({"error":{"code":"DeploymentNotFound","message":"No such \"deployment\".\n",)"
            R"("type":"not_found","param":null}})");
}

TEST(ErrorBody, SurvivesInvalidUtf8) {
  EXPECT_EQ(
      make_error_body("c", "\xFF", "t"),
      "{\"error\":{\"code\":\"c\",\"message\":\"\xEF\xBF\xBD\",\"type\":\"t\",\"param\":null}}");
}

}  // namespace
}  // namespace spillway::aoai
