#include "prompt_measure.hpp"

#include <spillway/base/byte_scan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace spillway::aoai {
namespace {

constexpr std::size_t kHashedBytes = 1024;
// How much longer the escapes are than the one character each of them stands for.
std::uint64_t count_escape_excess(std::string_view inside) {
  std::uint64_t excess = 0;
  auto at = inside.find('\\');
  while (at != std::string_view::npos) {
    const std::size_t length = inside[at + 1] == 'u' ? 6 : 2;
    excess += length - 1;
    at = inside.find('\\', at + length);
  }
  return excess;
}

// The mixing step of splitmix64.
std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 30U;
  value *= 0xBF58476D1CE4E5B9ULL;
  value ^= value >> 27U;
  value *= 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

std::uint64_t absorb(std::uint64_t state, std::string_view text) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    state = (state ^ base::bytes::load_word(at)) * kFactor;
    state ^= state >> 32U;
  }
  std::uint64_t rest = 0;
  if (left != 0) std::memcpy(&rest, at, left);
  state = (state ^ rest) * kFactor;
  return mix(state ^ text.size());
}

}  // namespace

std::uint64_t count_characters(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  return inside.size() - base::count_continuation_bytes(inside) - count_escape_excess(inside);
}

std::uint64_t hash_prompt(std::string_view instructions, std::string_view prompt) {
  if (instructions.empty() && prompt.empty()) return 0;
  instructions = instructions.substr(0, kHashedBytes);
  prompt = prompt.substr(0, kHashedBytes - instructions.size());
  return std::max<std::uint64_t>(absorb(absorb(0, instructions), prompt), 1);
}

}  // namespace spillway::aoai
