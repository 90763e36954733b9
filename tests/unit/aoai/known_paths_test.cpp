#include <spillway/aoai/known_paths.hpp>

#include <gtest/gtest.h>

#include <string>

namespace spillway::aoai {
namespace {

constexpr std::string_view kKnownChat =
    "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";

void expect_same(const base::Result<ApiPath>& known, const base::Result<ApiPath>& read) {
  ASSERT_EQ(known.has_value(), read.has_value());
  if (!read) {
    EXPECT_EQ(known.error().detail(), read.error().detail());
    return;
  }
  EXPECT_EQ(known->surface, read->surface);
  EXPECT_EQ(known->operation, read->operation);
  EXPECT_EQ(known->operation_class, read->operation_class);
  EXPECT_EQ(known->creation, read->creation);
  EXPECT_EQ(known->deployment, read->deployment);
  EXPECT_EQ(known->api_version, read->api_version);
  EXPECT_EQ(known->canonical_target, read->canonical_target);
  EXPECT_EQ(known->deployment_offset, read->deployment_offset);
  EXPECT_EQ(known->deployment_length, read->deployment_length);
}

TEST(KnownPaths, AreWhatReadingThemAnewGives) {
  KnownPaths paths;
  for (int round = 0; round < 3; ++round) {
    for (const std::string_view method : {"POST", "GET", "DELETE"}) {
      for (const std::string_view target :
           {kKnownChat, std::string_view("/v1/responses"),
            std::string_view("/openai/v1/files/file-1"),
            std::string_view("/openai/deployments/a/../b"), std::string_view("/elsewhere"),
            std::string_view("/openai/v1/chat/completions?api-key=secret&x=1"),
            std::string_view(""), std::string_view("*")}) {
        SCOPED_TRACE(std::string(method) + " " + std::string(target));
        expect_same(paths.parse(method, target), parse_api_path(method, target));
      }
    }
  }
}

TEST(KnownPaths, MoreThanAreRememberedDoNotMix) {
  KnownPaths paths;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      const std::string target = "/openai/deployments/d" + std::to_string(i) + "/embeddings";
      expect_same(paths.parse("POST", target), parse_api_path("POST", target));
    }
  }
}

TEST(KnownPaths, LongTargetsAreReadAllTheSame) {
  KnownPaths paths;
  const std::string target = std::string(kKnownChat) + "&note=" + std::string(1000, 'x');
  for (int round = 0; round < 2; ++round)
    expect_same(paths.parse("POST", target), parse_api_path("POST", target));
}

TEST(KnownPaths, ACredentialIsNotKept) {
  KnownPaths paths;
  for (const std::string query : {"api-key=secret", "secret", "other=secret", "x&secret"}) {
    const std::string target = "/openai/v1/embeddings?" + query;
    EXPECT_TRUE(paths.parse("POST", target)) << query;
    EXPECT_FALSE(paths.knows("POST", target)) << query;
  }
  EXPECT_TRUE(paths.parse("POST", "/openai/v1/embeddings"));
  EXPECT_TRUE(paths.knows("POST", "/openai/v1/embeddings"));
  EXPECT_TRUE(paths.parse("POST", kKnownChat));
  EXPECT_TRUE(paths.knows("POST", kKnownChat));
}

}  // namespace
}  // namespace spillway::aoai
