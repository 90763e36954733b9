#pragma once
// Reads the ids out of an answer as it goes by, JSON or server-sent events, in any split: what to
// teach routing::Affinity. Holds no byte of it but the id being read. Only for calls of which
// remembers_answer_ids() is true.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// Takes the values of "id", "container_id", "file_id", "thread_id", "output_file_id", … and the
/// elements of "result_files" whose containers are, up to the root, all of those that a backend
/// fills: `response`, `item`, `output`, `data`, `content`, `annotations`, … and arrays of them.
/// What a caller can put into an answer (metadata, tool arguments, texts) names nothing. The root's
/// own id may have any id's shape, the others must be is_stateful_id().
class AnswerIds {
 public:
  /// Beyond this many ids of one answer nothing more is taken.
  static constexpr std::size_t kMaxTaken = 512;

  /// The next bytes of the body, in order, as they are without Content-Encoding.
  void observe(std::string_view bytes);

  /// The ids read since the last call, without repetitions of the latest sixteen. A response's id
  /// stands in its first event: ask after each read, so that a follow-up that comes before the end
  /// finds it.
  std::vector<std::string> take();

  /// Cheaper than take() where there is mostly nothing.
  [[nodiscard]] bool has_ids() const { return !found_.empty(); }

 private:
  enum class Key : std::uint8_t { other, id, inner_id, id_list, container };
  static constexpr std::size_t kRemembered = 16;

  static Key key_of(std::string_view text);
  [[nodiscard]] bool is_open_to_ids() const { return allowed_depth_ == depth_; }
  [[nodiscard]] bool is_in_object() const { return (objects_ & 1U) != 0; }
  void read_structure(char c);
  void read_string(char c);
  void begin_string();
  void end_string();
  void open(char c);
  void close();
  void add_found();
  void start_over();

  bool is_in_string_ = false;
  bool is_escaped_ = false;    // the next character of the string
  bool is_captured_ = false;   // the string goes to text_
  bool is_key_next_ = false;   // known where is_open_to_ids() only
  Key key_ = Key::other;       // of the value that comes next
  std::uint64_t objects_ = 0;  // lowest bit: the innermost allowed container is an object
  std::size_t depth_ = 0;
  std::size_t allowed_depth_ = 0;  // of the outer containers, how many may hold ids
  std::string text_;               // the key or id being read
  std::vector<std::string> found_;
  std::size_t taken_count_ = 0;
  std::array<std::size_t, kRemembered> latest_{};  // hashes
};

/// The id that a Location header ends with (`POST …/realtime/calls`: wire reference §1.4), without
/// its query; empty if that is none.
std::string id_in_location(std::string_view location);

}  // namespace spillway::aoai
