#include "simulator/key_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::vector<std::string> published(KeyRing& keys) {
  std::vector<std::string> ids;
  const auto document = json::parse(keys.to_json(""));
  for (const auto& key : document["keys"])
    ids.push_back(key["kid"]);
  return ids;
}

TEST(KeyRing, ARolloverHasThreeSteps) {
  KeyRing keys;
  const auto first = keys.current().id();
  const auto second = keys.next().id();
  EXPECT_THAT(published(keys), ElementsAre(first));
  EXPECT_EQ(keys.publish_next(), second);
  EXPECT_THAT(published(keys), ElementsAre(first, second));
  EXPECT_EQ(keys.current().id(), first);
  EXPECT_EQ(keys.use_next(), second);
  EXPECT_EQ(keys.current().id(), second);
  EXPECT_THAT(published(keys), ElementsAre(first, second));
  keys.remove_old();
  EXPECT_THAT(published(keys), ElementsAre(second));
  EXPECT_NE(keys.next().id(), second);
}

TEST(KeyRing, AnEmergencyLeavesNoOldKey) {
  KeyRing keys;
  const auto first = keys.current().id();
  keys.add(SignatureAlgorithm::es256);
  const auto replacement = keys.replace_all();
  EXPECT_THAT(published(keys), ElementsAre(replacement));
  EXPECT_NE(replacement, first);
  // It still signs what asks for it, as a thief would.
  EXPECT_EQ(keys.find(first).id(), first);
}

TEST(KeyRing, TheOtherKeyIsNobodys) {
  KeyRing keys;
  keys.other();
  keys.replace_all();
  EXPECT_THAT(published(keys), ElementsAre(keys.current().id()));
}

TEST(KeyRing, KeysAreAddedAndRemoved) {
  KeyRing keys;
  const auto added = keys.add(SignatureAlgorithm::es256);
  const auto list = keys.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].role, "current");
  EXPECT_EQ(list[1].id, added);
  EXPECT_EQ(list[1].role, "added");
  keys.remove(added);
  EXPECT_FALSE(keys.list()[1].is_published);
  keys.remove(keys.current().id());
  EXPECT_THAT(published(keys), ElementsAre());
  EXPECT_THROW(keys.remove("nobody"), std::invalid_argument);
  EXPECT_THROW(keys.find("nobody"), std::invalid_argument);
}

TEST(KeyRing, FillerMakesASetOfManyKeys) {
  KeyRing keys;
  keys.set_filler(500);
  const auto document = json::parse(keys.to_json("https://issuer.test/v2.0"));
  ASSERT_EQ(document["keys"].size(), 501U);
  EXPECT_EQ(document["keys"][500]["issuer"], "https://issuer.test/v2.0");
  EXPECT_EQ(document["keys"][500]["n"].get<std::string>().size(), 342U);
  EXPECT_FALSE(json::parse(keys.to_json(""))["keys"][0].contains("issuer"));
}

}  // namespace
}  // namespace spillway::simulator
