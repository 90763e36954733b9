#pragma once
// What one reading of a configuration carries along: the problems so far, the substitutions, the
// names that were defined and referred to, and the files that were named.

#include "substitution.hpp"
#include "yaml_tree.hpp"
#include <spillway/config/load.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace spillway::config {

/// A node and the path by which it was reached.
struct Value {
  const Node* node;  // never null; owned by the tree
  std::string path;
};

/// The four kinds of names by which parts of a configuration refer to each other.
enum class NameKind : std::uint8_t { credential, backend, pool, client };

class Reading {
 public:
  /// `sources` must outlive this.
  explicit Reading(const Sources& sources) : sources_(sources), substitution_(sources) {}

  /// Problems beyond kMaxProblems and one are dropped.
  void report(const Value& where, std::string message);
  void report(Mark mark, std::string path, std::string message);

  /// The text of a scalar after substitution; nothing where it is not a scalar, cannot be
  /// substituted or holds control characters, which has been reported then. `expected` completes
  /// "expected ...".
  std::optional<std::string> text(const Value& value, std::string_view expected);

  /// Reports unless the value is a sequence or a map of the wanted kind.
  bool is_kind(const Value& value, Node::Kind kind, std::string_view expected);

  /// Reports a second definition of the same name.
  void define(NameKind kind, const std::string& name, const Value& where);
  void refer(NameKind kind, const std::string& name, const Value& where);
  [[nodiscard]] bool is_defined(NameKind kind, const std::string& name) const;
  /// Reports every reference to a name that was never defined. To be called last.
  void resolve_references();

  void use_file(const Value& where, const std::string& file);
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) const;

  std::vector<Problem> take_problems() { return std::move(problems_); }
  std::vector<FileUse> take_files() { return std::move(files_); }

 private:
  struct Definition {
    std::string written;  // a name may come from a substitution, which messages do not show
    int line;
  };
  struct Reference {
    NameKind kind;
    std::string name;
    std::string shown;
    Mark mark;
    std::string path;
  };
  using Definitions = std::map<std::string, Definition, std::less<>>;

  const Sources& sources_;
  Substitution substitution_;
  std::vector<Problem> problems_;
  std::map<NameKind, Definitions> definitions_;
  std::vector<Reference> references_;
  std::vector<FileUse> files_;
};

/// A scalar as it stands in the file, quoted for a message: what was substituted is not shown.
std::string show(const Value& value);

/// ` did you mean "x"?` for the candidate nearest to `written`, if one is near; else nothing.
std::string did_you_mean(std::string_view written, const std::vector<std::string>& candidates);

/// `a, b, c`; long lists end in `and N more`.
std::string joined(const std::vector<std::string>& names);

}  // namespace spillway::config
