#pragma once
// The text of a file as a tree of nodes that know where they stand. YAML without the parts that a
// configuration does not need and an attacker could use: anchors, aliases, merge keys, tags,
// several documents, endless size and depth. Built from yaml-cpp's events, so nothing is ever
// expanded.

#include <spillway/config/load.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::config {

inline constexpr std::size_t kMaxFileBytes = 1U << 20U;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 100'000;
inline constexpr std::size_t kMaxProblems = 1000;

/// 1-based.
struct Mark {
  int line = 1;
  int column = 1;
};

struct Entry;

struct Node {
  enum class Kind : std::uint8_t {
    null,
    scalar,
    sequence,
    map,
    refused,  // an alias, say: reported already, to be passed over
  };

  Kind kind = Kind::null;
  Mark mark;
  std::string text;            // of a scalar, as written: nothing substituted
  bool is_quoted = false;      // '...', "...", | or >
  std::vector<Node> items;     // of a sequence
  std::vector<Entry> entries;  // of a map, each key once
};

struct Entry {
  std::string key;
  Mark key_mark;
  Node value;
};

struct Tree {
  std::optional<Node> root;  // nothing for an empty file, or where reading had to stop
  std::vector<Problem> problems;
};

/// Throws nothing but std::bad_alloc. Columns count bytes.
Tree read_tree(std::string_view yaml);

/// What follows `path` in the path of one of its entries: `.key`, or `key` at the top. A long or
/// strange key is cut and escaped.
std::string child_path(const std::string& path, std::string_view key);

}  // namespace spillway::config
