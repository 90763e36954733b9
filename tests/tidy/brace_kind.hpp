#pragma once
// What an opening brace of C++ opens, told from the text of its statement up to it. Textual on
// purpose: a quick judgement that is right for this project's style is enough for a rule.

#include <cstddef>
#include <string_view>

namespace spillway::tidy {

enum class BraceKind {
  scope,   // namespace, class, struct, union, enum, extern "C"
  block,   // a function's body, a control statement's, or a bare block
  lambda,  // a lambda's body
  initialiser,
};

/// `head`: the statement so far, without the brace; `open_parens`: how many of its parentheses are
/// open.
BraceKind kind_of_brace(std::string_view head, std::size_t open_parens);

/// Where the capture list of the lambda begins whose body opens behind `head`; npos if none does.
std::size_t find_lambda_introducer(std::string_view head);

/// `head` without leading template<...>, access specifiers and attributes.
std::string_view without_prefixes(std::string_view head);

/// The offset of the bracket that `head[close]` closes; npos if there is none.
std::size_t find_opening(std::string_view head, std::size_t close);

}  // namespace spillway::tidy
