#pragma once
// Finds where a head ends while it is still coming in, looking at each byte once, and refuses early
// what cannot become a head. The verdict is the same however the bytes are split.

#include <spillway/http/limits.hpp>
#include <spillway/http/refusal.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace spillway::http {

class HeadScanner {
 public:
  /// Forgets the head before. `side`: who sends; a request may begin with any token character, a
  /// response only with `HTTP`.
  HeadScanner(const Limits& limits, base::Side side) : limits_(limits), side_(side) {}

  /// `held`: all bytes since the first of the head, more at each call; what follows the head may be
  /// there too. The size of the head with its blank line, or nothing while bytes are missing.
  /// Refuses a bare LF, a first byte that is not HTTP's, and (414, 431) a head over the limits.
  Judged<std::optional<std::size_t>> scan(std::string_view held);

 private:
  // The last offset at which the line being read may have its LF, and the refusal if it has not.
  [[nodiscard]] std::size_t last_line_end() const;
  [[nodiscard]] Refusal too_long() const;

  const Limits& limits_;
  base::Side side_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

}  // namespace spillway::http
