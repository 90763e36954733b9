// Each rule must refuse a failing sample and pass its neighbour: a rule that never fires is no
// rule.
#include "allow_list.hpp"
#include "rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::tidy {
namespace {

std::string rules_broken_by(const std::string& path, const std::string& text) {
  std::string rules;
  for (const auto& finding : check_file(make_source_file(path, text))) {
    rules += (rules.empty() ? "" : " ") + finding.rule;
  }
  return rules;
}

std::string in_source(const std::string& text) {
  return rules_broken_by("src/net/a.cpp", text);
}

std::string statement(const std::string& text) {
  return in_source("namespace n {\nTask<int> f(std::string s) {\n  " + text + "\n}\n}\n");
}

std::string repeat(const std::string& line, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += line;
  }
  return text;
}

TEST(Layers, RefusesAnIncludeUpwards) {
  EXPECT_EQ(rules_broken_by("src/net/a.cpp", "#include <spillway/http/limits.hpp>\n"), "layers");
  EXPECT_EQ(rules_broken_by("src/routing/a.cpp", "#include <spillway/net/task.hpp>\n"), "layers");
  EXPECT_EQ(rules_broken_by("src/upstream/a.cpp", "#include <spillway/routing/pool.hpp>\n"),
            "layers");
  EXPECT_EQ(rules_broken_by("src/admin/a.cpp", "#include <spillway/gateway/session.hpp>\n"),
            "layers");
  EXPECT_EQ(rules_broken_by("src/simulator/a.cpp", "#include <spillway/http/message.hpp>\n"),
            "layers");
}

TEST(Layers, PassesAnIncludeDownwardsOrOfTheModuleItself) {
  EXPECT_EQ(rules_broken_by("src/http/a.cpp", "#include <spillway/net/task.hpp>\n"), "");
  EXPECT_EQ(rules_broken_by("src/http/a.cpp", "#include <spillway/http/limits.hpp>\n"), "");
  EXPECT_EQ(rules_broken_by("src/routing/a.cpp", "#include <spillway/aoai/usage.hpp>\n"), "");
}

TEST(Layers, KeepsIoOutOfPureModules) {
  EXPECT_EQ(rules_broken_by("src/routing/a.cpp", "#include <boost/asio/buffer.hpp>\n"), "layers");
  EXPECT_EQ(rules_broken_by("src/aoai/a.cpp", "#include <boost/beast/core.hpp>\n"), "layers");
  EXPECT_EQ(rules_broken_by("src/base/a.cpp", "#include <openssl/ssl.h>\n"), "layers");
  EXPECT_EQ(rules_broken_by("src/routing/a.cpp", "#include <boost/system/result.hpp>\n"), "");
}

TEST(Layers, KeepsHeavyHeadersOutOfHeaders) {
  const std::string head = "#pragma once\n// What this is.\n";
  const std::string path = "include/spillway/config/a.hpp";
  EXPECT_EQ(rules_broken_by(path, head + "#include <nlohmann/json.hpp>\n"), "layers");
  EXPECT_EQ(rules_broken_by(path, head + "#include <yaml-cpp/yaml.h>\n"), "layers");
  EXPECT_EQ(rules_broken_by(path, head + "#include <nlohmann/json_fwd.hpp>\n"), "");
}

TEST(Layers, RefusesAModuleThatTheArchitectureDoesNotKnow) {
  EXPECT_EQ(rules_broken_by("src/common/a.cpp", ""), "layers");
}

TEST(Lengths, RefusesLongLinesAndFiles) {
  EXPECT_EQ(in_source("// " + std::string(98, 'x') + "\n"), "line");
  EXPECT_EQ(in_source("// " + std::string(97, 'x') + "\n"), "");
  EXPECT_EQ(in_source("// " + repeat("é", 97) + "\n"), "");
  EXPECT_EQ(in_source(repeat("//\n", 401)), "file");
  EXPECT_EQ(in_source(repeat("//\n", 400)), "");
  EXPECT_EQ(rules_broken_by("tests/unit/net/a_test.cpp", repeat("//\n", 401)), "");
  EXPECT_EQ(rules_broken_by("tests/unit/net/a_test.cpp", repeat("//\n", 801)), "file");
}

TEST(Functions, RefusesLongOnes) {
  const std::string body = repeat("  step();\n", 68);
  EXPECT_EQ(in_source("namespace n {\nvoid f() {\n" + body + "}\n}\n"), "");
  EXPECT_EQ(in_source("namespace n {\nvoid f() {\n" + body + "  step();\n}\n}\n"), "function");
  EXPECT_EQ(in_source("struct S {\n  S() : a_{1}, b_{2} {\n" + body + "  step();\n  }\n};\n"),
            "function");
  EXPECT_EQ(in_source("auto n::f() -> std::string {\n" + body + "  step();\n}\n"), "function");
  EXPECT_EQ(in_source("bool operator<(A a, B b) {\n" + body + "  step();\n}\n"), "function");
}

TEST(Functions, DoesNotTakeATableForAFunction) {
  EXPECT_EQ(in_source("constexpr std::array kTable{\n" + repeat("  Row{1, f(2)},\n", 90) + "};\n"),
            "");
  EXPECT_EQ(in_source("class C {\n" + repeat("  void f();\n", 90) + "};\n"), "");
}

TEST(Functions, RefusesManyParameters) {
  EXPECT_EQ(in_source("void f(int a, int b, int c, int d, int e, int g, int h);\n"), "parameters");
  EXPECT_EQ(in_source("void f(int a, int b, int c, int d, int e, int g, int h) {}\n"),
            "parameters");
  EXPECT_EQ(in_source("void f(int a, int b, int c, int d, int e, int g);\n"), "");
  EXPECT_EQ(in_source("void f(std::map<int, int> a, std::map<int, int> b, G<A, B, C> c);\n"), "");
}

TEST(Functions, RefusesDeepNesting) {
  const std::string deep = "if (a) {\nfor (;;) {\nwhile (b) {\nif (c) {\n";
  EXPECT_EQ(in_source("void f() {\n" + deep + "}}}}\n}\n"), "");
  EXPECT_EQ(in_source("void f() {\n" + deep + "if (d) {\n}}}}}\n}\n"), "nesting");
  EXPECT_EQ(in_source("void f() {\n" + deep + "g([] { if (d) {\n} });\n}}}}\n}\n"), "");
}

TEST(Names, RefusesWordsThatSayNothing) {
  EXPECT_EQ(rules_broken_by("src/net/string_utils.cpp", ""), "name");
  EXPECT_EQ(rules_broken_by("src/net/connection_manager.cpp", ""), "name");
  EXPECT_EQ(in_source("class PoolManager {};\n"), "name");
  EXPECT_EQ(in_source("struct RequestInfo {};\n"), "name");
  EXPECT_EQ(in_source("class UtilizationMeter {};\n"), "");
}

TEST(Banned, RefusesCallsThatHaveAReplacement) {
  EXPECT_EQ(in_source("auto x = asio::detached;\n"), "banned");
  EXPECT_EQ(in_source("#include <boost/asio/experimental/awaitable_operators.hpp>\n"), "banned");
  EXPECT_EQ(in_source("asio::experimental::make_parallel_group(a, b);\n"), "banned");
  EXPECT_EQ(in_source("asio::cancellation_signal signal;\n"), "banned");
  EXPECT_EQ(in_source("base::Result<bool> is_there();\n"), "banned");
  EXPECT_EQ(in_source("beast::tcp_stream stream;\n"), "banned");
  EXPECT_EQ(in_source("asio::co_spawn(a, b, c);\n"), "banned");
  EXPECT_EQ(in_source("http::async_read(a, b, c);\n"), "banned");
  EXPECT_EQ(in_source("void f() { std::cout << 1; }\n"), "banned");
  EXPECT_EQ(rules_broken_by("tests/unit/net/a_test.cpp", "std::this_thread::sleep_for(1s);\n"),
            "banned");
}

TEST(Banned, PassesThemWhereTheyBelongAndInComments) {
  EXPECT_EQ(rules_broken_by("src/net/task_group.cpp", "asio::co_spawn(a, b, c);\n"), "");
  EXPECT_EQ(rules_broken_by("src/net/read_ahead.cpp", "asio::co_spawn(a, b, c);\n"), "");
  EXPECT_EQ(rules_broken_by("src/simulator/a.cpp", "beast::tcp_stream stream;\n"), "");
  EXPECT_EQ(in_source("// no sleep_for here\nauto s = \"std::cout\";\n"), "");
}

TEST(Header, WantsAGuardAndASentence) {
  const std::string path = "include/spillway/net/a.hpp";
  EXPECT_EQ(rules_broken_by(path, "#pragma once\n#include <string>\n"), "header");
  EXPECT_EQ(rules_broken_by(path, "// What this is.\n"), "header");
  EXPECT_EQ(rules_broken_by(path, "#pragma once\n// What this is.\n"), "");
}

TEST(Header, RefusesUsingNamespace) {
  const std::string head = "#pragma once\n// What this is.\n";
  EXPECT_EQ(rules_broken_by("include/spillway/net/a.hpp", head + "using namespace std;\n"),
            "header");
  EXPECT_EQ(in_source("using namespace std::chrono_literals;\n"), "");
}

TEST(Using, RefusesANameThatNothingUses) {
  EXPECT_EQ(in_source("using base::Duration;\n"), "using");
  EXPECT_EQ(in_source("using std::chrono::seconds;\nint milliseconds = 1;\n"), "using");
  EXPECT_EQ(in_source("using base::Duration;\nDuration d;\n"), "");
  EXPECT_EQ(in_source("using Time = base::SteadyTime;\nusing namespace n;\n"), "");
  EXPECT_EQ(in_source("struct S : Base {\n  using Base::Base;\n};\n"), "");
  const std::string head = "#pragma once\n// What this is.\n";
  EXPECT_EQ(rules_broken_by("include/spillway/net/a.hpp", head + "using base::Duration;\n"), "");
}

TEST(OpenEnds, NeedAnIssue) {
  EXPECT_EQ(in_source("// TODO: later\n"), "todo");
  EXPECT_EQ(in_source("// TODO(#12): later\n"), "");
  EXPECT_EQ(in_source("/* FIXME later */\n"), "todo");
  EXPECT_EQ(in_source("auto s = \"TODO\";\n"), "");
}

// The forms that failed under AddressSanitizer on GCC 12.2.
TEST(CoAwait, RefusesWhatGccMiscompiles) {
  for (const std::string form : {
           "x(co_await f(Options{s, 1, {}}));",
           "x(co_await f({.a = s, .b = 2}));",
           "co_await f(Agg{});",
           "co_await object.f(Agg{s, 1});",
           "co_await f({s, s, s});",
           "co_await f(std::vector<std::string>{s, s});",
           "Agg r{co_await f(), 2};",
           "x(co_await f([s]() -> Task<int> { co_return 1; }));",
           "x(co_await f([p = std::move(s)] { return 1; }));",
           "co_await f([&, s](int y) mutable { return y; });",
           "spawn(co_await this_executor, [s]() -> Task<void> { co_return; }, done);",
           "std::string r = c ? co_await f() : std::string(\"no\");",
           "if (co_await f(Agg{s})) { g(); }",
       }) {
    EXPECT_EQ(statement(form), "co_await") << form;
  }
}

TEST(CoAwait, PassesWhatIsRight) {
  for (const std::string form : {
           "Agg a{s, 1}; x(co_await f(std::move(a)));",
           "co_await f(WithConstructor(s, 1));",
           "auto [a, b] = co_await f();",
           "auto l = [p = std::move(s)] { return 1; }; co_await f(std::move(l));",
           "co_await f([&] { return g(Agg{1}); });",
           "co_await f([this, &s] { return 1; });",
           "co_return Agg{1, 2};",
           "if (auto r = co_await f(); r.ok) { g(Agg{1}); }",
           "for (char c : co_await f()) { g(Agg{c}); }",
           "while (co_await f()) { auto x = c ? 1 : 2; }",
           "auto g = [s]() -> Task<void> { co_await f(); };",
           "try { co_await f(); } catch (const Error& e) { g({1}); }",
           "switch (x) { case 1: { co_await f(); break; } default: g({1}); }",
           "a[i] = co_await f();",
       }) {
    EXPECT_EQ(statement(form), "") << form;
  }
}

TEST(AllowListTest, ExcusesWithAReasonAndReportsWhatIsStale) {
  const Findings findings{{"src/net/a.cpp", 3, "line", "long"},
                          {"src/net/b.cpp", 3, "line", "long"}};
  AllowList list(
      "# comment\nsrc/net/a.cpp | line | a table of URLs\nsrc/net/c.cpp | line | gone\n");
  const auto left = list.filter(findings);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().path, "src/net/b.cpp");
  const auto complaints = list.complaints();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints.front().line, 3U);
}

TEST(AllowListTest, WantsAReason) {
  AllowList list("src/net/a.cpp | line |\n");
  EXPECT_EQ(list.filter({{"src/net/a.cpp", 3, "line", "long"}}).size(), 1U);
  EXPECT_EQ(list.complaints().size(), 1U);
}

}  // namespace
}  // namespace spillway::tidy
