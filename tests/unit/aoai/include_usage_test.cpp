#include <spillway/aoai/include_usage.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <gtest/gtest.h>

#include <array>

namespace spillway::aoai {
namespace {

TEST(IncludeUsage, IsKnownFromAugust2024On) {
  const struct {
    Surface surface;
    std::string_view version;
    bool is_known;
  } rows[] = {
      {Surface::v1, "", true},
      {Surface::classic, "2024-08-01-preview", true},
      {Surface::classic, "2024-09-01-preview", true},
      {Surface::classic, "2024-10-21", true},
      {Surface::classic, "2025-04-01-preview", true},
      {Surface::classic, "2024-07-01-preview", false},
      {Surface::classic, "2024-06-01", false},
      {Surface::classic, "2023-05-15", false},
      {Surface::classic, "", false},
      {Surface::classic, "preview", false},
      {Surface::classic, "9999", false},
      {Surface::classic, "2025/04/01", false},
      {Surface::classic, "next-version-of-all", false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(knows_include_usage(row.surface, row.version), row.is_known) << row.version;
}

TEST(IncludeUsage, IsAddedToStreamsOfChatThatDidNotAsk) {
  ApiPath path;
  path.surface = Surface::v1;
  UsageRequest request;
  request.wants_stream = true;
  for (const auto& [operation, is_added] :
       {std::pair(Operation::chat_completions, true), std::pair(Operation::completions, true),
        std::pair(Operation::responses, false), std::pair(Operation::embeddings, false),
        std::pair(Operation::audio, false), std::pair(Operation::other, false)}) {
    path.operation = operation;
    EXPECT_EQ(is_usage_to_be_added(path, request), is_added) << name_of(operation);
  }
  path.operation = Operation::chat_completions;
  request.wants_usage = true;
  EXPECT_FALSE(is_usage_to_be_added(path, request));
  request.wants_usage = false;
  request.wants_stream = false;
  EXPECT_FALSE(is_usage_to_be_added(path, request));
  request.wants_stream = true;
  path.surface = Surface::classic;
  path.api_version = "2024-06-01";
  EXPECT_FALSE(is_usage_to_be_added(path, request));
}

struct UsageRow {
  std::string_view body;
  std::string_view edited;
};

// As a reader of requests would find them.
UsageRequest find_in(std::string_view body) {
  UsageRequest request;
  const auto options = body.find("\"stream_options\":");
  if (options == std::string_view::npos) return request;
  request.has_stream_options = true;
  request.stream_options_offset = body.find('{', options);
  const std::string_view name = "\"include_usage\":";
  const auto member = body.find(name, options);
  if (member == std::string_view::npos) return request;
  request.include_usage_offset = member + name.size();
  request.include_usage_length = body.find('}', member) - request.include_usage_offset;
  return request;
}

const UsageRow kUsageRows[] = {
    {R"({})", R"({"stream_options":{"include_usage":true}})"},
    {"{ \n}", "{\"stream_options\":{\"include_usage\":true} \n}"},
    {R"({"stream":true})", R"({"stream_options":{"include_usage":true},"stream":true})"},
    {"\xEF\xBB\xBF \n{\"stream\":true}",
     "\xEF\xBB\xBF \n{\"stream_options\":{\"include_usage\":true},\"stream\":true}"},
    {R"({"a":"{","stream_options":{}})", R"({"a":"{","stream_options":{"include_usage":true}})"},
    {R"({"stream_options":{ }})", R"({"stream_options":{"include_usage":true }})"},
    {R"({"stream_options":{"x":1}})", R"({"stream_options":{"include_usage":true,"x":1}})"},
    {R"({"stream_options":{"include_usage":false},"b":2})",
     R"({"stream_options":{"include_usage":true},"b":2})"},
    {R"({"stream_options":{"include_usage":null}})",
     R"({"stream_options":{"include_usage":true}})"},
};

TEST(IncludeUsage, IsWrittenIntoTheBodyAndNothingElseChanges) {
  for (const UsageRow& row : kUsageRows) {
    const auto edit = include_usage_edit(row.body, find_in(row.body));
    ASSERT_TRUE(edit) << row.body;
    const std::string edited = apply_edits(row.body, {&*edit, 1});
    EXPECT_EQ(edited, row.edited);
    const RequestFacts facts = read_request_facts(edited);
    EXPECT_TRUE(facts.is_json_object) << edited;
    EXPECT_TRUE(facts.wants_usage) << edited;
  }
}

TEST(IncludeUsage, ComposesWithTheReplacementOfTheModel) {
  const std::string_view body = R"({"model":"a","stream":true})";
  const RequestFacts facts = read_request_facts(body);
  const auto edit = include_usage_edit(body, UsageRequest());
  ASSERT_TRUE(edit);
  const std::array edits{*edit, BodyEdit{facts.model_offset, facts.model_length, "\"dep\""}};
  EXPECT_EQ(apply_edits(body, edits),
            R"({"stream_options":{"include_usage":true},"model":"dep","stream":true})");
}

TEST(IncludeUsage, NoObjectNoEdit) {
  for (const std::string_view body : {"", " ", "[]", "\xEF\xBB\xBF", "null"})
    EXPECT_FALSE(include_usage_edit(body, UsageRequest())) << body;
  UsageRequest outside;
  outside.has_stream_options = true;
  outside.stream_options_offset = 100;
  EXPECT_FALSE(include_usage_edit("{}", outside));
}

}  // namespace
}  // namespace spillway::aoai
