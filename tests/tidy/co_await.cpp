// GCC 12.2 miscompiles some temporaries in a full expression that contains co_await: they are freed
// twice or never made (docs/toolchain-notes.md). This reads statement by statement and refuses the
// forms that failed under AddressSanitizer, and a few harmless neighbours.
#include "brace_kind.hpp"
#include "rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::tidy {
namespace {

// Stand-ins inside a statement for what was in braces; not characters of C++.
constexpr char kInitialiser = '\x01';
constexpr char kCapturingLambda = '\x02';
constexpr char kPlainLambda = '\x03';

/// Whether an entry of `[a, &b, c = d]` is held by value. `this` is a pointer, and harmless.
bool captures_by_value(std::string_view captures) {
  std::size_t depth = 0;
  bool at_start = true;
  for (std::size_t at = 0; at < captures.size(); ++at) {
    const char c = captures[at];
    depth += c == '(' || c == '{' || c == '<' ? 1U : 0U;
    depth -= (c == ')' || c == '}' || c == '>') && depth > 0 ? 1U : 0U;
    if (c == ',' && depth == 0) {
      at_start = true;
    } else if (at_start && c != ' ' && c != '\n') {
      if (c != '&' && !captures.substr(at).starts_with("this")) {
        return true;
      }
      at_start = false;
    }
  }
  return false;
}

class StatementWalker {
 public:
  explicit StatementWalker(const SourceFile& file) : file_(file), code_(file.code) {}

  Findings run() {
    frames_.emplace_back();
    for (std::size_t at = 0; at < code_.size(); ++at) {
      step(at);
    }
    return std::move(findings_);
  }

 private:
  struct Frame {
    BraceKind kind = BraceKind::scope;
    std::string statement;
    std::size_t begun = 0;
    std::size_t parens = 0;
    bool captures = false;  // a lambda that holds a copy
  };

  void step(std::size_t at) {
    auto& frame = frames_.back();
    const char c = code_[at];
    if (c == '{') {
      open(at);
    } else if (c == '}') {
      close(at);
    } else if (c == ';') {
      judge(frame);
      frame.statement.clear();
    } else {
      if (trimmed(frame.statement).empty()) {
        frame.begun = at;
      }
      frame.parens += c == '(' ? 1U : 0U;
      frame.parens -= c == ')' && frame.parens > 0 ? 1U : 0U;
      frame.statement += c;
    }
  }

  void open(std::size_t at) {
    auto& outer = frames_.back();
    Frame inner;
    inner.kind = kind_of_brace(outer.statement, outer.parens);
    if (inner.kind == BraceKind::lambda) {
      const auto head = trimmed(outer.statement);
      const auto start = find_lambda_introducer(head) + 1;
      inner.captures = captures_by_value(head.substr(start, head.find(']', start) - start));
    } else if (inner.kind != BraceKind::initialiser) {
      judge(outer);
      outer.statement.clear();
      outer.parens = 0;
    }
    inner.begun = at;
    frames_.push_back(std::move(inner));
  }

  void close(std::size_t /*at*/) {
    if (frames_.size() == 1) {
      return;
    }
    Frame inner = std::move(frames_.back());
    frames_.pop_back();
    auto& outer = frames_.back();
    if (inner.kind == BraceKind::initialiser) {
      outer.statement += kInitialiser;
      outer.statement += inner.statement;  // a co_await in there counts for the whole expression
      return;
    }
    judge(inner);
    if (inner.kind == BraceKind::lambda) {
      outer.statement += inner.captures ? kCapturingLambda : kPlainLambda;
    }
  }

  void judge(const Frame& frame) {
    const std::string_view text = frame.statement;
    if (find_word(text, "co_await").empty()) {
      return;
    }
    if (text.find(kInitialiser) != std::string_view::npos) {
      add(frame, "braces");
    }
    if (text.find(kCapturingLambda) != std::string_view::npos) {
      add(frame, "a lambda that captures by value");
    }
    if (text.find('?') != std::string_view::npos) {
      add(frame, "?:");
    }
  }

  void add(const Frame& frame, std::string_view form) {
    findings_.push_back({file_.path, line_of(code_, frame.begun), "co_await",
                         std::string(form) +
                             " in a statement with co_await: GCC 12 may free it twice; name it "
                             "first, then std::move it"});
  }

  const SourceFile& file_;
  const std::string& code_;
  std::vector<Frame> frames_;
  Findings findings_;
};

}  // namespace

Findings check_co_await(const SourceFile& file) {
  return is_cpp(file.path) ? StatementWalker(file).run() : Findings{};
}

}  // namespace spillway::tidy
