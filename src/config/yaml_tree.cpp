#include "yaml_tree.hpp"

#include <spillway/base/text.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxKeyShown = 64;

Mark mark_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Thrown through yaml-cpp to end the reading; its problem is in the tree by then.
class Stop : public std::exception {};

// One open map or sequence while the events come in.
struct Frame {
  Node node;
  std::map<std::string, int, std::less<>> lines;  // of a map's keys so far
  std::optional<Entry> entry;                     // the key that waits for its value
  bool is_entry_refused = false;                  // its key was reported: drop the value too
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Tree& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark_of(mark), "a second YAML document begins here; write only one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(begin(mark, anchor, ""));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Node node = begin(mark, 0, "");
    refuse(node, "YAML aliases (*name) are not supported; write the value out");
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = begin(mark, anchor, tag);
    if (node.kind != Node::Kind::refused) node.kind = Node::Kind::scalar;
    node.text = value;
    node.is_quoted = tag == "!";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(begin(mark, anchor, tag), Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(begin(mark, anchor, tag), Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  Node begin(const YAML::Mark& where, YAML::anchor_t anchor, std::string_view tag) {
    Node node;
    node.mark = mark_of(where);
    if (++nodes_ > kMaxNodes) stop(node.mark, "the file has more than 100000 values");
    if (anchor != 0) refuse(node, "YAML anchors (&name) are not supported; write the value out");
    // "?" is plain and "!" quoted, both without a tag of their own.
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse(node, "YAML tags (!name) are not supported; write the value alone");
    }
    return node;
  }

  void open(Node node, Node::Kind kind) {
    if (frames_.size() >= kMaxDepth) stop(node.mark, "nested more than 32 levels deep");
    if (node.kind != Node::Kind::refused) node.kind = kind;
    Frame frame;
    frame.node = std::move(node);
    // Of a refused collection the content is still walked through, as what it is, and then dropped.
    is_map_.push_back(kind == Node::Kind::map);
    frames_.push_back(std::move(frame));
  }

  void close() {
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    is_map_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (frames_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (!is_map_.back()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.entry) {
      add_key(frame, std::move(node));
    } else {
      // yaml-cpp places an absent value at the next token, which may be lines away.
      if (node.kind == Node::Kind::null) node.mark = frame.entry->key_mark;
      frame.entry->value = std::move(node);
      if (!frame.is_entry_refused) frame.node.entries.push_back(std::move(*frame.entry));
      frame.entry.reset();
    }
  }

  void add_key(Frame& frame, Node key) {
    frame.is_entry_refused = true;
    if (key.kind == Node::Kind::refused) {
      // Said already.
    } else if (key.kind != Node::Kind::scalar) {
      refuse(key, "a key must be a plain text");
    } else if (key.text == "<<" && !key.is_quoted) {
      refuse(key, "YAML merge keys (<<) are not supported; write the values out");
    } else if (const auto [first, is_new] = frame.lines.try_emplace(key.text, key.mark.line);
               !is_new) {
      const int line = first->second;
      report(key.mark, child_path(path(), key.text),
             "duplicate key; it is already set in line " + std::to_string(line));
    } else {
      frame.is_entry_refused = false;
    }
    frame.entry = Entry{std::move(key.text), key.mark, Node{}};
  }

  void refuse(Node& node, std::string message) {
    report(node.mark, path(), std::move(message));
    node.kind = Node::Kind::refused;
  }

  void report(Mark mark, std::string where, std::string message) {
    tree_.problems.push_back({mark.line, mark.column, std::move(where), std::move(message)});
    if (tree_.problems.size() > kMaxProblems) throw Stop();
  }

  [[noreturn]] void stop(Mark mark, std::string message) {
    tree_.problems.push_back({mark.line, mark.column, path(), std::move(message)});
    throw Stop();
  }

  // Of the value that is being read now.
  [[nodiscard]] std::string path() const {
    std::string out;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      if (!is_map_[i]) {
        out += "[" + std::to_string(frames_[i].node.items.size()) + "]";
      } else if (frames_[i].entry) {
        out = child_path(out, frames_[i].entry->key);
      }
    }
    return out;
  }

  Tree& tree_;
  std::vector<Frame> frames_;
  std::vector<bool> is_map_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

std::optional<Problem> problem_at(std::string_view yaml, std::size_t offset, std::string message) {
  const std::string_view before = yaml.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const auto column = offset - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return Problem{static_cast<int>(line), static_cast<int>(column), "", std::move(message)};
}

bool is_text(char c) {
  const auto code = static_cast<unsigned char>(c);
  const bool is_control = code < 0x20 || code == 0x7F;
  const bool is_never_utf8 = code == 0xC0 || code == 0xC1 || code >= 0xF5;
  return c == '\n' || c == '\r' || c == '\t' || !(is_control || is_never_utf8);
}

// What can be refused before yaml-cpp 0.7 sees it: it takes U+0004 for the end of the file and
// guesses at UTF-16, and it keeps every `[` of a line until it has seen the 1024 characters after
// it.
std::optional<Problem> refuse_early(std::string_view yaml) {
  if (yaml.size() > kMaxFileBytes) return Problem{0, 0, "", "the file is larger than 1MiB"};
  const auto odd = std::find_if_not(yaml.begin(), yaml.end(), is_text);
  if (odd != yaml.end()) {
    return problem_at(yaml, static_cast<std::size_t>(odd - yaml.begin()),
                      "a control character or a byte that is not UTF-8; write UTF-8 text");
  }
  const auto opens =
      std::count_if(yaml.begin(), yaml.end(), [](char c) { return c == '[' || c == '{'; });
  if (static_cast<std::size_t>(opens) > kMaxNodes) {
    return Problem{0, 0, "", "the file has more than 100000 opening brackets"};
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view yaml, int line) {
  for (int i = 1; i < line; ++i) {
    const auto end = yaml.find('\n');
    if (end == std::string_view::npos) return {};
    yaml.remove_prefix(end + 1);
  }
  return yaml.substr(0, yaml.find('\n'));
}

// yaml-cpp's own words, and a hint where they are known to lead astray.
std::string syntax_message(const YAML::Exception& error, std::string_view yaml) {
  std::string message = "YAML syntax: " + error.msg;
  const std::string_view line = line_of(yaml, mark_of(error.mark).line);
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
    return message + "; a tab must not indent a line, write spaces";
  }
  const bool is_flow_end = error.msg.find("flow not found") != std::string::npos;
  if (is_flow_end && yaml.find("${") != std::string_view::npos) {
    message += "; inside { } and [ ] a ${...} must be in quotes";
  }
  return message;
}

}  // namespace

std::string child_path(const std::string& path, std::string_view key) {
  const std::string shown = base::json_escape(key, kMaxKeyShown);
  return path.empty() ? shown : path + "." + shown;
}

Tree read_tree(std::string_view yaml) {
  Tree tree;
  if (auto problem = refuse_early(yaml)) {
    tree.problems.push_back(std::move(*problem));
    return tree;
  }
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    TreeBuilder builder(tree);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    tree.root.reset();
  } catch (const YAML::Exception& error) {
    const Mark mark = mark_of(error.mark);
    tree.problems.push_back({mark.line, mark.column, "", syntax_message(error, yaml)});
    tree.root.reset();
  }
  return tree;
}

}  // namespace spillway::config
