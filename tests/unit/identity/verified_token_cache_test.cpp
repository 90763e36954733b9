#include <spillway/base/text.hpp>
#include <spillway/identity/verified_token_cache.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace spillway::identity {
namespace {

std::shared_ptr<const AccessToken> token_about(const std::string& subject) {
  auto token = std::make_shared<AccessToken>();
  token->subject = subject;
  return token;
}

// Digests that fall into one shard.
TextDigest digest_number(std::uint8_t number) {
  TextDigest digest{};
  digest[0] = number;
  return digest;
}

TEST(VerifiedTokenCache, TheDigestIsSha256) {
  const TextDigest digest = digest_of("abc");
  EXPECT_EQ(base::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of("abc"), digest);
  EXPECT_NE(digest_of("abd"), digest);
  const TextDigest of_a_million = digest_of(std::string(1'000'000, 'a'));  // cdc76e5c…c7112cd0
  EXPECT_EQ(of_a_million[0], 0xCD);
  EXPECT_EQ(of_a_million[31], 0xD0);
}

TEST(VerifiedTokenCache, FindsWhatWasPutIn) {
  VerifiedTokenCache cache;
  EXPECT_EQ(cache.find(digest_of("a"), 1), nullptr);
  const auto token = token_about("a");
  cache.insert(digest_of("a"), 1, token);
  EXPECT_EQ(cache.find(digest_of("a"), 1), token);
  EXPECT_EQ(cache.find(digest_of("b"), 1), nullptr);
  cache.erase(digest_of("a"));
  cache.erase(digest_of("a"));
  EXPECT_EQ(cache.find(digest_of("a"), 1), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(VerifiedTokenCache, AnotherGenerationOfKeysEndsAnEntry) {
  VerifiedTokenCache cache;
  cache.insert(digest_of("a"), 1, token_about("a"));
  EXPECT_EQ(cache.find(digest_of("a"), 2), nullptr);
  EXPECT_EQ(cache.size(), 0U);
  cache.insert(digest_of("a"), 2, token_about("a"));
  cache.insert(digest_of("a"), 3, token_about("a, again"));
  EXPECT_EQ(cache.size(), 1U);
  ASSERT_NE(cache.find(digest_of("a"), 3), nullptr);
  EXPECT_EQ(cache.find(digest_of("a"), 3)->subject, "a, again");
}

TEST(VerifiedTokenCache, TheLeastRecentlyUsedGoesFirst) {
  VerifiedTokenCache cache(3 * 16);  // three a shard
  for (std::uint8_t i = 1; i <= 3; ++i)
    cache.insert(digest_number(i), 1, token_about(std::to_string(i)));
  EXPECT_NE(cache.find(digest_number(1), 1), nullptr);  // used
  cache.insert(digest_number(4), 1, token_about("4"));
  EXPECT_NE(cache.find(digest_number(1), 1), nullptr);
  EXPECT_EQ(cache.find(digest_number(2), 1), nullptr);
  EXPECT_NE(cache.find(digest_number(3), 1), nullptr);
  EXPECT_NE(cache.find(digest_number(4), 1), nullptr);
  EXPECT_EQ(cache.size(), 3U);
}

TEST(VerifiedTokenCache, NeverHoldsMoreThanItsCapacity) {
  VerifiedTokenCache cache(256);
  for (int i = 0; i < 5000; ++i)
    cache.insert(digest_of(std::to_string(i)), 1, token_about(""));
  EXPECT_LE(cache.size(), 256U);
  EXPECT_GE(cache.size(), 250U);
}

TEST(VerifiedTokenCache, ManyThreads) {
  VerifiedTokenCache cache(128);
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&cache, seed] {
      for (unsigned i = 0; i < 3000; ++i) {
        const std::string text = std::to_string((i * 7 + seed) % 200);
        const auto found = cache.find(digest_of(text), i / 1000);
        EXPECT_TRUE(!found || found->subject == text);
        cache.insert(digest_of(text), i / 1000, token_about(text));
        if (i % 50 == 0) cache.erase(digest_of(text));
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_LE(cache.size(), 128U);
}

}  // namespace
}  // namespace spillway::identity
