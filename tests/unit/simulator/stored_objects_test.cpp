#include "simulator/stored_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

StoredObject object(const std::string& body) {
  StoredObject made;
  made.body = body;
  return made;
}

TEST(StoredObjects, AreListedBelowTheirCollectionInTheOrderTheyWereMade) {
  StoredObjects objects;
  objects.put("files/b", object("1"));
  objects.put("files/a", object("2"));
  objects.put("files/a/content", object("3"));
  objects.put("filesystem/x", object("4"));
  EXPECT_THAT(objects.list("files"), testing::ElementsAre("1", "2"));
}

TEST(StoredObjects, ErasingTakesWhatLiesBelow) {
  StoredObjects objects;
  Sight sight;
  objects.put("threads/t", object("t"));
  objects.put("threads/t/messages/m", object("m"));
  objects.put("threads/t2", object("t2"));
  objects.erase("threads/t");
  EXPECT_EQ(objects.find("threads/t", sight), nullptr);
  EXPECT_EQ(objects.find("threads/t/messages/m", sight), nullptr);
  EXPECT_NE(objects.find("threads/t2", sight), nullptr);
}

TEST(StoredObjects, LagHidesWhatWasMadeAMomentAgo) {
  StoredObjects objects;
  Sight sight;
  sight.now = SteadyTime(milliseconds(1'000));
  auto late = object("x");
  late.known_from = sight.now + milliseconds(200);
  objects.put("responses/r", late);
  EXPECT_EQ(objects.find("responses/r", sight), nullptr);
  sight.now += milliseconds(200);
  EXPECT_NE(objects.find("responses/r", sight), nullptr);
}

TEST(StoredObjects, TellsWhenItHidAKnownId) {
  StoredObjects objects;
  Sight sight;
  sight.hides_ids = true;
  EXPECT_EQ(objects.find("responses/r", sight), nullptr);
  EXPECT_FALSE(sight.has_hidden);
  objects.put("responses/r", object("x"));
  EXPECT_EQ(objects.find("responses/r", sight), nullptr);
  EXPECT_TRUE(sight.has_hidden);
}

TEST(StoredObjects, TheOldestGoesWhenThereAreTooMany) {
  StoredObjects objects;
  Sight sight;
  for (std::size_t i = 0; i <= StoredObjects::kObjectsKept; ++i)
    objects.put("files/" + std::to_string(i), object("x"));
  EXPECT_EQ(objects.find("files/0", sight), nullptr);
  EXPECT_NE(objects.find("files/1", sight), nullptr);
  EXPECT_EQ(objects.list("files").size(), StoredObjects::kObjectsKept);
}

}  // namespace
}  // namespace spillway::simulator
