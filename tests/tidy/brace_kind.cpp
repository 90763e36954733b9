#include "brace_kind.hpp"

#include "source_file.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace spillway::tidy {
namespace {

constexpr auto kNowhere = std::string_view::npos;

constexpr std::array<std::string_view, 6> kScopeWords{"namespace", "class", "struct",
                                                      "union",     "enum",  "extern"};
constexpr std::array<std::string_view, 10> kBlockEnds{"else",     "do",       "try",   "const",
                                                      "noexcept", "override", "final", "mutable",
                                                      "volatile", "default"};

std::string_view first_word_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_word_char(text[end])) {
    ++end;
  }
  return text.substr(0, end);
}

bool opens_scope(std::string_view head) {
  head = without_prefixes(head);
  for (const std::string_view word : {"inline", "static", "typedef", "constexpr"}) {
    if (first_word_of(head) == word) {
      head = trimmed(head.substr(word.size()));
    }
  }
  const auto word = first_word_of(head);
  return std::find(kScopeWords.begin(), kScopeWords.end(), word) != kScopeWords.end();
}

std::string_view skip_template(std::string_view head) {
  const auto open = head.find('<');
  std::size_t depth = 0;
  for (auto at = open; at < head.size(); ++at) {
    depth += head[at] == '<' ? 1U : 0U;
    depth -= head[at] == '>' ? 1U : 0U;
    if (depth == 0) {
      return trimmed(head.substr(at + 1));
    }
  }
  return {};
}

/// Cuts `noexcept`, `mutable`, `-> Type` from the end, so that what ends a declarator remains.
std::string_view without_suffixes(std::string_view head) {
  const auto close = head.rfind(')');
  const auto arrow = head.rfind("->");
  if (arrow != kNowhere && (close == kNowhere || arrow > close)) {
    head = trimmed(head.substr(0, arrow));
  }
  for (const std::string_view word : {"noexcept", "mutable", "constexpr"}) {
    if (ends_with_word(head, word)) {
      head = trimmed(head.substr(0, head.size() - word.size()));
    }
  }
  return head;
}

/// `Foo() : a_{1}, b_` before a brace: the brace initialises b_.
bool is_in_member_list(std::string_view head) {
  const auto close = head.rfind(')');
  auto rest = close == kNowhere ? std::string_view() : head.substr(close + 1);
  for (auto at = rest.find(':'); at != kNowhere; at = rest.find(':', at + 1)) {
    if (rest.substr(at, 2) != "::") {
      return true;
    }
    ++at;
  }
  return rest.starts_with(",") || trimmed(rest).starts_with(",");
}

bool has_trailing_return(std::string_view head) {
  const auto arrow = head.rfind("->");
  return arrow != kNowhere && arrow > 0 && trimmed(head.substr(0, arrow)).ends_with(')');
}

bool opens_block(std::string_view head) {
  if (head.empty() || head.ends_with(')') || head.ends_with(':') || head.ends_with('}')) {
    return true;
  }
  return std::any_of(kBlockEnds.begin(), kBlockEnds.end(),
                     [&](std::string_view word) { return ends_with_word(head, word); }) ||
         (has_trailing_return(head) && !is_in_member_list(head));
}

}  // namespace

std::string_view without_prefixes(std::string_view head) {
  for (;;) {
    head = trimmed(head);
    const auto word = first_word_of(head);
    const auto rest = trimmed(head.substr(word.size()));
    if (word == "template") {
      head = skip_template(rest);
    } else if ((word == "public" || word == "private" || word == "protected") &&
               rest.starts_with(':') && !rest.starts_with("::")) {
      head = rest.substr(1);
    } else if (head.starts_with("[[") && head.find("]]") != kNowhere) {
      head = head.substr(head.find("]]") + 2);
    } else {
      return head;
    }
  }
}

std::size_t find_opening(std::string_view head, std::size_t close) {
  std::size_t depth = 0;
  for (auto at = close + 1; at-- > 0;) {
    const char c = head[at];
    depth += c == ')' || c == ']' || c == '}' ? 1U : 0U;
    if (c == '(' || c == '[' || c == '{') {
      if (--depth == 0) {
        return at;
      }
    }
  }
  return kNowhere;
}

std::size_t find_lambda_introducer(std::string_view head) {
  head = without_suffixes(trimmed(head));
  if (head.ends_with(')')) {
    const auto open = find_opening(head, head.size() - 1);
    head = open == kNowhere ? std::string_view() : trimmed(head.substr(0, open));
  }
  if (!head.ends_with(']')) {
    return kNowhere;
  }
  const auto open = find_opening(head, head.size() - 1);
  if (open == kNowhere) {
    return kNowhere;
  }
  // A subscript follows a value, a structured binding follows auto: neither is a capture list.
  const auto before = trimmed(head.substr(0, open));
  const bool follows_value =
      !before.empty() &&
      (is_word_char(before.back()) || before.ends_with(')') || before.ends_with(']')) &&
      !ends_with_word(before, "return") && !ends_with_word(before, "co_return") &&
      !ends_with_word(before, "co_await");
  return follows_value || before.ends_with('[') ? kNowhere : open;
}

BraceKind kind_of_brace(std::string_view head, std::size_t open_parens) {
  head = trimmed(head);
  if (find_lambda_introducer(head) != kNowhere) {
    return BraceKind::lambda;
  }
  if (open_parens > 0) {
    return BraceKind::initialiser;
  }
  if (opens_scope(head)) {
    return BraceKind::scope;
  }
  return opens_block(head) && !head.ends_with('=') ? BraceKind::block : BraceKind::initialiser;
}

}  // namespace spillway::tidy
