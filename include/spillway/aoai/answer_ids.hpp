#pragma once
// Reads the ids out of an answer as it goes by, JSON or server-sent events, in any split: what to
// teach routing::Affinity. Holds no byte of it but the id being read. Only for calls of which
// remembers_answer_ids() is true.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// Takes values of "id" whose containers are, up to the root, only `response`, `conversation`,
/// `thread`, `item`, `output`, `data` and their arrays: what a caller can put into an answer
/// (metadata, tool arguments, texts) names nothing. The root's own id may have any id's shape, the
/// others must be is_stateful_id(). Also "container_id", "output_file_id", "error_file_id",
/// "thread_id" there.
class AnswerIds {
 public:
  /// Beyond this many distinct ids of one answer nothing more is taken.
  static constexpr std::size_t kMaxTaken = 512;

  /// The next bytes of the body, in order, as they are without Content-Encoding.
  void observe(std::string_view bytes);

  /// The ids read since the last call, each once in a stream of repetitions of the latest few.
  /// A response's own id stands in its first event: ask after each read, so that a follow-up that
  /// comes before the end finds it.
  std::vector<std::string> take();

  /// Cheaper than take() where there is mostly nothing.
  [[nodiscard]] bool has_ids() const { return !found_.empty(); }

 private:
  std::vector<std::string> found_;
};

/// The id that a Location header ends with (`POST …/realtime/calls`: wire reference §1.4), without
/// its query; empty if that is none.
std::string id_in_location(std::string_view location);

}  // namespace spillway::aoai
