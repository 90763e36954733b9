#pragma once
// The time inside an event: the backend writes it, the load subtracts it from its own.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace spillway::bench {

constexpr std::string_view kStampMark = "fp_";
constexpr std::string_view kNoStamp = "0000000000000000000";  // as many digits as a stamp has

inline std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// Writes kNoStamp.size() digits.
inline void write_stamp(char* out) {
  std::int64_t left = now_ns();
  for (std::size_t i = kNoStamp.size(); i-- > 0; left /= 10)
    out[i] = static_cast<char>('0' + left % 10);
}

/// Of the digits behind a mark; 0: never stamped.
inline std::int64_t read_stamp(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace spillway::bench
