#include "simulator/references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

std::vector<std::string> paths_in(std::string_view body) {
  std::vector<std::string> paths;
  for (const auto& reference : references_in(body))
    paths.push_back(reference.path);
  return paths;
}

TEST(References, AreFoundWhereverTheyStand) {
  EXPECT_THAT(paths_in(R"({"previous_response_id":"r","conversation":{"id":"c"},
                           "tools":[{"vector_store_ids":["v1","v2"]}],
                           "input":[{"type":"item_reference","id":"m"},
                                    {"content":[{"type":"input_file","file_id":"f"}]}]})"),
              testing::UnorderedElementsAre("responses/r", "conversations/c", "vector_stores/v1",
                                            "vector_stores/v2", "items/m", "files/f"));
}

TEST(References, AreNotLookedForInMetadataNorInWhatIsNoJson) {
  EXPECT_THAT(paths_in(R"({"metadata":{"file_id":"f"},"previous_response_id":null})"),
              testing::IsEmpty());
  EXPECT_THAT(paths_in("nonsense"), testing::IsEmpty());
}

TEST(References, AnUnknownPreviousResponseIsA400AndAConversationA404) {
  StoredObjects objects;
  Sight sight;
  const auto refused = [&](std::string_view body) {
    return refuse_references(references_in(body), objects, sight).value_or(Reply{});
  };
  const auto previous = refused(R"({"previous_response_id":"r"})");
  EXPECT_EQ(previous.status, 400U);
  EXPECT_THAT(previous.body, testing::HasSubstr("previous_response_not_found"));
  EXPECT_EQ(refused(R"({"conversation":"c"})").status, 404U);
  objects.put("conversations/c", {});
  EXPECT_EQ(refused(R"({"conversation":"c"})").status, 200U);
}

}  // namespace
}  // namespace spillway::simulator
