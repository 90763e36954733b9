#include "brace_kind.hpp"
#include "rules.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::tidy {
namespace {

constexpr std::size_t kMaxFunctionLines = 70;
constexpr std::size_t kMaxParameters = 6;
constexpr std::size_t kMaxNesting = 4;

/// The offset of the parenthesis that opens the parameters in `head`; npos if it declares no
/// function.
std::size_t find_parameters(std::string_view head) {
  std::size_t angles = 0;
  for (std::size_t at = 0; at < head.size(); ++at) {
    const auto rest = head.substr(at);
    if (rest.starts_with("operator") && (at == 0 || !is_word_char(head[at - 1]))) {
      const auto call = rest.find("()");
      const auto open = rest.find('(');
      const bool is_call = call != std::string_view::npos && call == open;
      const auto found = is_call ? rest.find('(', call + 2) : open;
      return found == std::string_view::npos ? found : at + found;
    }
    if (rest.starts_with("->")) {
      ++at;
    } else if (head[at] == '<') {
      ++angles;
    } else if (head[at] == '>' && angles > 0) {
      --angles;
    } else if (head[at] == '=' && angles == 0) {
      return std::string_view::npos;
    } else if (head[at] == '(' && angles == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

std::size_t count_parameters(std::string_view head, std::size_t open) {
  std::size_t depth = 0;
  std::size_t commas = 0;
  for (auto at = open; at < head.size(); ++at) {
    const char c = head[at];
    if (c == '(' || c == '<' || c == '{' || c == '[') {
      ++depth;
    } else if (c == ')' || c == '}' || c == ']' || (c == '>' && head[at - 1] != '-')) {
      if (--depth == 0) {
        const bool is_empty = trimmed(head.substr(open + 1, at - open - 1)).empty();
        return is_empty ? 0 : commas + 1;
      }
    } else if (c == ',' && depth == 1) {
      ++commas;
    }
  }
  return 0;
}

/// Walks the code brace by brace and measures each function of a namespace or a class.
class FunctionWalker {
 public:
  explicit FunctionWalker(const SourceFile& file) : file_(file), code_(file.code) {}

  Findings run() {
    frames_.push_back({BraceKind::scope, 0});
    for (std::size_t at = 0; at < code_.size(); ++at) {
      step(at);
    }
    return std::move(findings_);
  }

 private:
  struct Frame {
    BraceKind kind;
    std::size_t head;  // where the statement being read began
    std::size_t parens = 0;
    std::optional<std::size_t> function =
        std::nullopt;  // where the function began whose body this is
  };

  void step(std::size_t at) {
    auto& frame = frames_.back();
    switch (code_[at]) {
      case '(':
        ++frame.parens;
        break;
      case ')':
        frame.parens -= frame.parens > 0 ? 1U : 0U;
        break;
      case '{':
        open(at);
        break;
      case '}':
        close(at);
        break;
      case ';':
        if (frame.parens == 0 && frame.kind != BraceKind::initialiser) {
          check_parameters(head_until(at), at);
          frame.head = at + 1;
        }
        break;
      default:
        break;
    }
  }

  [[nodiscard]] std::string_view head_until(std::size_t at) const {
    const auto head = frames_.back().head;
    return std::string_view(code_).substr(head, at - head);
  }
  [[nodiscard]] bool is_in_function() const {
    return std::any_of(frames_.begin(), frames_.end(),
                       [](const Frame& frame) { return frame.function.has_value(); });
  }

  void open(std::size_t at) {
    const auto head = head_until(at);
    Frame frame{kind_of_brace(head, frames_.back().parens), at + 1};
    const bool is_body = frame.kind == BraceKind::block || frame.kind == BraceKind::lambda;
    if (is_body && !is_in_function()) {
      check_parameters(head, at);
      const auto text = without_prefixes(head);
      frame.function = text.empty() ? at : static_cast<std::size_t>(text.data() - code_.data());
    } else if (frame.kind == BraceKind::block && nesting() == kMaxNesting) {
      add(at, "nesting", "more than 4 levels: return early, or give the inner part a name");
    }
    frames_.push_back(frame);
  }

  void close(std::size_t at) {
    if (frames_.size() == 1) {
      return;
    }
    const auto frame = frames_.back();
    frames_.pop_back();
    if (frame.function) {
      check_length(*frame.function, at);
    }
    // An initialiser or a lambda is a part of its statement; a block or a scope ends it.
    if (frame.kind == BraceKind::block || frame.kind == BraceKind::scope) {
      frames_.back().head = at + 1;
      frames_.back().parens = 0;
    }
  }

  /// Blocks opened inside the function or lambda whose body is being read.
  [[nodiscard]] std::size_t nesting() const {
    std::size_t levels = 0;
    for (auto frame = frames_.rbegin(); frame != frames_.rend() && !frame->function; ++frame) {
      if (frame->kind == BraceKind::lambda) break;
      levels += frame->kind == BraceKind::block ? 1U : 0U;
    }
    return levels;
  }

  void check_parameters(std::string_view head, std::size_t at) {
    if (is_in_function()) {
      return;
    }
    const auto declaration = without_prefixes(head);
    const auto open = find_parameters(declaration);
    const auto count = open == std::string_view::npos ? 0 : count_parameters(declaration, open);
    if (count > kMaxParameters) {
      add(at, "parameters", std::to_string(count) + " parameters, at most 6: make them a struct");
    }
  }

  void check_length(std::size_t from, std::size_t to) {
    const auto lines = line_of(code_, to) - line_of(code_, from) + 1;
    if (lines > kMaxFunctionLines) {
      add(from, "function",
          std::to_string(lines) + " lines, at most 70: name its steps and call them");
    }
  }

  void add(std::size_t at, std::string rule, std::string message) {
    findings_.push_back({file_.path, line_of(code_, at), std::move(rule), std::move(message)});
  }

  const SourceFile& file_;
  const std::string& code_;
  std::vector<Frame> frames_;
  Findings findings_;
};

}  // namespace

Findings check_functions(const SourceFile& file) {
  return is_cpp(file.path) ? FunctionWalker(file).run() : Findings{};
}

}  // namespace spillway::tidy
