#pragma once
// The usage of an answer that is no event stream, in any split of its bytes. Usually all of it
// comes at once, and then nothing is kept for its sake.

#include <spillway/aoai/usage.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace spillway::aoai {

class BodyUsage {
 public:
  BodyUsage();
  BodyUsage(BodyUsage&&) noexcept;
  BodyUsage& operator=(BodyUsage&&) noexcept;
  ~BodyUsage();

  /// How many bytes the text has, where that is known before the first: of one that comes whole and
  /// ends with `usage` nothing else is looked at then.
  void expect_length(std::uint64_t bytes) { length_ = bytes; }
  /// The next bytes of a JSON text, in order; time linear in their number.
  void observe(std::string_view bytes);

  /// As read_usage() of what has come, if that is the beginning of a JSON text.
  [[nodiscard]] const Usage& usage() const;

 private:
  struct InPieces;

  Usage of_whole_;
  std::optional<std::uint64_t> length_;
  bool is_whole_ = false;  // the text has ended; whatever comes behind it changes nothing
  std::unique_ptr<InPieces> in_pieces_;
};

}  // namespace spillway::aoai
