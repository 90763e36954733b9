#include <spillway/net/certificate_choice.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::net {
namespace {

using Indexes = std::vector<std::size_t>;

const std::vector<std::vector<std::string>> kNames = {
    {"default.example"},
    {"*.example.com", "www.example.org"},
    {"api.example.com"},
    {"api.example.com", "*.example.com"},
    {"*", "f*.example.net", "a.*.example.net"},
};

TEST(CertificateChoice, exact_before_wildcard_before_the_first) {
  const std::vector<std::pair<std::string_view, Indexes>> rows = {
      {"default.example", {0}},
      {"www.example.org", {1}},
      {"api.example.com", {2, 3}},  // one name, two kinds of key
      {"other.example.com", {1, 3}},
      {"unknown.example", {0}},
      {"", {0}},
  };
  for (const auto& [name, expected] : rows)
    EXPECT_EQ(choose_certificates(kNames, name), expected) << name;
}

TEST(CertificateChoice, case_and_a_dot_at_the_end_do_not_matter) {
  EXPECT_EQ(choose_certificates(kNames, "API.Example.COM"), (Indexes{2, 3}));
  EXPECT_EQ(choose_certificates(kNames, "www.example.org."), (Indexes{1}));
  EXPECT_EQ(choose_certificates(kNames, "."), (Indexes{0}));
  EXPECT_EQ(choose_certificates(kNames, "www.example.org.."), (Indexes{0}));
}

TEST(CertificateChoice, a_wildcard_is_one_whole_label_on_the_left) {
  for (const char* name : {"example.com", "a.b.example.com", ".example.com", "foo.example.net",
                           "a.b.example.net", "localhost"}) {
    EXPECT_EQ(choose_certificates(kNames, name), (Indexes{0})) << name;
  }
}

TEST(CertificateChoice, one_certificate_answers_for_everything) {
  EXPECT_EQ(choose_certificates({{}}, "any.example"), (Indexes{0}));
  EXPECT_EQ(choose_certificates({{}}, ""), (Indexes{0}));
}

}  // namespace
}  // namespace spillway::net
