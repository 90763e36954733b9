#include <spillway/aoai/api_path.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

using base::Fault;
using testing::HasSubstr;
using testing::Not;

ApiPath accepted(std::string_view method, std::string_view target) {
  auto path = parse_api_path(method, target);
  if (path) return std::move(*path);
  ADD_FAILURE() << target << ": " << path.error().detail();
  return {};
}

void expect_refused(std::string_view target, Fault fault) {
  const auto path = parse_api_path("POST", target);
  ASSERT_TRUE(path.has_error()) << target << " was accepted";
  EXPECT_EQ(base::name_of(path.error().fault()), base::name_of(fault)) << target;
  EXPECT_EQ(path.error().side(), base::Side::client);
  EXPECT_FALSE(path.error().detail().empty());
}

TEST(ApiPath, ClassicChatNamesDeploymentAndVersion) {
  const std::string target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
  const ApiPath path = accepted("POST", target);
  EXPECT_EQ(path.surface, Surface::classic);
  EXPECT_EQ(path.operation, Operation::chat_completions);
  EXPECT_EQ(path.operation_class, OperationClass::inference);
  EXPECT_EQ(path.deployment, "gpt-4o");
  EXPECT_EQ(path.api_version, "2024-10-21");
  EXPECT_EQ(path.canonical_target, target);
  EXPECT_EQ(target.substr(path.deployment_offset, path.deployment_length), "gpt-4o");
}

TEST(ApiPath, EveryDeploymentScopedOperation) {
  const std::pair<const char*, Operation> rows[] = {
      {"chat/completions", Operation::chat_completions},
      {"completions", Operation::completions},
      {"embeddings", Operation::embeddings},
      {"images/generations", Operation::images},
      {"images/edits", Operation::images},
      {"audio/transcriptions", Operation::audio},
      {"audio/translations", Operation::audio},
      {"audio/speech", Operation::audio},
      {"batches", Operation::other},
      {"something/new", Operation::other},
  };
  for (const auto& [sub_path, operation] : rows) {
    const ApiPath path = accepted("POST", std::string("/openai/deployments/d/") + sub_path);
    EXPECT_EQ(path.deployment, "d") << sub_path;
    EXPECT_EQ(name_of(path.operation), name_of(operation)) << sub_path;
  }
}

TEST(ApiPath, ClassicPathsWithoutDeployment) {
  for (const auto* target :
       {"/openai/responses?api-version=p", "/openai/responses/resp_1", "/openai/files",
        "/openai/batches/b/cancel", "/openai/fine_tuning/jobs", "/openai/assistants",
        "/openai/threads/t/runs", "/openai/vector_stores", "/openai/evals", "/openai/models",
        "/openai/models/gpt-4o", "/openai/realtime", "/openai/realtimeapi/sessions",
        "/openai/deployments?api-version=2023-05-15", "/openai/deployments/"}) {
    const ApiPath path = accepted("GET", target);
    EXPECT_EQ(path.surface, Surface::classic) << target;
    EXPECT_TRUE(path.deployment.empty()) << target;
    EXPECT_EQ(path.deployment_length, 0U) << target;
    EXPECT_EQ(path.canonical_target, target);
  }
}

TEST(ApiPath, ADeploymentByItselfIsManagement) {
  const ApiPath path = accepted("GET", "/openai/deployments/gpt-4o");
  EXPECT_EQ(path.operation_class, OperationClass::management);
  EXPECT_EQ(path.deployment, "gpt-4o");
}

TEST(ApiPath, V1IsTheSameUnderBothRoots) {
  for (const auto* target : {"/openai/v1/chat/completions", "/v1/chat/completions"}) {
    const ApiPath path = accepted("POST", target);
    EXPECT_EQ(path.surface, Surface::v1);
    EXPECT_EQ(path.operation, Operation::chat_completions);
    EXPECT_EQ(path.canonical_target, "/openai/v1/chat/completions");
    EXPECT_TRUE(path.deployment.empty());
    EXPECT_EQ(path.deployment_length, 0U);
  }
}

TEST(ApiPath, V1HasNoApiVersionButKeepsTheQuery) {
  const ApiPath path = accepted("POST", "/v1/embeddings?api-version=preview&x=%20");
  EXPECT_EQ(path.api_version, "");
  EXPECT_EQ(path.canonical_target, "/openai/v1/embeddings?api-version=preview&x=%20");
}

TEST(ApiPath, UnknownV1PathsAreOther) {
  const ApiPath path = accepted("PATCH", "/openai/v1/what/comes/next");
  EXPECT_EQ(path.operation, Operation::other);
  EXPECT_EQ(path.operation_class, OperationClass::stateful);
}

TEST(ApiPath, ATrailingSlashChangesNothingButTheBytes) {
  const ApiPath path = accepted("POST", "/openai/v1/chat/completions/");
  EXPECT_EQ(path.operation, Operation::chat_completions);
  EXPECT_EQ(path.canonical_target, "/openai/v1/chat/completions/");
}

TEST(ApiPath, NeitherCapitalsNorEscapesHideTheClass) {
  for (const auto* target : {"/openai/v1/Fine_Tuning/jobs", "/openai/v1/fine%5ftuning/jobs",
                             "/OpenAI/V1/FINE_TUNING/jobs", "/openai/v1/%66ine_tuning/jobs"}) {
    EXPECT_EQ(accepted("POST", target).operation_class, OperationClass::management) << target;
  }
  EXPECT_EQ(accepted("POST", "/openai/Deployments/d/Chat/Completions").operation,
            Operation::chat_completions);
}

TEST(ApiPath, RealtimeNamesItsDeploymentInTheQuery) {
  const ApiPath preview =
      accepted("GET", "/openai/realtime?api-version=2025-04-01-preview&deployment=my%20dep&x=1");
  EXPECT_EQ(preview.operation, Operation::realtime);
  EXPECT_EQ(preview.deployment, "my dep");
  EXPECT_EQ(upstream_target(preview, "", "rt"),
            "/openai/realtime?api-version=2025-04-01-preview&deployment=rt&x=1");

  const ApiPath ga = accepted("GET", "/v1/realtime?api-key=s3cret&model=dep");
  EXPECT_EQ(ga.deployment, "dep");
  EXPECT_EQ(ga.canonical_target, "/openai/v1/realtime?model=dep");
  EXPECT_EQ(upstream_target(ga, "/p", "a/b"), "/p/openai/v1/realtime?model=a%2Fb");

  EXPECT_TRUE(accepted("GET", "/v1/realtime?call_id=rtc_1").deployment.empty());
  const ApiPath responses = accepted("GET", "/openai/v1/responses?model=dep");
  EXPECT_EQ(responses.deployment, "dep") << "the WebSocket form";
  EXPECT_EQ(upstream_target(responses, "", "b"), "/openai/v1/responses?model=b");
  EXPECT_TRUE(accepted("POST", "/openai/v1/responses?model=dep").deployment.empty());
  expect_refused("/v1/realtime?model=a&model=b", Fault::bad_request);
  expect_refused("/v1/realtime?model=%zz", Fault::bad_request);
}

TEST(ApiPath, TheQueryOfOtherOperationsNamesNoDeployment) {
  EXPECT_TRUE(accepted("POST", "/v1/chat/completions?model=x").deployment.empty());
}

TEST(ApiPath, CredentialsInTheQueryNeverGoUpstream) {
  const ApiPath path = accepted(
      "POST", "/openai/deployments/d/embeddings?api-key=k&api-version=v&Authorization=Bearer%20t");
  EXPECT_EQ(path.canonical_target, "/openai/deployments/d/embeddings?api-version=v");
  EXPECT_EQ(accepted("GET", "/v1/models?access_token=t").canonical_target, "/openai/v1/models");
}

TEST(ApiPath, AnEmptyQueryStays) {
  EXPECT_EQ(accepted("GET", "/v1/models?").canonical_target, "/openai/v1/models?");
}

TEST(ApiPath, TheDeploymentIsDecoded) {
  const ApiPath path = accepted("POST", "/openai/deployments/my%20dep%C3%A9/completions");
  EXPECT_EQ(path.deployment, "my dep\xC3\xA9");
  EXPECT_EQ(upstream_target(path, "", "x y"), "/openai/deployments/x%20y/completions");
}

TEST(ApiPath, OnlyTheDeploymentSegmentIsReplaced) {
  const ApiPath path = accepted("POST", "/openai/deployments/chat/chat/completions?q=chat");
  EXPECT_EQ(upstream_target(path, "", "ptu"), "/openai/deployments/ptu/chat/completions?q=chat");
  const ApiPath openai = accepted("POST", "/openai/deployments/deployments/embeddings");
  EXPECT_EQ(openai.deployment, "deployments");
  EXPECT_EQ(upstream_target(openai, "/pre/fix", "e"), "/pre/fix/openai/deployments/e/embeddings");
}

TEST(ApiPath, ASameOrEmptyNameLeavesTheBytes) {
  const ApiPath path = accepted("POST", "/openai/deployments/my%2Ddep/embeddings");
  EXPECT_EQ(path.deployment, "my-dep");
  EXPECT_EQ(upstream_target(path, "", "my-dep"), "/openai/deployments/my%2Ddep/embeddings");
  EXPECT_EQ(upstream_target(path, "", ""), "/openai/deployments/my%2Ddep/embeddings");
  const ApiPath v1 = accepted("POST", "/v1/embeddings");
  EXPECT_EQ(upstream_target(v1, "", "other"), "/openai/v1/embeddings");
}

TEST(ApiPath, WhatIsNoPathOfAzureOpenAiHasNoRoute) {
  for (const auto* target :
       {"/", "/openai", "/v1", "/openai/", "/openai/v1", "/openai/v1/", "/v1/", "/openaix/v1/chat",
        "/v2/chat/completions", "/favicon.ico", "/openai/unknown", "/openai/chat/completions",
        "/openai/embeddings", "/openai/images/generations:submit", "/%6fpenai/v1/models",
        "/openai/%76%31/models", "/models/chat/completions"}) {
    expect_refused(target, Fault::no_route);
  }
}

TEST(ApiPath, ADoubledOpenaiIsExplained) {
  for (const auto* target :
       {"/openai/openai/deployments/d/chat/completions", "/openai/OpenAI/v1/models",
        "/openai/deployments/d/openai/deployments/d/chat/completions"}) {
    const auto path = parse_api_path("POST", target);
    ASSERT_TRUE(path.has_error()) << target;
    EXPECT_EQ(path.error().fault(), Fault::no_route);
    EXPECT_THAT(path.error().detail(), HasSubstr("base URL"));
  }
}

TEST(ApiPath, AmbiguousPathsAreRefused) {
  for (const auto* target : {"/openai/../v1/models",
                             "/openai/deployments/../chat/completions",
                             "/openai/deployments/%2e%2E/chat/completions",
                             "/openai/deployments/.%2e/chat/completions",
                             "/openai/./v1/models",
                             "/openai/v1/files/..",
                             "/openai/v1/files/..;x",
                             "/openai/v1/files/%2e",
                             "/openai/deployments/a%2fb/chat/completions",
                             "/openai/deployments/a%2Fb/chat/completions",
                             "/openai/deployments/a%5cb/chat/completions",
                             "/openai/deployments/a%00/chat/completions",
                             "/openai/deployments/a%25/chat/completions",
                             "/openai/deployments/a%252fb/chat/completions",
                             "/openai/v1/files/a%0a",
                             "/openai/v1/files/a%0D",
                             "/openai/v1/files/a%7f",
                             "/openai/v1/files/a\\b",
                             "//openai/v1/models",
                             "/openai//v1/models",
                             "/openai/deployments//chat/completions",
                             "/openai/v1//",
                             "/openai;x/v1/models",
                             "/openai/deployments/a;b/chat/completions",
                             "/openai/v1/files/a%2",
                             "/openai/v1/files/a%",
                             "/openai/v1/files/a%zz",
                             "/openai/v1/models#x",
                             "/openai/v1/models?x=1#y",
                             "/openai/v1/models?x= y",
                             "/openai/v1/mod\xC3\xA9ls",
                             "/openai/v1/models?x=\xC3\xA9",
                             "/openai/v1/mo dels",
                             "/openai/v1/models\t",
                             "",
                             "*",
                             "openai/v1/models",
                             "example.com:443",
                             "http://example.com/openai/v1/models"}) {
    expect_refused(target, Fault::bad_request);
  }
  expect_refused(std::string_view("/openai/v1/a\0b", 14), Fault::bad_request);
}

TEST(ApiPath, DotsInsideNamesAreFine) {
  EXPECT_EQ(accepted("POST", "/openai/deployments/gpt-3.5..turbo/embeddings").deployment,
            "gpt-3.5..turbo");
  EXPECT_EQ(accepted("GET", "/openai/v1/files/...").operation, Operation::other);
}

TEST(ApiPath, ErrorsNameThePathButNeverTheQuery) {
  const auto path = parse_api_path("GET", "/nowhere?api-key=s3cret");
  ASSERT_TRUE(path.has_error());
  EXPECT_THAT(path.error().detail(), HasSubstr("/nowhere"));
  EXPECT_THAT(path.error().detail(), Not(HasSubstr("s3cret")));
  const auto absolute = parse_api_path("GET", "http://u:s3cret@h/v1/models");
  ASSERT_TRUE(absolute.has_error());
  EXPECT_THAT(absolute.error().detail(), Not(HasSubstr("s3cret")));
}

TEST(ApiPath, RedactedTargetHidesEveryQueryValueButTheVersion) {
  EXPECT_EQ(redacted_target("/openai/realtime?api-version=v1&api-key=s3cret#s3cret"),
            "/openai/realtime?api-version=v1&api-key=***");
  EXPECT_EQ(redacted_target("/v1/models"), "/v1/models");
  EXPECT_EQ(redacted_target("/v1/models?"), "/v1/models?");
  EXPECT_EQ(redacted_target("http://u:s3cret@h/x?a=s3cret"), "http://***@h/x?a=***");
  EXPECT_EQ(redacted_target("u:s3cret@h:443"), "***@h:443");
  EXPECT_EQ(redacted_target("/a@b"), "/a@b");
  EXPECT_EQ(redacted_target(""), "");
}

}  // namespace
}  // namespace spillway::aoai
