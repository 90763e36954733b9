#include "support/wire_sample.hpp"
#include <spillway/aoai/request_facts.hpp>

#include <gtest/gtest.h>

#include <string>

namespace spillway::aoai {
namespace {

TEST(StreamOptions, StandWhereTheyAreSaidToStand) {
  const std::string body = R"({"stream":true, "stream_options" : { "include_usage" : false } })";
  const RequestFacts facts = read_request_facts(body);
  ASSERT_TRUE(facts.has_stream_options);
  EXPECT_EQ(facts.stream_options_offset, body.find("{ \"include"));
  EXPECT_FALSE(facts.is_stream_options_empty);
  EXPECT_FALSE(facts.wants_usage);
  EXPECT_EQ(body.substr(facts.include_usage_offset, facts.include_usage_length), "false");
}

TEST(StreamOptions, EmptyOnesAreToldApart) {
  const RequestFacts empty = read_request_facts("{\"stream_options\":{ \n }}");
  EXPECT_TRUE(empty.has_stream_options);
  EXPECT_TRUE(empty.is_stream_options_empty);
  EXPECT_EQ(empty.include_usage_length, 0U);
  const RequestFacts other =
      read_request_facts(R"({"stream_options":{"include_obfuscation":false}})");
  EXPECT_FALSE(other.is_stream_options_empty);
  EXPECT_EQ(other.include_usage_length, 0U);
}

TEST(StreamOptions, OfRepeatedOnesTheLastCount) {
  const std::string body =
      R"({"stream_options":{"include_usage":true},"stream_options":{"include_usage":0,)"
      R"("include_usage":null}})";
  const RequestFacts facts = read_request_facts(body);
  EXPECT_EQ(facts.stream_options_offset, body.rfind('{'));
  EXPECT_EQ(facts.include_usage_offset, body.find("null"));
  EXPECT_EQ(facts.include_usage_length, 4U);
  const RequestFacts none = read_request_facts(R"({"stream_options":{"a":1},"stream_options":[]})");
  EXPECT_FALSE(none.has_stream_options);
  EXPECT_EQ(none.stream_options_offset, 0U);
  EXPECT_FALSE(none.is_stream_options_empty);
}

TEST(StreamOptions, OnlyTheirOwnIncludeUsageCounts) {
  for (const auto* body : {R"({"stream_options":{"a":{"include_usage":true}}})",
                           R"({"include_usage":true,"stream_options":{"b":1}})",
                           R"({"stream_options":{"include_usage":{"x":true}}})"}) {
    const RequestFacts facts = read_request_facts(body);
    EXPECT_TRUE(facts.has_stream_options) << body;
    EXPECT_EQ(facts.include_usage_length, 0U) << body;
    EXPECT_FALSE(facts.wants_usage) << body;
  }
}

TEST(Store, AbsentTrueAndEverythingElse) {
  EXPECT_FALSE(read_request_facts("{}").has_store);
  const RequestFacts stored = read_request_facts(R"({"store":true})");
  EXPECT_TRUE(stored.has_store);
  EXPECT_TRUE(stored.wants_store);
  for (const auto* body :
       {R"({"store":false})", R"({"store":null})", R"({"store":true,"store":0})"}) {
    EXPECT_TRUE(read_request_facts(body).has_store) << body;
    EXPECT_FALSE(read_request_facts(body).wants_store) << body;
  }
  EXPECT_FALSE(read_request_facts(R"({"metadata":{"store":true}})").has_store);
}

TEST(DataSources, OnlyAnArrayAtTheTop) {
  EXPECT_TRUE(read_request_facts(R"({"data_sources":[{"type":"azure_search"}]})").has_data_sources);
  for (const auto* body : {R"({"data_sources":null})", R"({"a":{"data_sources":[1]}})",
                           R"({"data_sources":[1],"data_sources":{}})"}) {
    EXPECT_FALSE(read_request_facts(body).has_data_sources) << body;
  }
}

TEST(PromptCacheKey, IsDecodedAndBounded) {
  EXPECT_EQ(read_request_facts(R"({"prompt_cache_key":"a\u0062c"})").prompt_cache_key, "abc");
  EXPECT_EQ(read_request_facts(R"({"prompt_cache_key":7})").prompt_cache_key, "");
  EXPECT_EQ(read_request_facts(R"({"x":{"prompt_cache_key":"a"}})").prompt_cache_key, "");
  const std::string longest(512, 'k');
  EXPECT_EQ(read_request_facts(R"({"prompt_cache_key":")" + longest + R"("})").prompt_cache_key,
            longest);
  EXPECT_EQ(read_request_facts(R"({"prompt_cache_key":")" + longest + R"(k"})").prompt_cache_key,
            "");
}

std::uint64_t hash_of(const std::string& body) {
  const RequestFacts facts = read_request_facts(body);
  EXPECT_TRUE(facts.is_json_object) << body;
  return measure_prompt(body).hash;
}

TEST(PromptHash, IsOfThePromptAlone) {
  EXPECT_EQ(hash_of("{}"), 0U);
  EXPECT_EQ(hash_of(R"({"model":"m"})"), 0U);
  const auto hash = hash_of(R"({"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_NE(hash, 0U);
  EXPECT_EQ(hash_of(R"({"model":"m","messages":[{"role":"user","content":"hi"}],"user":"u"})"),
            hash);
  EXPECT_NE(hash_of(R"({"messages":[{"role":"user","content":"ho"}]})"), hash);
}

TEST(PromptHash, TheFirstKibibyteDecides) {
  const std::string start(1100, 's');
  EXPECT_EQ(hash_of(R"({"input":")" + start + R"(one"})"),
            hash_of(R"({"input":")" + start + R"(two, and longer"})"));
  const std::string shorter(900, 's');
  EXPECT_NE(hash_of(R"({"input":")" + shorter + R"(one"})"),
            hash_of(R"({"input":")" + shorter + R"(two"})"));
}

TEST(PromptHash, InstructionsComeFirstWhereverTheyStand) {
  const std::string instructions(1200, 'i');
  EXPECT_EQ(hash_of(R"({"input":"one","instructions":")" + instructions + R"("})"),
            hash_of(R"({"instructions":")" + instructions + R"(","input":"two"})"));
  EXPECT_NE(hash_of(R"({"input":"one","instructions":"short"})"),
            hash_of(R"({"input":"two","instructions":"short"})"));
}

TEST(PromptHash, IsTheSameOnEveryMachine) {
  EXPECT_EQ(hash_of(R"({"prompt":"Once upon a time"})"), 0x8483403455f26819ULL);
}

std::uint64_t characters_of(const std::string& body) {
  const RequestFacts facts = read_request_facts(body);
  EXPECT_TRUE(facts.is_json_object) << body;
  return measure_prompt(body).characters;
}

TEST(PromptCharacters, AreThoseOfTheStringsOfThePrompt) {
  EXPECT_EQ(characters_of(R"({"model":"m","user":"somebody"})"), 0U);
  EXPECT_EQ(characters_of(R"({"input":"12345"})"), 5U);
  EXPECT_EQ(characters_of(R"({"instructions":"12345","input":"678"})"), 8U);
  EXPECT_EQ(characters_of(R"({"messages":[{"role":"user","content":"hello"}]})"), 9U);
  EXPECT_EQ(characters_of(R"({"prompt":["ab","cd"]})"), 4U);
}

TEST(PromptCharacters, AreCharactersNotBytes) {
  EXPECT_EQ(characters_of("{\"input\":\"d\xC3\xA9j\xC3\xA0\"}"), 4U);
  EXPECT_EQ(characters_of(R"({"input":"a\nb\u00e9\\"})"), 5U);
  std::string text;
  for (int i = 0; i < 5'000; ++i)
    text += "\xE6\xBC\xA2";
  EXPECT_EQ(characters_of("{\"input\":\"" + text + "\"}"), 5'000U);
}

TEST(PromptCharacters, OfTokensAlreadyMadeAreFourEach) {
  EXPECT_EQ(characters_of(R"({"input":[[1,22,333],[4]]})"), 16U);
  EXPECT_EQ(characters_of(R"({"input":[true,null]})"), 0U);
}

TEST(PromptCharacters, LeaveOutWhatIsNoText) {
  const std::string long_text(1'000, 'A');
  EXPECT_EQ(
      characters_of(R"({"input":[{"image_url":"data:image/png;base64,)" + long_text + R"("}]})"),
      0U);
  for (const std::string name : {"data", "file_data", "image_data", "encrypted_content"}) {
    EXPECT_EQ(characters_of("{\"input\":[{\"" + name + "\":\"" + long_text + "\"}]}"), 0U) << name;
    EXPECT_EQ(characters_of("{\"input\":[{\"" + name + "\":\"short\"}]}"), 5U) << name;
  }
  EXPECT_EQ(characters_of(R"({"input":[{"text":")" + long_text + R"("}]})"), 1'000U);
}

}  // namespace
}  // namespace spillway::aoai
