// How the four balances behave under a slow, a throttled, a recovering member: virtual traffic on a
// clock moved by hand. The tables of docs/balancing.md are made here, and held true.
#include "traffic.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace spillway::routing::test {
namespace {

using config::Balance;

constexpr std::array kBalances = {Balance::random, Balance::round_robin, Balance::least_requests,
                                  Balance::headroom};
const std::vector<MemberSpec> kThreeEqual = {{"a"}, {"b"}, {"c"}};

std::string name_of(Balance balance) {
  constexpr std::array<std::string_view, 4> names = {"random", "round_robin", "least_requests",
                                                     "headroom"};
  return "`" + std::string(names.at(static_cast<std::size_t>(balance))) + "`";
}

// Figures from what a run has left behind.

bool began_in(const Ended& ended, const Span& span) {
  return span.holds(at(ended.began));
}

int percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<int>((200 * part + whole) / (2 * whole));
}

/// Of the requests that began in the span and were answered well, how many percent by the member.
int share_of(const Record& record, std::size_t member, const Span& span) {
  int mine = 0;
  int all = 0;
  for (const Ended& ended : record.ends) {
    if (ended.status != 200 || !began_in(ended, span)) continue;
    ++all;
    if (ended.member == member) ++mine;
  }
  return percent(mine, all);
}

std::size_t refused(const Record& record) {
  return static_cast<std::size_t>(std::count_if(record.ends.begin(), record.ends.end(),
                                                [](const Ended& e) { return e.status != 200; }));
}

std::size_t calls_with(const Record& record, std::size_t member, unsigned status) {
  return static_cast<std::size_t>(std::count_if(
      record.calls.begin(), record.calls.end(),
      [&](const Called& call) { return call.member == member && call.status == status; }));
}

unsigned peak_of(const Record& record, std::size_t member, const Span& span) {
  unsigned peak = 0;
  for (const Called& call : record.calls) {
    if (call.member == member && span.holds(at(call.when))) peak = std::max(peak, call.in_flight);
  }
  return peak;
}

std::int64_t mean_milliseconds(const Record& record, const Span& span) {
  Duration sum{};
  std::int64_t count = 0;
  for (const Ended& ended : record.ends) {
    if (!began_in(ended, span)) continue;
    sum += ended.took;
    ++count;
  }
  return sum / 1ms / count;
}

/// When the breaker of the first member closed: its first call in the span that went well.
Duration first_good_call(const Record& record, Duration from) {
  for (const Called& call : record.calls) {
    if (call.member == 0 && call.status == 200 && call.when >= from) return call.when;
  }
  return from;
}

// The stories.

constexpr Span kSteady = {20s, 120s};  // when the beginning is forgotten

Record healthy(Balance balance, Duration gap) {
  Traffic traffic({{"a", 1, 5}, {"b", 1, 3}, {"c", 1, 2}}, balance);
  return traffic.run(0s, gap * 12000, gap);
}

Record one_slow(Balance balance) {
  Traffic traffic(kThreeEqual, balance);
  traffic.models[0].latency = 5s;
  return traffic.run(0s, 120s, 10ms);
}

// Each could have 33 requests a second; the first has room for 20, the others for 60.
Record one_small(Balance balance) {
  Traffic traffic(kThreeEqual, balance);
  traffic.models[0].limit = 200;
  traffic.models[1].limit = 600;
  traffic.models[2].limit = 600;
  return traffic.run(0s, 120s, 10ms);
}

Record one_barred(Balance balance) {
  Traffic traffic(kThreeEqual, balance);
  traffic.models[0].barred = {20s, 50s};
  return traffic.run(0s, 120s, 10ms);
}

Record one_recovering(Balance balance) {
  Traffic traffic(kThreeEqual, balance);
  traffic.models[0].sick = {20s, 50s};
  return traffic.run(0s, 120s, 10ms);
}

using Story = Record (*)(Balance);

Record healthy_and_busy(Balance balance) {
  return healthy(balance, 10ms);
}

Record healthy_and_idle(Balance balance) {
  return healthy(balance, 500ms);
}

/// Each story is told once: the tests and the tables look at the same figures.
const Record& told(Story story, Balance balance) {
  static std::map<std::pair<Story, Balance>, Record> stories;
  const auto [found, is_new] = stories.try_emplace({story, balance});
  if (is_new) found->second = story(balance);
  return found->second;
}

class EveryBalance : public testing::TestWithParam<Balance> {};

INSTANTIATE_TEST_SUITE_P(Balancing, EveryBalance, testing::ValuesIn(kBalances),
                         [](const auto& tested) {
                           const std::string name = name_of(tested.param);
                           return name.substr(1, name.size() - 2);
                         });

TEST_P(EveryBalance, SharesByWeightAmongTheHealthy) {
  for (const Story story : {healthy_and_idle, healthy_and_busy}) {
    const Record& record = told(story, GetParam());
    const Span all = {0s, 10h};
    EXPECT_NEAR(share_of(record, 0, all), 50, 7);
    EXPECT_NEAR(share_of(record, 1, all), 30, 5);
    EXPECT_NEAR(share_of(record, 2, all), 20, 5);
    EXPECT_EQ(refused(record), 0U);
  }
}

TEST_P(EveryBalance, NobodyIsRefusedWhileOthersHaveRoom) {
  for (const Story story : {one_slow, one_small, one_barred, one_recovering})
    EXPECT_EQ(refused(told(story, GetParam())), 0U);
}

TEST_P(EveryBalance, OnlyThoseThatLookAtLoadSpareASlowMember) {
  const Record& record = told(one_slow, GetParam());
  const bool looks = GetParam() == Balance::least_requests || GetParam() == Balance::headroom;
  if (looks) {
    EXPECT_LT(share_of(record, 0, kSteady), 10);
    EXPECT_LT(mean_milliseconds(record, kSteady), 900);
  } else {
    EXPECT_NEAR(share_of(record, 0, kSteady), 33, 3);
    EXPECT_GT(mean_milliseconds(record, kSteady), 1700);
  }
}

TEST_P(EveryBalance, OnlyHeadroomKeepsASmallMemberFromItsLimit) {
  const Record& record = told(one_small, GetParam());
  const std::size_t throttles = calls_with(record, 0, 429);
  if (GetParam() == Balance::headroom) {
    EXPECT_LE(throttles, 5U);
    EXPECT_GT(share_of(record, 0, kSteady), 12);
  } else {
    EXPECT_GT(throttles, 20U);
  }
  EXPECT_LE(share_of(record, 0, kSteady), 21);
}

TEST_P(EveryBalance, AThrottledMemberIsAskedOncePerRetryAfter) {
  const Record& record = told(one_barred, GetParam());
  EXPECT_LE(calls_with(record, 0, 429), 10U);  // those on their way, then one each 5 s
  EXPECT_GE(calls_with(record, 0, 429), 5U);
  EXPECT_NEAR(share_of(record, 0, {60s, 120s}), 33, 4);
}

TEST_P(EveryBalance, ARecoveringMemberIsBroughtBackSlowly) {
  const Record& record = told(one_recovering, GetParam());
  EXPECT_LE(calls_with(record, 0, 500), 15U);
  const Duration back = first_good_call(record, 50s);
  EXPECT_LE(back, 90s);
  const int first = share_of(record, 0, {back, back + 2s});
  const int middle = share_of(record, 0, {back + 4s, back + 6s});
  const int last = share_of(record, 0, {back + 11s, 120s});
  EXPECT_LT(first, 14);
  EXPECT_GT(middle, first);
  EXPECT_LT(middle, 28);
  EXPECT_NEAR(last, 33, 4);
}

// 400 conversations, one of which makes a third of all requests.
Record conversations(bool binds_prompts) {
  Traffic traffic(kThreeEqual, Balance::round_robin);
  traffic.binds_prompts = binds_prompts;
  traffic.next_prompt = [](base::Random& random) {
    return random.below(3) == 0 ? 1 : random.below(400);
  };
  return traffic.run(0s, 120s, 10ms);
}

/// How many percent of the requests find their prompt among the last 150 of their member.
int warm_share(const Record& record) {
  constexpr std::size_t remembered = 150;
  std::map<std::size_t, std::deque<std::uint64_t>> caches;
  int warm = 0;
  for (const Ended& ended : record.ends) {
    auto& cache = caches[ended.member];
    const auto found = std::find(cache.begin(), cache.end(), ended.prompt);
    if (found != cache.end()) {
      ++warm;
      cache.erase(found);
    }
    cache.push_front(ended.prompt);
    if (cache.size() > remembered) cache.pop_back();
  }
  return percent(warm, static_cast<std::int64_t>(record.ends.size()));
}

TEST(BalancingByPrompt, WarmsCachesAndKeepsTheLoadWithinItsBound) {
  const Record bound = conversations(true);
  EXPECT_GT(warm_share(bound), 85);
  EXPECT_LT(warm_share(conversations(false)), 70);
  for (const std::size_t member : {0U, 1U, 2U}) {
    EXPECT_LE(share_of(bound, member, kSteady), 44);
    EXPECT_GE(share_of(bound, member, kSteady), 20);
  }
}

// The tables.

using Rows = std::function<std::string(Balance)>;

std::string table(const std::string& head, std::size_t columns, const Rows& row) {
  std::string text = "| balance | " + head + " |\n|";
  for (std::size_t i = 0; i <= columns; ++i)
    text += " --- |";
  text += "\n";
  for (const Balance balance : kBalances)
    text += "| " + name_of(balance) + " | " + row(balance) + " |\n";
  return text;
}

std::string joined(std::initializer_list<std::string> cells) {
  std::string text;
  for (const std::string& cell : cells)
    text += (text.empty() ? "" : " | ") + cell;
  return text;
}

std::string shares(const Record& record, const Span& span) {
  std::string text;
  for (const std::size_t member : {0U, 1U, 2U})
    text += (member == 0 ? "" : " / ") + std::to_string(share_of(record, member, span)) + " %";
  return text;
}

std::string cell(auto number, const std::string& unit = "") {
  return std::to_string(number) + unit;
}

std::string weights_table() {
  return table("2 requests a second | 100 requests a second", 2, [](Balance balance) {
    const Span all = {0s, 10h};
    return joined({shares(told(healthy_and_idle, balance), all),
                   shares(told(healthy_and_busy, balance), all)});
  });
}

std::string slow_table() {
  return table(
      "share of the slow one | most in flight there | mean time of all requests", 3,
      [](Balance balance) {
        const Record& record = told(one_slow, balance);
        return joined({cell(share_of(record, 0, kSteady), " %"), cell(peak_of(record, 0, kSteady)),
                       cell(mean_milliseconds(record, kSteady), " ms")});
      });
}

std::string small_table() {
  return table("share of the small one | its 429s in two minutes | callers refused", 3,
               [](Balance balance) {
                 const Record& record = told(one_small, balance);
                 return joined({cell(share_of(record, 0, kSteady), " %"),
                                cell(calls_with(record, 0, 429)), cell(refused(record))});
               });
}

std::string barred_table() {
  return table(
      "its 429s in 30 s | share in the 10 s after | callers refused", 3, [](Balance balance) {
        const Record& record = told(one_barred, balance);
        const Duration back = first_good_call(record, 50s);
        return joined({cell(calls_with(record, 0, 429)),
                       cell(share_of(record, 0, {back, back + 10s}), " %"), cell(refused(record))});
      });
}

std::string recovering_table() {
  return table("its 500s | share after 0–2 s | 2–5 s | 5–10 s | 10–20 s | callers refused", 6,
               [](Balance balance) {
                 const Record& record = told(one_recovering, balance);
                 const Duration back = first_good_call(record, 50s);
                 const auto share = [&](Duration from, Duration until) {
                   return cell(share_of(record, 0, {back + from, back + until}), " %");
                 };
                 return joined({cell(calls_with(record, 0, 500)), share(0s, 2s), share(2s, 5s),
                                share(5s, 10s), share(10s, 20s), cell(refused(record))});
               });
}

std::string prompt_table() {
  std::string text =
      "| affinity | prompts found warm | share of each member | most in flight on one |\n"
      "| --- | --- | --- | --- |\n";
  for (const bool binds_prompts : {false, true}) {
    const Record record = conversations(binds_prompts);
    unsigned peak = 0;
    for (const std::size_t member : {0U, 1U, 2U})
      peak = std::max(peak, peak_of(record, member, kSteady));
    text += "| " +
            joined({binds_prompts ? "`prompt_cache`" : "none", cell(warm_share(record), " %"),
                    shares(record, kSteady), cell(peak)}) +
            " |\n";
  }
  return text;
}

TEST(BalancingTables, StandInTheDocumentation) {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/docs/balancing.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const auto& make :
       {weights_table, slow_table, small_table, barred_table, recovering_table, prompt_table}) {
    const std::string figures = make();
    std::cout << figures << "\n";
    EXPECT_NE(page.str().find(figures), std::string::npos) << "docs/balancing.md has not:\n"
                                                           << figures;
  }
}

}  // namespace
}  // namespace spillway::routing::test
