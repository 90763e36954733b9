#include "reading.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxValueShown = 100;
constexpr std::size_t kMaxNamesShown = 20;
constexpr std::size_t kMaxNameCompared = 64;

std::string_view name_of(NameKind kind) {
  switch (kind) {
    case NameKind::credential:
      return "credential";
    case NameKind::backend:
      return "backend";
    case NameKind::pool:
      return "pool";
    case NameKind::client:
      return "client";
  }
  return "name";
}

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      return "a map";
    default:
      return "empty";
  }
}

std::string mismatch(const Node& node, std::string_view expected) {
  if (node.kind == Node::Kind::null) return "has no value; expected " + std::string(expected);
  return "is " + std::string(name_of(node.kind)) + "; expected " + std::string(expected);
}

// How many characters to insert, delete, replace or swap with their neighbour (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> next(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      next[j] = std::min({replaced, row[j] + 1, next[j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) next[j] = std::min(next[j], above[j - 2] + 1);
    }
    above = std::exchange(row, std::move(next));
  }
  return row[b.size()];
}

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 || code == 0x7F;
}

}  // namespace

std::string show(const Value& value) {
  const std::string& written = value.node->text;
  std::string shown = '"' + base::json_escape(written, kMaxValueShown) + '"';
  if (has_substitution(written)) shown += " (after substitution)";
  return shown;
}

std::string did_you_mean(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.size() > kMaxNameCompared) return "";
  const std::string wanted = base::to_lower(written);
  std::size_t nearest = std::max<std::size_t>(1, written.size() / 3) + 1;
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, base::to_lower(candidate));
    if (distance >= nearest) continue;
    nearest = distance;
    found = &candidate;
  }
  return found == nullptr ? "" : " did you mean \"" + *found + "\"?";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == kMaxNamesShown) return out + " and " + std::to_string(names.size() - i) + " more";
    if (i > 0) out += ", ";
    out += names[i];
  }
  return out;
}

void Reading::report(const Value& where, std::string message) {
  report(where.node->mark, where.path, std::move(message));
}

void Reading::report(Mark mark, std::string path, std::string message) {
  if (problems_.size() > kMaxProblems) return;
  problems_.push_back({mark.line, mark.column, std::move(path), std::move(message)});
}

std::optional<std::string> Reading::text(const Value& value, std::string_view expected) {
  if (!is_kind(value, Node::Kind::scalar, expected)) return std::nullopt;
  auto expanded = substitution_.expand(value.node->text);
  if (!expanded) {
    report(value, expanded.message());
    return std::nullopt;
  }
  if (std::any_of(expanded->begin(), expanded->end(), is_control)) {
    report(value,
           "holds a line break or another control character; expected " + std::string(expected));
    return std::nullopt;
  }
  return std::move(*expanded);
}

bool Reading::is_kind(const Value& value, Node::Kind kind, std::string_view expected) {
  if (value.node->kind == kind) return true;
  if (value.node->kind != Node::Kind::refused) report(value, mismatch(*value.node, expected));
  return false;
}

void Reading::define(NameKind kind, const std::string& name, const Value& where) {
  const bool is_written = where.node->kind == Node::Kind::scalar;
  const auto [first, is_new] = definitions_[kind].try_emplace(
      name, Definition{is_written ? where.node->text : name, where.node->mark.line});
  if (is_new) return;
  report(where, show(where) + " is already the name of another " + std::string(name_of(kind)) +
                    " (line " + std::to_string(first->second.line) + ")");
}

void Reading::refer(NameKind kind, const std::string& name, const Value& where) {
  references_.push_back({kind, name, show(where), where.node->mark, where.path});
}

bool Reading::is_defined(NameKind kind, const std::string& name) const {
  const auto names = definitions_.find(kind);
  return names != definitions_.end() && names->second.contains(name);
}

void Reading::resolve_references() {
  for (const Reference& reference : references_) {
    if (is_defined(reference.kind, reference.name)) continue;
    std::vector<std::string> names;
    for (const auto& [name, definition] : definitions_[reference.kind]) {
      names.push_back(definition.written);
    }
    const std::string kind(name_of(reference.kind));
    std::string message = reference.shown + " is not a defined " + kind + ";";
    message += did_you_mean(reference.name, names);
    message += names.empty() ? " no " + kind + " is defined" : " defined: " + joined(names);
    report(reference.mark, reference.path, std::move(message));
  }
}

void Reading::use_file(const Value& where, const std::string& file) {
  files_.push_back({file, where.path, where.node->mark.line, where.node->mark.column});
}

std::optional<std::string> Reading::environment(const std::string& name) const {
  return sources_.environment ? sources_.environment(name) : std::nullopt;
}

}  // namespace spillway::config
