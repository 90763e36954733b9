#pragma once
// Reads JSON (RFC 8259) as it goes by, in any split of its bytes, and tells a visitor what stands
// where. Holds no more than one key and the beginning of one scalar. For answers of backends: they
// may be large, come in pieces, and must never be re-serialised. (Requests, which lie whole in
// memory, are read by request_facts.)

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace spillway::aoai::json {

/// A member's name, numbered by the visitor that asked for it. 0: none of its names.
using NameId = std::uint8_t;
inline constexpr NameId kOtherName = 0;
inline constexpr NameId kElement = 0xFF;  // no member: an element of an array

/// Where a value stands: the names from the outermost container inwards, at most 7 (deeper values
/// are not delivered). The whole text has the empty path. One word, so that it can be compared and
/// switched on.
class Path {
 public:
  static constexpr int kMaxDepth = 7;

  constexpr Path() = default;
  constexpr Path(std::initializer_list<NameId> names) {
    for (const NameId name : names)
      *this = child(name);
  }

  [[nodiscard]] constexpr int depth() const { return static_cast<int>(packed_ >> kDepthShift); }
  /// The innermost name; kOtherName for the empty path.
  [[nodiscard]] constexpr NameId last() const { return static_cast<NameId>(packed_ & 0xFFU); }
  /// The outermost `depth` names; `depth` is at most depth().
  [[nodiscard]] constexpr Path outer(int depth) const {
    Path path = *this;
    while (path.depth() > depth)
      path = path.parent();
    return path;
  }
  /// Only below kMaxDepth.
  [[nodiscard]] constexpr Path child(NameId name) const {
    Path path;
    path.packed_ = (((names() << 8U) | name) & kNames) | (packed_ & ~kNames);
    path.packed_ += std::uint64_t{1} << kDepthShift;
    return path;
  }
  /// Not of the empty path.
  [[nodiscard]] constexpr Path parent() const {
    Path path;
    path.packed_ = (names() >> 8U) | (packed_ & ~kNames);
    path.packed_ -= std::uint64_t{1} << kDepthShift;
    return path;
  }
  /// For `case Path{…}.packed():`.
  [[nodiscard]] constexpr std::uint64_t packed() const { return packed_; }
  friend constexpr bool operator==(Path, Path) = default;

 private:
  static constexpr unsigned kDepthShift = 56;
  static constexpr std::uint64_t kNames = (std::uint64_t{1} << kDepthShift) - 1;
  [[nodiscard]] constexpr std::uint64_t names() const { return packed_ & kNames; }

  std::uint64_t packed_ = 0;
};

enum class Kind : std::uint8_t { object, array, string, number, literal };

struct Scalar {
  Kind kind = Kind::literal;
  /// A string decoded to UTF-8, a number or literal as it stands there; the first 256 bytes of it.
  std::string_view text;
  bool is_whole = true;        // `text` is all of it
  std::size_t characters = 0;  // of a string: its Unicode characters, also beyond `text`

  [[nodiscard]] bool is_null() const { return kind == Kind::literal && text == "null"; }
};

/// What a Scanner calls. The views are good during the call only.
class Visitor {
 public:
  virtual ~Visitor() = default;

  /// The number of a key (decoded). Keys longer than 64 bytes are kOtherName without asking.
  virtual NameId name_of(std::string_view key) = 0;
  /// Whether the scalar that begins here is to be delivered.
  virtual bool wants(Path path) = 0;
  virtual void on_scalar(Path path, const Scalar& scalar) = 0;
  /// An object or array begins; false: nothing inside it is to be told. Its end is told either way.
  virtual bool on_begin(Path path, Kind kind) = 0;
  virtual void on_end(Path path, Kind kind) = 0;
};

/// One JSON text. What is malformed, or nested deeper than 64 levels, stops it for good: what was
/// told so far stays told. UTF-8 is not checked, and of what nothing is told only that strings end
/// and brackets match.
class Scanner {
 public:
  static constexpr std::size_t kMaxKey = 64;
  static constexpr std::size_t kMaxText = 256;

  /// The next bytes, in order; time linear in their number, no allocation.
  void observe(std::string_view bytes, Visitor& visitor);

  /// Ready for another text.
  void reset();

  /// The text was a whole one. Numbers at top level have no end of their own and never are.
  [[nodiscard]] bool is_complete() const { return state_ == State::complete; }
  [[nodiscard]] bool is_malformed() const { return state_ == State::malformed; }

 private:
  class Run;
  enum class State : std::uint8_t {
    value,
    first_element,  // or the end of an array
    first_key,      // or the end of an object
    key,            // after a comma
    colon,
    comma,   // or the end of the container
    string,  // inside a key or a value
    escape,  // after a backslash
    unicode_escape,
    token,  // a number or a literal
    quiet,  // inside a container of which nothing is told
    complete,
    malformed,
  };

  enum class String : std::uint8_t { key, value };

  State state_ = State::value;
  String string_ = String::value;  // being read
  bool is_wanted_ = false;         // what is being read is told
  bool has_part_ = false;          // of it something has come already
  bool is_cut_ = false;            // `text_` is not all of it
  std::uint8_t level_ = 0;         // open containers
  std::uint8_t quiet_ = 0;         // the level inside which nothing is told; 0: everything is
  std::uint8_t digits_ = 0;        // of a \u escape
  NameId name_ = kOtherName;       // of the value that comes next, in an object
  std::uint16_t code_unit_ = 0;
  std::uint16_t high_surrogate_ = 0;  // of an escape just before; 0: none
  std::uint16_t text_length_ = 0;
  Path path_;                  // of the innermost container whose path can be said
  std::uint64_t objects_ = 0;  // lowest bit: the innermost container is an object
  std::size_t characters_ = 0;
  std::array<char, kMaxText> text_{};
};

}  // namespace spillway::aoai::json
